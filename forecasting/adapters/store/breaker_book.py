"""Breakers that opened, in the document store: one document for each bundle, breaker and market, kept when it closes.

Whoever watches a model opens its breakers here; all servers follow. An alert is written before the document, under an
id that both share, so each opening is told once, whoever else saw it and whoever was killed meanwhile.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from forecasting.adapters.store.alerts import Alert, AlertBook
from forecasting.adapters.store.collections import BREAKERS
from forecasting.adapters.store.port import ID, VERSION, Document, DocumentStore
from forecasting.monitoring.trip import Trip
from forecasting.types import utc_iso

BREAKER_OPEN = "breaker-open"
OPEN, CLOSED = "open", "closed"
TRIES = 5


def wall_clock_ms() -> int:
    """Now, epoch milliseconds UTC."""
    return time.time_ns() // 1_000_000


@dataclass(frozen=True, slots=True)
class Watched:
    """The bundle whose breakers they are.

    Attributes
    ----------
    model_name, model_id
        As in `forecast-1h` and `1h-3f1c0a9b7d2e`.
    bundle
        Digest.
    """

    model_name: str
    model_id: str
    bundle: str


@dataclass(frozen=True, slots=True)
class KeptBreaker:
    """A breaker as its document tells it.

    Attributes
    ----------
    watched
        The bundle.
    trip
        Why it opened last.
    is_open
        Whether it is open.
    changed_ms
        When it opened or closed last, epoch milliseconds UTC.
    closed_by
        Who closed it; empty while it is open.
    """

    watched: Watched
    trip: Trip
    is_open: bool
    changed_ms: int
    closed_by: str

    @property
    def sentence(self) -> str:
        """What a person is told of it."""
        return told(self.watched.model_id, self.trip)


def told(model_id: str, trip: Trip) -> str:
    """Say which breaker of a model is open, and why."""
    return f"breaker {trip.breaker} of {model_id} is open since {utc_iso(trip.at_ms)}: {trip.reason}"


class BreakerBook:
    """Breakers over a `DocumentStore`."""

    def __init__(self, store: DocumentStore, clock: Callable[[], int] = wall_clock_ms) -> None:
        self._store = store
        self._clock = clock

    def open(self, watched: Watched, trip: Trip) -> bool:
        """Keep that a breaker opened, and raise its alert; False when it was open already."""
        for _ in range(TRIES):
            before = self._store.get(BREAKERS, _id(watched.bundle, trip))
            if before is not None and before["state"] == OPEN:
                return False
            version = 1 if before is None else before[VERSION] + 1
            document = _document(watched, trip, version) | {"state": OPEN, "changed_ms": self._clock()}
            alert = _alert(document, trip)
            AlertBook(self._store).keep(alert)
            if self._store.compare_and_set(BREAKERS, document, version - 1 or None):
                AlertBook(self._store).announce(alert)
                return True
        return False

    def close(self, watched: Watched, breaker: str, symbol: str, who: str) -> bool:
        """Keep that a breaker is closed; False when it was not open."""
        for _ in range(TRIES):
            before = self._store.get(BREAKERS, f"{watched.bundle}|{breaker}|{symbol}")
            if before is None or before["state"] != OPEN:
                return False
            changed = {"state": CLOSED, "closed_by": who, "changed_ms": self._clock()}
            if self._store.compare_and_set(
                BREAKERS, {**before, **changed, VERSION: before[VERSION] + 1}, before[VERSION]
            ):
                return True
        return False

    def open_ones(self) -> list[KeptBreaker]:
        """All that are open, of all bundles, those that opened first before the others."""
        return [_kept(each) for each in self._store.find(BREAKERS, {"state": OPEN}, sort="changed_ms")]

    def of_bundle(self, bundle: str) -> list[KeptBreaker]:
        """All that ever opened of a bundle."""
        return [_kept(each) for each in self._store.find(BREAKERS, {"bundle": bundle})]


def _id(bundle: str, trip: Trip) -> str:
    return f"{bundle}|{trip.breaker}|{trip.symbol}"


def _document(watched: Watched, trip: Trip, version: int) -> dict[str, Any]:
    return {
        ID: _id(watched.bundle, trip),
        VERSION: version,
        "model_name": watched.model_name,
        "model_id": watched.model_id,
        "bundle": watched.bundle,
        "trip": trip.to_document(),
        "closed_by": "",
    }


def _alert(document: Document, trip: Trip) -> Alert:
    facts = {"model": document["model_id"], "breaker": trip.breaker, "reason": trip.reason}
    if trip.symbol:
        facts["symbol"] = trip.symbol
    return Alert(f"{document[ID]}|{document[VERSION]}", BREAKER_OPEN, document["changed_ms"], facts)


def _kept(document: Document) -> KeptBreaker:
    return KeptBreaker(
        Watched(document["model_name"], document["model_id"], document["bundle"]),
        Trip(**document["trip"]),
        document["state"] == OPEN,
        document["changed_ms"],
        document["closed_by"],
    )
