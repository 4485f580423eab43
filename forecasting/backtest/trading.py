"""Trade the threshold rule's signals in one symbol, at opens, with costs.

A signal of +1, 0 or -1 is given at the close of a candle and may trade at the next open. The position is the
mean of the last look-ahead's signals, so each signal is held, as one part of many, until its label ends.
Positions are decided from forecasts alone: no price enters before it is traded at.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from forecasting.candles import Candles
from forecasting.dataset import Dataset
from forecasting.errors import InvalidCandles, NotEnoughHistory
from forecasting.evaluation.columns import ForecastColumns
from forecasting.types import FloatArray, IntArray, utc_iso

BASIS_POINT = 1e-4


@dataclass(frozen=True, slots=True)
class ThresholdRule:
    """When a forecast is acted on, and what trading costs.

    Attributes
    ----------
    cost_bps
        Fee and slippage for each unit by which the position changes, in basis points of the unit.
    min_return
        The forecast return beyond which there is a signal, a fraction; None takes the cost of entering and
        leaving, so that nothing is traded which does not expect to pay for itself.
    min_conf
        The confidence beyond which there is a signal; the default asks for more than a coin.
    """

    cost_bps: float
    min_return: float | None = None
    min_conf: float = 0.5

    @property
    def least_return(self) -> float:
        """The forecast return beyond which there is a signal, a fraction."""
        return 2 * self.cost_bps * BASIS_POINT if self.min_return is None else self.min_return


@dataclass(frozen=True, slots=True, eq=False)
class TradePath:
    """What the rule did in one symbol, candle by candle; returns are fractions of one constant unit.

    Attributes
    ----------
    time_ms
        Shape (m,): open time of each candle traded at, epoch milliseconds UTC.
    position
        Shape (m,): units held from this open to the next one, in [-1, 1]; the last is 0, all is sold.
    gross
        Shape (m,): return earned from this open to the next one, a fraction of the unit.
    cost
        Shape (m,): paid at this open for the change of position, a fraction of the unit.
    """

    time_ms: IntArray
    position: FloatArray
    gross: FloatArray
    cost: FloatArray

    @property
    def net(self) -> FloatArray:
        """Shape (m,): return after costs, a fraction of the unit."""
        return self.gross - self.cost


def rule_signals(forecasts: ForecastColumns, rule: ThresholdRule) -> FloatArray:
    """Signal of each row, shape (n,): +1 buys, -1 sells, 0 is neither; NaN where a forecast is not finite."""
    strong = (np.abs(forecasts.pred_return) > rule.least_return) & (forecasts.conf > rule.min_conf)
    finite = np.isfinite(forecasts.pred_return) & np.isfinite(forecasts.conf)
    return np.where(finite, np.where(strong, np.sign(forecasts.pred_return), 0.0), np.nan)


def trade(candles: Candles, rows: Dataset, signals: FloatArray, cost_bps: float) -> TradePath:
    """Trade the signals of one symbol at the opens of its candles.

    At the open that follows row t the position becomes the mean of the signals of the last h bars, h being
    the look-ahead; a bar without a row gives no signal. Where the next candle is absent (an outage) the
    position is carried and changes at the next open there is, to what the signals known by then ask for. At
    the end of the last label, or at the last open there is before it, all is sold at the same cost.

    Parameters
    ----------
    candles
        Candles of the symbol, of the interval that its rows are on.
    rows
        The n rows of the symbol, at least one, ordered by as_of, all of one look-ahead.
    signals
        Shape (n,): what each row asks for, in [-1, 1].
    cost_bps
        Cost for each unit by which the position changes, in basis points.

    Raises
    ------
    InvalidCandles
        The rows do not lie on the grid of the candles.
    NotEnoughHistory
        Fewer than two candles open between the first row and the last label end.
    """
    first_ms, last_ms = int(rows.as_of_ms[0]), int(rows.label_end_ms[-1])
    step_ms = candles.interval_ms
    if (rows.as_of_ms % step_ms).any() or (rows.label_end_ms % step_ms).any():
        raise InvalidCandles(f"{candles.symbol}: some rows are not on the grid of {candles.interval} candles")
    traded = candles.between(first_ms, last_ms + 1)
    if len(traded) < 2:
        raise NotEnoughHistory(
            f"{candles.symbol}: {len(traded)} candles open from {utc_iso(first_ms)} to {utc_iso(last_ms)}, "
            "at least 2 are needed to trade"
        )
    bars = (last_ms - first_ms) // step_ms + 1
    look_ahead_bars = int(rows.label_end_ms[0] - first_ms) // step_ms
    wanted = _mean_of_last(signals, (rows.as_of_ms - first_ms) // step_ms, bars, look_ahead_bars)
    position = wanted[(traded.open_time_ms - first_ms) // step_ms]
    position[-1] = 0.0
    move = np.append(np.diff(traded.open) / traded.open[:-1], 0.0)
    cost = np.abs(np.diff(position, prepend=0.0)) * (cost_bps * BASIS_POINT)
    return TradePath(traded.open_time_ms, position, position * move, cost)


def _mean_of_last(signals: FloatArray, at_bar: IntArray, bars: int, window: int) -> FloatArray:
    """Mean over the last `window` bars of the signals at the given bars, 0 at the others, shape (bars,)."""
    padded = np.zeros(window + bars)
    padded[window + at_bar] = signals
    # Signals are whole numbers, so their running sum is exact and a window's sum is too.
    total = np.cumsum(padded)
    return (total[window:] - total[:-window]) / window
