"""Candles in the document store, as of any moment: one document for each symbol, interval and calendar block."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from forecasting.adapters.store import blocks
from forecasting.adapters.store.alerts import AlertBook
from forecasting.adapters.store.candle_history import CandleHistory, join_histories
from forecasting.adapters.store.candle_reader import CandleReader
from forecasting.adapters.store.collections import CANDLE_BLOCKS
from forecasting.adapters.store.port import ID, VERSION, DocumentStore, Span
from forecasting.adapters.store.revision_alert import RevisionAlert
from forecasting.adapters.store.stored_series import StoredSeries, describe_series, span_of
from forecasting.adapters.store.versions import Amendment, Block, Versions, amend, unchanged_by
from forecasting.candles import Candles, join_candles, order_candles, validate_candles
from forecasting.errors import StoreUnavailable
from forecasting.planning import SeriesSpan
from forecasting.types import interval_ms

MOST_TRIES = 50

_VALUES = (blocks.PAYLOAD,)
_EVERYTHING = (blocks.PAYLOAD, blocks.RECEIVED, blocks.SUPERSEDED)


@dataclass(frozen=True, slots=True)
class WriteReport:
    """What a write changed.

    Attributes
    ----------
    added
        Candles that were not known.
    unchanged
        Candles that were known with these values.
    revised
        Candles of which other values were known; both are kept.
    still_open
        Candles that were not closed when they were received; none of them is kept.
    """

    added: int = 0
    unchanged: int = 0
    revised: int = 0
    still_open: int = 0

    def __add__(self, other: WriteReport) -> WriteReport:
        return WriteReport(
            self.added + other.added,
            self.unchanged + other.unchanged,
            self.revised + other.revised,
            self.still_open + other.still_open,
        )


@dataclass(frozen=True, slots=True)
class _Origin:
    """Where the candles of a write come from."""

    source: str
    received_ms: int


class CandleStore(CandleReader):
    """Candles over a `DocumentStore`; several processes may write the same series at once.

    No value is ever overwritten: one that differs from what is stored becomes the current one and the old one stays
    readable as of the time before. Times of receipt are of this installation's clock.
    """

    def __init__(self, store: DocumentStore) -> None:
        self._store = store
        self._alerts = AlertBook(store)

    def write(self, candles: Candles, source: str = "", received_ms: int | None = None) -> WriteReport:
        """Store candles block by block; the same candles again change nothing.

        Parameters
        ----------
        candles
            In any order; rows that are equal in everything count once.
        source
            Who gave them, as in `binance`.
        received_ms
            When they were received, epoch milliseconds UTC; now by default. An earlier moment than that of what is
            stored puts the values behind it in history, where they change what `as_of` tells of the time between.

        Raises
        ------
        InvalidCandles
            The candles break the contract of `Candles` or hold two different rows of one time, and nothing is written;
            or a block was revised too often to keep one more old value.
        StoreUnavailable
            The store cannot be written, or others changed one block without pause.
        """
        origin = _Origin(source, time.time_ns() // 1_000_000 if received_ms is None else received_ms)
        given = validate_candles(order_candles(candles))
        closed = given.closed_by(origin.received_ms)
        alert = RevisionAlert(self._alerts, candles.symbol, candles.interval, source)
        reports = [self._write_block(name, part, origin, alert) for name, part in blocks.cut(closed)]
        alert.announce()
        return sum(reports, WriteReport(still_open=len(given) - len(closed)))

    def _write_block(self, name: str, candles: Candles, origin: _Origin, alert: RevisionAlert) -> WriteReport:
        document_id = f"{candles.symbol}|{candles.interval}|{name}"
        for _ in range(MOST_TRIES):
            stored = self._store.get(CANDLE_BLOCKS, document_id)
            if stored and _is_known(stored, candles, origin.received_ms):
                alert.forget(name)
                return WriteReport(unchanged=len(candles))
            change = _change(stored, candles, origin)
            version = int(stored[VERSION]) if stored else None
            document = blocks.encode(document_id, change.block, (version or 0) + 1)
            alert.expect(name, change)
            if self._store.compare_and_set(CANDLE_BLOCKS, document, version):
                return _report(change, len(candles))
        raise StoreUnavailable(
            f"block {document_id} changed {MOST_TRIES} times while it was written: try again"
        )

    def read_candles(
        self,
        symbol: str,
        interval: str,
        start_ms: int | None = None,
        stop_ms: int | None = None,
        as_of_ms: int | None = None,
    ) -> Candles:
        """Candles that open in [start_ms, stop_ms), oldest first; empty when there are none.

        With `as_of_ms` (epoch milliseconds UTC, by the clock of this installation) exactly what had been received by
        then, with the values it had then. When candles of an older Foretick were received is not known: they count as
        known always.
        """
        found = self._find(symbol, interval, start_ms, stop_ms, _VALUES if as_of_ms is None else _EVERYTHING)
        parts = [blocks.decode_as_of(document, as_of_ms).between(start_ms, stop_ms) for document in found]
        return join_candles(symbol, interval, parts)

    def read_history(
        self, symbol: str, interval: str, start_ms: int | None = None, stop_ms: int | None = None
    ) -> CandleHistory:
        """Every version of the candles that open in [start_ms, stop_ms), by open time, then by received."""
        found = self._find(symbol, interval, start_ms, stop_ms, _EVERYTHING)
        parts = [
            CandleHistory.of_block(blocks.decode_block(document)).between(start_ms, stop_ms)
            for document in found
        ]
        return join_histories(symbol, interval, parts)

    def _find(
        self, symbol: str, interval: str, start_ms: int | None, stop_ms: int | None, blobs: tuple[str, ...]
    ) -> Iterator[dict[str, Any]]:
        series = {"symbol": symbol, "interval": interval}
        first_ms = None if start_ms is None else self._block_start(series, start_ms)
        span = Span("start_ms", first_ms, stop_ms)
        return self._store.find(CANDLE_BLOCKS, series, span, sort="start_ms", blobs=blobs)

    def _block_start(self, series: dict[str, str], moment_ms: int) -> int:
        """Start of the last block that begins at or before the moment, for it may reach past it."""
        before = self._store.find(
            CANDLE_BLOCKS, series, Span("start_ms", None, moment_ms + 1), sort="start_ms", descending=True, limit=1, blobs=False,
        )  # fmt: skip
        return next((int(document["start_ms"]) for document in before), moment_ms)

    def series(self, as_of_ms: int | None = None, symbol: str | None = None) -> list[SeriesSpan]:
        """List what is stored, of all symbols or of one: a span for each interval, in order; no candle is read.

        With `as_of_ms` only the blocks of which something had been received by then count, each with what it has now.
        """
        return [span_of(own) for own in self._documents(as_of_ms, symbol)]

    def change_mark(self, symbol: str) -> tuple[tuple[str, int], ...]:
        """Blocks of a symbol and their versions: the same as long as none of its candles was written; none is read."""
        found = self._store.find(CANDLE_BLOCKS, {"symbol": symbol}, blobs=False)
        return tuple(sorted((str(each[ID]), int(each[VERSION])) for each in found))

    def stored(self) -> list[StoredSeries]:
        """Describe what is stored of each symbol and interval, in their order; no candle is read."""
        return [describe_series(own, self._fetch) for own in self._documents()]

    def _fetch(self, document_id: str) -> dict[str, Any]:
        document = self._store.get(CANDLE_BLOCKS, document_id)
        if document is None:
            raise StoreUnavailable(f"block {document_id} was removed while it was read: try again")
        return document

    def _documents(
        self, as_of_ms: int | None = None, symbol: str | None = None
    ) -> Iterator[list[dict[str, Any]]]:
        wanted = None if symbol is None else {"symbol": symbol}
        found = self._store.find(CANDLE_BLOCKS, wanted, blobs=False)
        known = (each for each in found if as_of_ms is None or blocks.oldest_received_ms(each) <= as_of_ms)
        documents = sorted(known, key=lambda each: (each["symbol"], interval_ms(each["interval"]), each[ID]))
        for _, group in groupby(documents, key=lambda each: (each["symbol"], each["interval"])):
            yield list(group)


def _change(stored: dict[str, Any] | None, candles: Candles, origin: _Origin) -> Amendment:
    if stored is not None:
        return amend(blocks.decode_block(stored), candles, origin.received_ms, origin.source)
    first, nothing = Versions.received_at(candles, origin.received_ms, 0), candles.take(slice(0))
    block = Block(first, first.take(slice(0)), (origin.source,))
    return Amendment(block, len(candles), 0, nothing, nothing)


def _report(change: Amendment, rows: int) -> WriteReport:
    return WriteReport(change.added, rows - change.added - change.revised, change.revised)


def _is_known(stored: dict[str, Any], candles: Candles, received_ms: int) -> bool:
    """Whether a write brings nothing: values that are current, received no earlier than those."""
    if received_ms < blocks.newest_received_ms(stored):
        return False
    return unchanged_by(blocks.decode(stored), candles)
