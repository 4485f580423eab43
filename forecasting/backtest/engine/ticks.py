"""What a strategy is given at each close of one symbol: the candle, the forecast, and what is kept beside it."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from forecasting.candles import Candles
from forecasting.errors import InvalidCandles, NotEnoughHistory
from forecasting.features.volatility import ewma_volatility
from forecasting.types import FloatArray, IntArray, utc_iso

UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True, eq=False)
class IssuedForecasts:
    """Forecasts of one symbol as they were issued, oldest first.

    Attributes
    ----------
    as_of_ms
        Shape (k,): the moment of each forecast, epoch milliseconds UTC, strictly increasing, a close of a candle.
    pred_return
        Shape (k,): forecast return over the look-ahead, a fraction.
    conf
        Shape (k,): probability that the sign of `pred_return` is right.
    interval
        Shape (k, 2): ends between which the return should lie, fractions; NaN where none was given.
    model_id
        Shape (k,): which model spoke.
    regime
        Shape (k,): regime at as_of, as a word.
    """

    as_of_ms: IntArray
    pred_return: FloatArray
    conf: FloatArray
    interval: FloatArray
    model_id: NDArray[np.str_]
    regime: NDArray[np.str_]

    def __len__(self) -> int:
        return len(self.as_of_ms)


@dataclass(frozen=True, slots=True, eq=False)
class Ticks:
    """The closes of one symbol, each with what was forecast at it.

    Attributes
    ----------
    candles
        The n candles, oldest first; absent ones stay absent. Tick t is the close of candle t.
    horizon
        Name of the horizon, as in `1h`.
    look_ahead_ms
        Milliseconds from a forecast to the end of its label.
    pred_return, conf
        Shape (n,): as issued; NaN where nothing was.
    volatility
        Shape (n,): EWMA volatility of one bar known at the close, a fraction; NaN where candles are absent.
    interval
        Shape (n, 2): as issued.
    model_id, regime
        Shape (n,): as issued; `unknown` where nothing was.
    """

    candles: Candles
    horizon: str
    look_ahead_ms: int
    pred_return: FloatArray
    conf: FloatArray
    volatility: FloatArray
    interval: FloatArray
    model_id: NDArray[np.str_]
    regime: NDArray[np.str_]

    def __len__(self) -> int:
        return len(self.candles)

    @property
    def symbol(self) -> str:
        """Unified market name."""
        return self.candles.symbol

    @property
    def as_of_ms(self) -> IntArray:
        """Shape (n,): the moment of each tick, the close of its candle, epoch milliseconds UTC."""
        return self.candles.close_time_ms

    def saying(self, source: str, pred_return: FloatArray, conf: FloatArray) -> Ticks:
        """Return the same closes with other forecasts, made by the named source; intervals are left out.

        Parameters
        ----------
        source
            What is kept as the model id.
        pred_return, conf
            Shape (n,): as in `Ticks`.
        """
        return replace(
            self,
            pred_return=pred_return,
            conf=conf,
            interval=np.full((len(self), 2), np.nan),
            model_id=np.full(len(self), source),
        )

    def until(self, moment_ms: int) -> Ticks:
        """Return the ticks that have happened by the moment."""
        count = int(np.searchsorted(self.as_of_ms, moment_ms, side="right"))
        return replace(
            self,
            candles=self.candles.take(slice(0, count)),
            **{name: getattr(self, name)[:count] for name in _COLUMNS},
        )


_COLUMNS = ("pred_return", "conf", "volatility", "interval", "model_id", "regime")


def lay_ticks(
    candles: Candles, horizon: str, look_ahead_ms: int, issued: IssuedForecasts, warm_up: int = 0
) -> Ticks:
    """Lay the forecasts of a symbol beside the closes that they were made at.

    Parameters
    ----------
    candles
        Candles of the symbol; with an absent one there is no tick.
    horizon, look_ahead_ms
        As in `Ticks`.
    issued
        The forecasts; a close without one has none, and none is invented.
    warm_up
        How many first candles only tell the volatility; nothing is traded there.

    Raises
    ------
    InvalidCandles
        A forecast was not made at the close of a given candle: it cannot be told what could be traded.
    NotEnoughHistory
        No candle is left.
    """
    if len(candles) <= warm_up:
        raise NotEnoughHistory(
            f"{candles.symbol}: {len(candles)} candles were given, {warm_up + 1} are needed to trade"
        )
    volatility = ewma_volatility(candles)[warm_up:]
    traded = candles.take(slice(warm_up, None))
    at = np.searchsorted(traded.close_time_ms, issued.as_of_ms)
    found = np.append(traded.close_time_ms, -1)[at] == issued.as_of_ms
    if not found.all():
        first = int(issued.as_of_ms[np.argmin(found)])
        raise InvalidCandles(
            f"{candles.symbol}: the forecast of {utc_iso(first)} was made at the close of no {candles.interval} "
            f"candle that was given; {int((~found).sum())} such forecasts"
        )
    count = len(traded)
    return Ticks(
        traded,
        horizon,
        look_ahead_ms,
        _laid(issued.pred_return, at, np.full(count, np.nan)),
        _laid(issued.conf, at, np.full(count, np.nan)),
        volatility,
        _laid(issued.interval, at, np.full((count, 2), np.nan)),
        _laid_words(issued.model_id, at, count),
        _laid_words(issued.regime, at, count),
    )


def _laid(values: FloatArray, at: IntArray, column: FloatArray) -> FloatArray:
    column[at] = values
    return column


def _laid_words(words: NDArray[np.str_], at: IntArray, count: int) -> NDArray[np.str_]:
    width = max(len(UNKNOWN), words.dtype.itemsize // 4)
    column = np.full(count, UNKNOWN, dtype=f"<U{width}")
    column[at] = words
    return column
