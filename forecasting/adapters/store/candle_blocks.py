"""Candles in the document store: one document for each symbol, interval and calendar block."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import groupby

from forecasting.adapters.store import blocks
from forecasting.adapters.store.collections import CANDLE_BLOCKS
from forecasting.adapters.store.port import ID, VERSION, DocumentStore, Span
from forecasting.candles import Candles, resample, validate_candles
from forecasting.errors import StoreUnavailable
from forecasting.planning import SeriesSpan, base_series
from forecasting.types import interval_ms

MOST_TRIES = 50


@dataclass(frozen=True, slots=True)
class WriteReport:
    """What a write changed: rows that are new, rows that were there already, rows whose values differ now."""

    added: int = 0
    unchanged: int = 0
    revised: int = 0

    def __add__(self, other: WriteReport) -> WriteReport:
        return WriteReport(
            self.added + other.added, self.unchanged + other.unchanged, self.revised + other.revised
        )


class CandleStore:
    """Candles over a `DocumentStore`; several processes may write the same series at once."""

    def __init__(self, store: DocumentStore) -> None:
        self._store = store

    def write(self, candles: Candles) -> WriteReport:
        """Store candles block by block; the same candles again change nothing, other values replace the old.

        Raises
        ------
        InvalidCandles
            The candles break the contract of `Candles`; nothing is written.
        StoreUnavailable
            The store cannot be written, or others changed one block without pause.
        """
        validate_candles(candles)
        reports = [self._write_block(name, part) for name, part in blocks.cut(candles)]
        return sum(reports, WriteReport())

    def _write_block(self, name: str, candles: Candles) -> WriteReport:
        document_id = f"{candles.symbol}|{candles.interval}|{name}"
        for _ in range(MOST_TRIES):
            stored = self._store.get(CANDLE_BLOCKS, document_id)
            before = blocks.decode(stored) if stored else Candles.empty(candles.symbol, candles.interval)
            version = int(stored[VERSION]) if stored else None
            merged, *counts = blocks.merge(before, candles)
            report = WriteReport(*counts)
            if not report.added and not report.revised:
                return report
            document = blocks.encode(document_id, merged, (version or 0) + 1)
            if self._store.compare_and_set(CANDLE_BLOCKS, document, version):
                return report
        raise StoreUnavailable(
            f"block {document_id} changed {MOST_TRIES} times while it was written: try again"
        )

    def read_candles(
        self, symbol: str, interval: str, start_ms: int | None = None, stop_ms: int | None = None
    ) -> Candles:
        """Candles that open in [start_ms, stop_ms), oldest first; empty when there are none."""
        series = {"symbol": symbol, "interval": interval}
        first_ms = None if start_ms is None else self._block_start(series, start_ms)
        found = self._store.find(CANDLE_BLOCKS, series, Span("start_ms", first_ms, stop_ms), sort="start_ms")
        parts = [blocks.decode(document).between(start_ms, stop_ms) for document in found]
        return blocks.join(symbol, interval, parts)

    def _block_start(self, series: dict[str, str], moment_ms: int) -> int:
        """Start of the last block that begins at or before the moment, for it may reach past it."""
        before = self._store.find(
            CANDLE_BLOCKS, series, Span("start_ms", None, moment_ms + 1), sort="start_ms", descending=True, limit=1, blobs=False,
        )  # fmt: skip
        return next((int(document["start_ms"]) for document in before), moment_ms)

    def read_base(
        self, symbol: str, interval: str, start_ms: int | None = None, stop_ms: int | None = None
    ) -> Candles:
        """Candles of an interval, resampled from a finer stored one where that interval itself is not stored.

        `planning.base_series` says which stored series is used. Bars of which a part is absent are left out.
        """
        series = base_series([span for span in self.series() if span.symbol == symbol], interval).get(symbol)
        if series is None:
            return Candles.empty(symbol, interval)
        if series.interval == interval:
            return self.read_candles(symbol, interval, start_ms, stop_ms)
        step_ms = interval_ms(interval)
        whole = None if stop_ms is None else -(-stop_ms // step_ms) * step_ms
        fine = self.read_candles(symbol, series.interval, start_ms, whole)
        return resample(fine, interval).between(start_ms, stop_ms)

    def series(self) -> list[SeriesSpan]:
        """List what is stored: a span for each symbol and interval, in their order; no candle is read."""
        found = self._store.find(CANDLE_BLOCKS, blobs=False)
        documents = sorted(found, key=lambda each: (each["symbol"], interval_ms(each["interval"]), each[ID]))
        spans = []
        for (symbol, interval), group in groupby(
            documents, key=lambda each: (each["symbol"], each["interval"])
        ):
            own = list(group)
            first = min(int(each["start_ms"]) for each in own)
            last = max(int(each["last_ms"]) for each in own)
            spans.append(SeriesSpan(symbol, interval, first, last, sum(int(each["rows"]) for each in own)))
        return spans
