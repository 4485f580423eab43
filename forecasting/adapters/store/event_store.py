"""Events in the document store: one document an event, and one that says which span is complete."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import asdict

import numpy as np

from forecasting.adapters.store.collections import EVENT_COVERAGE, EVENTS
from forecasting.adapters.store.port import ID, VERSION, DocumentStore, Span
from forecasting.documents import canonical_json
from forecasting.events import EventRecord, Events

_COVERAGE_ID = "all"


class EventStore:
    """Events over a `DocumentStore`."""

    def __init__(self, store: DocumentStore) -> None:
        self._store = store

    def write(self, records: Sequence[EventRecord], covered_from_ms: int, covered_until_ms: int) -> int:
        """Store events that are all there were in [covered_from_ms, covered_until_ms]; how many distinct ones.

        The same event again changes nothing. The covered span grows to hold the new one.
        """
        documents = {each[ID]: each for each in map(_document, records)}
        self._store.put_many(EVENTS, list(documents.values()))
        self._cover(covered_from_ms, covered_until_ms)
        return len(documents)

    def _cover(self, from_ms: int, until_ms: int) -> None:
        while True:
            known = self._store.get(EVENT_COVERAGE, _COVERAGE_ID)
            version = int(known[VERSION]) if known else None
            wider = {
                ID: _COVERAGE_ID,
                "from_ms": min(from_ms, int(known["from_ms"])) if known else from_ms,
                "until_ms": max(until_ms, int(known["until_ms"])) if known else until_ms,
                VERSION: (version or 0) + 1,
            }
            if self._store.compare_and_set(EVENT_COVERAGE, wider, version):
                return

    def read(self, symbol: str, start_ms: int | None = None, stop_ms: int | None = None) -> Events | None:
        """Events of a symbol, and of the whole market, with timestamp in [start_ms, stop_ms); None when none were ever stored."""
        coverage = self._store.get(EVENT_COVERAGE, _COVERAGE_ID)
        if coverage is None:
            return None
        found = self._store.find(EVENTS, span=Span("timestamp_ms", start_ms, stop_ms), sort="timestamp_ms")
        own = [each for each in found if not each["symbols"] or symbol in each["symbols"]]
        numbers = {name: number for number, name in enumerate(sorted({each["source"] for each in own}))}
        covered_from = (
            int(coverage["from_ms"]) if start_ms is None else max(start_ms, int(coverage["from_ms"]))
        )
        covered_until = (
            int(coverage["until_ms"]) if stop_ms is None else min(stop_ms, int(coverage["until_ms"]))
        )
        return Events(
            np.array([each["timestamp_ms"] for each in own], dtype=np.int64),
            np.array([numbers[each["source"]] for each in own], dtype=np.int64),
            np.array([each["ai_related"] for each in own], dtype=np.bool_),
            min(covered_from, covered_until),
            covered_until,
        )


def _document(record: EventRecord) -> dict[str, object]:
    fields = {**asdict(record), "symbols": list(record.symbols)}
    return {ID: hashlib.sha256(canonical_json(fields)).hexdigest(), **fields}
