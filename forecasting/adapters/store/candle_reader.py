"""What whoever reads candles may ask, of the store or of candles in memory."""

from __future__ import annotations

from abc import ABC, abstractmethod

from forecasting.candles import Candles, resample
from forecasting.planning import SeriesSpan, base_series
from forecasting.types import interval_ms


class CandleReader(ABC):
    """Candles as of any moment."""

    @abstractmethod
    def series(self, as_of_ms: int | None = None, symbol: str | None = None) -> list[SeriesSpan]:
        """List what is there, of all symbols or of one: a span for each interval, in order."""

    @abstractmethod
    def read_candles(
        self,
        symbol: str,
        interval: str,
        start_ms: int | None = None,
        stop_ms: int | None = None,
        as_of_ms: int | None = None,
    ) -> Candles:
        """Candles that open in [start_ms, stop_ms), oldest first; empty when there are none.

        With `as_of_ms` (epoch milliseconds UTC) exactly what was known then, with the values it had then.
        """

    def read_base(
        self,
        symbol: str,
        interval: str,
        start_ms: int | None = None,
        stop_ms: int | None = None,
        as_of_ms: int | None = None,
    ) -> Candles:
        """Candles of an interval, resampled from a finer series where that interval itself is not there.

        `planning.base_series` says which series is used; with `as_of_ms` of those that were there then. Bars of which a
        part is absent are left out.
        """
        series = base_series(self.series(as_of_ms, symbol), interval).get(symbol)
        if series is None:
            return Candles.empty(symbol, interval)
        if series.interval == interval:
            return self.read_candles(symbol, interval, start_ms, stop_ms, as_of_ms)
        step_ms = interval_ms(interval)
        whole = None if stop_ms is None else -(-stop_ms // step_ms) * step_ms
        fine = self.read_candles(symbol, series.interval, start_ms, whole, as_of_ms)
        return resample(fine, interval).between(start_ms, stop_ms)
