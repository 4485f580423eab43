"""Rows that were kept out, each with its reason: listed, released by a person or discarded, never lost."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any, Literal, Self

from forecasting.adapters.store.collections import QUARANTINE
from forecasting.adapters.store.port import ID, DocumentStore
from forecasting.documents import canonical_json
from forecasting.errors import UnknownRow
from forecasting.quality.raw import FaultyRow

Content = float | str | None
State = Literal["held", "released", "discarded"]
CANDLE, EVENT, FORECAST = "candle", "event", "forecast"
ID_LENGTH = 16


@dataclass(frozen=True, slots=True)
class Origin:
    """What a row was meant to be: its kind, its series (empty for events) and the source that gave it."""

    kind: str
    symbol: str
    interval: str
    source: str


@dataclass(frozen=True, slots=True)
class QuarantinedRow:
    """A row that was kept out.

    Attributes
    ----------
    row_id
        Hex digest of origin and content: the same row of the same source is quarantined once.
    origin
        What it was meant to be.
    fault
        What is wrong with it, where it stands and what it holds.
    state
        `held` until a person decides; `released` rows are let through when they come again, `discarded` ones
        are kept here and never used.
    quarantined_ms, decided_ms
        When it was kept out and when a person decided (None: not yet), epoch milliseconds UTC.
    """

    row_id: str
    origin: Origin
    fault: FaultyRow
    state: State
    quarantined_ms: int
    decided_ms: int | None = None

    @classmethod
    def hold(cls, origin: Origin, fault: FaultyRow, now_ms: int) -> Self:
        """Row that is kept out from now on."""
        return cls(row_id(origin, fault), origin, fault, "held", now_ms)

    def decided(self, state: State, now_ms: int) -> QuarantinedRow:
        """Return the same row after a person decided."""
        return replace(self, state=state, decided_ms=now_ms)

    def to_document(self) -> dict[str, Any]:
        """Fields for the document store; infinite numbers become words, which JSON can hold."""
        return {ID: self.row_id, **asdict(self.origin), **_fault_document(self.fault), "state": self.state,
                "quarantined_ms": self.quarantined_ms, "decided_ms": self.decided_ms}  # fmt: skip

    @classmethod
    def from_document(cls, document: Mapping[str, Any]) -> Self:
        """Inverse of `to_document`."""
        origin = Origin(document["kind"], document["symbol"], document["interval"], document["source"])
        content = {name: _number(value) for name, value in document["content"].items()}
        fault = FaultyRow(document["check"], document["reason"], document["place"], document["moment_ms"], content)  # fmt: skip
        return cls(document[ID], origin, fault, document["state"], document["quarantined_ms"], document["decided_ms"])  # fmt: skip


class Quarantine:
    """Rows that were kept out, over a `DocumentStore`."""

    def __init__(self, store: DocumentStore) -> None:
        self._store = store

    def hold(self, origin: Origin, faults: Sequence[FaultyRow], now_ms: int) -> int:
        """Keep rows that are not here yet; how many those are. What a person decided about one stays."""
        rows = {row.row_id: row for row in (QuarantinedRow.hold(origin, fault, now_ms) for fault in faults)}
        known = {row.row_id for row in self.find(origin.kind, origin.symbol, origin.interval)}
        new = [row.to_document() for row_id, row in rows.items() if row_id not in known]
        self._store.put_many(QUARANTINE, new)
        return len(new)

    def released_ids(self, origin: Origin) -> frozenset[str]:
        """Ids of the rows of an origin's series that a person released."""
        found = self.find(origin.kind, origin.symbol, origin.interval, state="released")
        return frozenset(row.row_id for row in found)

    def find(
        self,
        kind: str | None = None,
        symbol: str | None = None,
        interval: str | None = None,
        *,
        state: State | None = None,
        check: str | None = None,
    ) -> Iterator[QuarantinedRow]:
        """Rows in the order in which they were quarantined; None asks for all."""
        asked = {"kind": kind, "symbol": symbol, "interval": interval, "state": state, "check": check}
        equal = {name: value for name, value in asked.items() if value is not None}
        for document in self._store.find(QUARANTINE, equal, sort="quarantined_ms"):
            yield QuarantinedRow.from_document(document)

    def get(self, row_id: str) -> QuarantinedRow:
        """Row of that id.

        Raises
        ------
        UnknownRow
            There is none.
        """
        document = self._store.get(QUARANTINE, row_id)
        if document is None:
            raise UnknownRow(f"no row {row_id!r} is in quarantine: foretick data quarantine list names them")
        return QuarantinedRow.from_document(document)

    def decide(self, row: QuarantinedRow, state: State, now_ms: int) -> QuarantinedRow:
        """Keep what a person decided about a row."""
        decided = row.decided(state, now_ms)
        self._store.put(QUARANTINE, decided.to_document())
        return decided


def row_id(origin: Origin, fault: FaultyRow) -> str:
    """Hex digest of what the row was meant to be and holds; where it stands in its source does not count."""
    facts = {"kind": origin.kind, "symbol": origin.symbol, "interval": origin.interval}
    content = {**facts, "check": fault.check, "moment_ms": fault.moment_ms, "content": _plain(fault.content)}
    return hashlib.sha256(canonical_json(content)).hexdigest()[:ID_LENGTH]


def _fault_document(fault: FaultyRow) -> dict[str, Any]:
    return {**asdict(fault), "content": _plain(fault.content)}


def _plain(content: Mapping[str, Content]) -> dict[str, Content]:
    infinite = (float("inf"), float("-inf"))
    return {name: str(value) if value in infinite else value for name, value in content.items()}


def _number(value: Content) -> Content:
    return float(value) if value in ("inf", "-inf") else value
