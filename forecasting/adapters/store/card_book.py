"""Model cards in the document store: what is known of each registered version, for those who cannot ask MLflow."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from forecasting.adapters.store.collections import MODEL_CARDS
from forecasting.adapters.store.newest import Asked, Page, newest_page
from forecasting.adapters.store.port import ID, Document, DocumentStore


class CardBook:
    """Model cards over a `DocumentStore`, one for each bundle, under its digest."""

    def __init__(self, store: DocumentStore) -> None:
        self._store = store

    def keep(self, card: Mapping[str, Any]) -> None:
        """Write a card, instead of the one of the same `digest`."""
        self._store.put(MODEL_CARDS, {ID: card["digest"], **card})

    def get(self, model_id: str) -> dict[str, Any] | None:
        """Return the card of a model, as in `1h-3f1c0a9b7d2e`; None where there is none."""
        return next(self._store.find(MODEL_CARDS, {"model_id": model_id}, limit=1), None)

    def of_model(self, model_name: str) -> Iterator[dict[str, Any]]:
        """Cards of all versions of a registered model, as in `forecast-1h`."""
        return self._store.find(MODEL_CARDS, {"model_name": model_name})

    def page(
        self,
        model_name: str | None,
        keep: Callable[[Document], bool],
        before_ms: int | None,
        limit: int,
    ) -> Page:
        """Cards of versions that were registered before a moment (epoch milliseconds UTC) and are wanted, the newest first."""
        equal = {} if model_name is None else {"model_name": model_name}
        return newest_page(self._store, Asked(MODEL_CARDS, "registered_ms", equal, keep), before_ms, limit)

    def remove(self, digest: str) -> bool:
        """Remove the card of a bundle; False where there is none."""
        return self._store.delete(MODEL_CARDS, digest)
