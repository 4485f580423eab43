"""The gate's decisions in the document store: written once, read newest first."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from forecasting.adapters.store.collections import DECISIONS
from forecasting.adapters.store.newest import Asked, Page, newest_page
from forecasting.adapters.store.port import DocumentStore

MOST_SHOWN = 20


class DecisionLog:
    """Decisions over a `DocumentStore`."""

    def __init__(self, store: DocumentStore) -> None:
        self._store = store

    def write(self, document: Mapping[str, Any]) -> None:
        """Keep a decision; the same one again changes nothing."""
        self._store.put_new(DECISIONS, [document])

    def find(
        self, horizon: str | None = None, version: int | None = None, limit: int | None = MOST_SHOWN
    ) -> list[dict[str, Any]]:
        """Decisions on a horizon or on all, on one version or on all of them, the newest first."""
        equal = {} if horizon is None else {"horizon": horizon}
        most = limit if version is None else None
        found = self._store.find(DECISIONS, equal, sort="decided_ms", descending=True, limit=most)
        documents = [each for each in found if version is None or each["version"] == version]
        return documents[:limit]

    def page(
        self, horizon: str | None, outcome: str | None, before_ms: int | None, limit: int = MOST_SHOWN
    ) -> Page:
        """Decisions made before a moment (epoch milliseconds UTC), on a horizon and of an outcome where these are given."""
        equal = {} if horizon is None else {"horizon": horizon}
        asked = Asked(
            DECISIONS, "decided_ms", equal, lambda document: outcome in {None, document.get("outcome")}
        )
        return newest_page(self._store, asked, before_ms, limit)

    def latest_on(self, model_id: str) -> dict[str, Any] | None:
        """Return the newest decision on a bundle, as in `1h-3f1c0a9b7d2e`; None where the gate was never asked."""
        newest = self._store.find(
            DECISIONS, {"model_id": model_id}, sort="decided_ms", descending=True, limit=1
        )
        return next(newest, None)

    def get(self, decision_id: str) -> dict[str, Any] | None:
        """Return the decision of that id; None where there is none."""
        return self._store.get(DECISIONS, decision_id)
