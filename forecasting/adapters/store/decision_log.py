"""The gate's decisions in the document store: written once, read newest first."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from forecasting.adapters.store.collections import DECISIONS
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
