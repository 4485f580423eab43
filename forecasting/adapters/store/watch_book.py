"""What was found of each model in production when it was watched last, in the document store.

The evidence itself is in `monitor_book`; this is what a person is told of it, for those who cannot compute it: the
figures of live forecasts need the bundle and all candles since.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from forecasting.adapters.store.collections import WATCHES
from forecasting.adapters.store.port import ID, DocumentStore


@dataclass(frozen=True, slots=True)
class Watched:
    """What was found of a model, and when, epoch milliseconds UTC."""

    found: Mapping[str, Any]
    watched_ms: int


class WatchBook:
    """The last finding on each model, over a `DocumentStore`."""

    def __init__(self, store: DocumentStore) -> None:
        self._store = store

    def keep(self, found: Mapping[str, Any], watched_ms: int | None = None) -> None:
        """Keep what was found of the model `model_name`, instead of what was found before.

        `watched_ms` is the moment of the finding, epoch milliseconds UTC; None is now.
        """
        moment_ms = time.time_ns() // 1_000_000 if watched_ms is None else watched_ms
        document = {ID: found["model_name"], "watched_ms": moment_ms, "found": dict(found)}
        self._store.put(WATCHES, document)

    def get(self, model_name: str) -> Watched | None:
        """Return what was found last; None where the model was never watched."""
        document = self._store.get(WATCHES, model_name)
        return None if document is None else Watched(document["found"], document["watched_ms"])
