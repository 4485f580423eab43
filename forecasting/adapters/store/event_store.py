"""Events in the document store: one document an event, which is never changed, and the spans that are complete."""

from __future__ import annotations

import hashlib
import itertools
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from forecasting.adapters.store.collections import EVENTS
from forecasting.adapters.store.event_coverage import CoveredSpan, EventCoverage
from forecasting.adapters.store.older_events import LONG_AGO_MS, adopt_older
from forecasting.adapters.store.port import ID, DocumentStore, Span
from forecasting.documents import canonical_json
from forecasting.errors import InvalidEvents
from forecasting.events import EventRecord, Events, validate_event
from forecasting.types import BoolArray, IntArray, utc_iso

_FIELDS = tuple(EventRecord.__dataclass_fields__)


@dataclass(frozen=True, slots=True)
class EventChanges:
    """What a delivery changed.

    Attributes
    ----------
    added
        Events that were not there.
    unchanged
        Events that were there already, alike in every field.
    differing
        Events that were there already with another title, timestamp or whatever else: the first version stays.
    """

    added: int = 0
    unchanged: int = 0
    differing: int = 0

    def __add__(self, other: EventChanges) -> EventChanges:
        return EventChanges(
            self.added + other.added, self.unchanged + other.unchanged, self.differing + other.differing
        )


@dataclass(frozen=True, slots=True)
class StoredEvent:
    """An event, and when this installation received it (epoch milliseconds UTC)."""

    record: EventRecord
    received_ms: int


class EventStore:
    """Events over a `DocumentStore`."""

    def __init__(self, store: DocumentStore) -> None:
        self._store = store
        self._coverage = EventCoverage(store)

    def write(
        self,
        records: Sequence[EventRecord],
        covered_from_ms: int,
        covered_until_ms: int,
        received_ms: int | None = None,
        origin: str = "",
    ) -> EventChanges:
        """Store events that are all there were in [covered_from_ms, covered_until_ms].

        An event is stored once, as it was received first: a later edit must not change what was known before.
        Of several versions in one delivery the one of the earliest timestamp counts.

        Parameters
        ----------
        records
            In any order.
        covered_from_ms, covered_until_ms
            Joined to what is covered already where they touch it; time between two deliveries is a hole.
        received_ms
            When this installation received them, epoch milliseconds UTC; None is now.
        origin
            What delivered them, as in the name of a file.

        Raises
        ------
        InvalidEvents
            An event cannot be stored, or lies outside the covered span.
        """
        moment_ms = time.time_ns() // 1_000_000 if received_ms is None else received_ms
        span = _checked_span(CoveredSpan(covered_from_ms, covered_until_ms), records)
        adopt_older(self._store, lambda document: _id(_event(document).record))
        contents = _contents(records)
        documents = _first_versions(contents, moment_ms)
        added = self._store.put_new(EVENTS, list(documents.values()))
        stored = documents if added == len(documents) else self._stored(documents)
        self._coverage.add(span, origin, moment_ms)
        return _changes(contents, stored, added)

    def compare(self, records: Sequence[EventRecord]) -> EventChanges:
        """Tell what `write` would change; nothing is written."""
        contents = _contents(records)
        documents = _first_versions(contents, 0)
        stored = self._stored(documents)
        return _changes(contents, {**documents, **stored}, len(documents) - len(stored))

    def _stored(self, ids: Mapping[str, object]) -> dict[str, Mapping[str, Any]]:
        return {each: document for each in ids if (document := self._store.get(EVENTS, each)) is not None}

    def coverage(self, as_of_ms: int | None = None) -> tuple[CoveredSpan, ...]:
        """Spans in which the events are complete, as known at a moment of this installation's clock (None: now)."""
        return self._coverage.spans(as_of_ms)

    def change_mark(self, start_ms: int) -> str:
        """Digest of which events with timestamp from `start_ms` on are there, and of what is covered: no two alike."""
        found = self._store.find(EVENTS, span=Span("timestamp_ms", start_ms), sort="timestamp_ms")
        digest = hashlib.sha256("|".join(str(each[ID]) for each in found).encode())
        digest.update(repr(self.coverage()).encode())
        return digest.hexdigest()

    def receipts(self, symbol: str, start_ms: int, stop_ms: int) -> set[int]:
        """Moments at which events with timestamp in [start_ms, stop_ms), or coverage, were received."""
        return {each.received_ms for each in self.find(symbol, start_ms, stop_ms)} | self._coverage.receipts()

    def find(
        self,
        symbol: str | None = None,
        start_ms: int | None = None,
        stop_ms: int | None = None,
        as_of_ms: int | None = None,
    ) -> Iterator[StoredEvent]:
        """Events with timestamp in [start_ms, stop_ms), oldest first.

        Parameters
        ----------
        symbol
            A market, whose events and those of the whole market are asked for; None asks for all.
        start_ms, stop_ms
            Bounds of the timestamp, epoch milliseconds UTC.
        as_of_ms
            Only those that this installation had received by then; None asks for all.
        """
        for each in self._store.find(
            EVENTS, span=Span("timestamp_ms", start_ms, stop_ms), sort="timestamp_ms"
        ):
            event = _event(each)
            received = as_of_ms is None or event.received_ms <= as_of_ms
            if received and (symbol is None or event.record.concerns(symbol)):
                yield event

    def read(
        self,
        symbol: str,
        start_ms: int | None = None,
        stop_ms: int | None = None,
        as_of_ms: int | None = None,
    ) -> Events | None:
        """Events of a market as features need them; None when none were ever received by `as_of_ms`.

        The parameters are those of `find`. What is covered is cut to [start_ms, stop_ms], and its holes come along.
        """
        known = self.coverage(as_of_ms)
        if not known:
            return None
        spans = _cut(known, start_ms, stop_ms)
        found = [each.record for each in self.find(symbol, start_ms, stop_ms, as_of_ms)]
        times = np.array([each.timestamp_ms for each in found], dtype=np.int64)
        inside = _covered(times, spans)
        own = [record for record, use in zip(found, inside.tolist(), strict=True) if use]
        numbers = {name: number for number, name in enumerate(sorted({each.source for each in own}))}
        return Events(
            times[inside],
            np.array([numbers[each.source] for each in own], dtype=np.int64),
            np.array([each.ai_related for each in own], dtype=np.bool_),
            spans[0].from_ms,
            spans[-1].until_ms,
            _holes(spans),
        )


def _contents(records: Sequence[EventRecord]) -> list[tuple[str, dict[str, Any]]]:
    """Id and fields of each event, the earliest first."""
    return [(_id(record), _content(record)) for record in sorted(records, key=_age)]


def _first_versions(
    contents: Sequence[tuple[str, Mapping[str, Any]]], received_ms: int
) -> dict[str, Mapping[str, Any]]:
    documents: dict[str, Mapping[str, Any]] = {}
    for each, content in contents:
        documents.setdefault(each, {ID: each, **content, "received_ms": received_ms})
    return documents


def _changes(
    contents: Sequence[tuple[str, Mapping[str, Any]]], stored: Mapping[str, Mapping[str, Any]], added: int
) -> EventChanges:
    alike = sum(all(stored[each][name] == content[name] for name in _FIELDS) for each, content in contents)
    return EventChanges(added, alike - added, len(contents) - alike)


def _age(record: EventRecord) -> tuple[int, bytes]:
    return record.timestamp_ms, canonical_json(_content(record))


def _id(record: EventRecord) -> str:
    return hashlib.sha256(record.identity.encode()).hexdigest()


def _content(record: EventRecord) -> dict[str, Any]:
    return {**asdict(record), "symbols": sorted(set(record.symbols))}


def _event(document: Mapping[str, Any]) -> StoredEvent:
    fields = {name: document[name] for name in _FIELDS}
    record = EventRecord(**{**fields, "symbols": tuple(document["symbols"])})
    return StoredEvent(record, int(document.get("received_ms", LONG_AGO_MS)))


def _checked_span(span: CoveredSpan, records: Sequence[EventRecord]) -> CoveredSpan:
    if span.from_ms > span.until_ms:
        raise InvalidEvents(
            f"events: the covered span ends {utc_iso(span.until_ms)}, before it begins {utc_iso(span.from_ms)}"
        )
    for record in map(validate_event, records):
        if not span.from_ms <= record.timestamp_ms <= span.until_ms:
            raise InvalidEvents(
                f"event {record.title!r} of {utc_iso(record.timestamp_ms)} lies outside the span that is said to be "
                f"covered, {utc_iso(span.from_ms)} to {utc_iso(span.until_ms)}"
            )
    return span


def _cut(spans: Sequence[CoveredSpan], start_ms: int | None, stop_ms: int | None) -> tuple[CoveredSpan, ...]:
    """Spans inside [start_ms, stop_ms]; where nothing there is covered, one of no length."""
    first = spans[0].from_ms if start_ms is None else start_ms
    last = spans[-1].until_ms if stop_ms is None else stop_ms
    cut = [CoveredSpan(max(each.from_ms, first), min(each.until_ms, last)) for each in spans]
    edge = min(max(first, spans[0].from_ms), last, spans[-1].until_ms)
    return tuple(each for each in cut if each.from_ms <= each.until_ms) or (CoveredSpan(edge, edge),)


def _covered(times: IntArray, spans: Sequence[CoveredSpan]) -> BoolArray:
    """Whether each time lies in a span: a process that was killed leaves events whose coverage is not known."""
    place = np.searchsorted([each.from_ms for each in spans], times, side="right") - 1
    until = np.array([each.until_ms for each in spans], dtype=np.int64)
    inside: BoolArray = (place >= 0) & (times <= until[place])
    return inside


def _holes(spans: Sequence[CoveredSpan]) -> IntArray:
    between = [(before.until_ms, after.from_ms) for before, after in itertools.pairwise(spans)]
    return np.array(between, dtype=np.int64).reshape(-1, 2)
