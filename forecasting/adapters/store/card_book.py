"""Model cards in the document store: what is known of each registered version, for those who cannot ask MLflow."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from forecasting.adapters.store.collections import MODEL_CARDS
from forecasting.adapters.store.newest import Asked, Page, newest_page
from forecasting.adapters.store.port import ID, Document, DocumentStore
from forecasting.documents import canonical_json

# Nine tenths of a card, which no list tells: kept as bytes, which a search may leave unread.
DETAILS = ("importances", "explanation", "parameters", "metrics", "libraries")


class CardBook:
    """Model cards over a `DocumentStore`, one for each bundle, under its digest.

    The head of a card is what is told of a version in a list: all but its `DETAILS`. A card that was written before cards
    had heads is whole wherever it is read.
    """

    def __init__(self, store: DocumentStore) -> None:
        self._store = store

    def keep(self, card: Mapping[str, Any]) -> None:
        """Write a card, instead of the one of the same `digest`."""
        head = {name: value for name, value in card.items() if name not in DETAILS}
        details = canonical_json({name: card[name] for name in DETAILS if name in card})
        self._store.put(MODEL_CARDS, {ID: card["digest"], **head, "details": details})

    def get(self, model_id: str) -> dict[str, Any] | None:
        """Return the whole card of a model, as in `1h-3f1c0a9b7d2e`; None where there is none."""
        card = next(self._store.find(MODEL_CARDS, {"model_id": model_id}, limit=1), None)
        return None if card is None else card | json.loads(card.pop("details", b"{}"))

    def head(self, model_id: str) -> dict[str, Any] | None:
        """Return the head of a model's card; None where there is none."""
        return next(self._store.find(MODEL_CARDS, {"model_id": model_id}, limit=1, blobs=False), None)

    def of_model(self, model_name: str) -> Iterator[dict[str, Any]]:
        """Heads of the cards of all versions of a registered model, as in `forecast-1h`."""
        return self._store.find(MODEL_CARDS, {"model_name": model_name}, blobs=False)

    def page(
        self,
        model_name: str | None,
        keep: Callable[[Document], bool],
        before_ms: int | None,
        limit: int,
    ) -> Page:
        """Heads of the cards that are wanted of versions registered before a moment (epoch ms UTC), the newest first."""
        equal = {} if model_name is None else {"model_name": model_name}
        return newest_page(self._store, Asked(MODEL_CARDS, "registered_ms", equal, keep), before_ms, limit)

    def remove(self, digest: str) -> bool:
        """Remove the card of a bundle; False where there is none."""
        return self._store.delete(MODEL_CARDS, digest)
