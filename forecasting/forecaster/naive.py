"""The naive forecast straight from candles: what is answered when there is no model."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from forecasting.candles import Candles
from forecasting.errors import NotEnoughHistory
from forecasting.features.volatility import VOLATILITY_BARS, ewma_volatility
from forecasting.horizons import Horizon
from forecasting.intervals.adaptive import AdaptiveIntervals, Interval
from forecasting.intervals.rows import ForecastRows
from forecasting.targets import forward_returns
from forecasting.types import BoolArray, FloatArray, utc_iso

LEAST_LABELS = 30
# More would move the ends little, and each takes its time while somebody waits for the answer.
INTERVAL_LABELS = 1000


@dataclass(frozen=True, slots=True)
class NaiveForecast:
    """What history says when nothing else is asked.

    Attributes
    ----------
    as_of_ms
        Close time of the last closed candle, epoch milliseconds UTC.
    pred_return
        Mean return over the horizon's look-ahead, a fraction.
    p_up
        Share of the returns that exceeded the horizon's threshold, one of each kind added, so never 0 or 1.
    conf
        Share of the returns, zeros left out, that have the sign of `pred_return`, likewise; 0.5 when it is
        zero.
    rows
        Number of labels averaged.
    intervals
        Of 80 and 90 % around `pred_return`, from the distances of the last returns from it in volatilities of their
        moments; None where candles are absent.
    """

    as_of_ms: int
    pred_return: float
    p_up: float
    conf: float
    rows: int
    intervals: tuple[Interval, ...] | None


def naive_forecast(candles: Candles, horizon: Horizon, as_of_ms: int) -> NaiveForecast:
    """Historical mean of the returns whose labels ended by `as_of_ms`, over the horizon's training window.

    Parameters
    ----------
    candles
        Candles of one symbol, of the horizon's base interval; later ones and the open one are not used.
    horizon
        What is forecast.
    as_of_ms
        When the forecast is made, epoch milliseconds UTC.

    Raises
    ------
    NotEnoughHistory
        Fewer than 30 labels have ended in the window.
    ValueError
        The candles are of another interval.
    """
    closed = _closed(candles, horizon, as_of_ms)
    returns, used = _labels(closed, horizon, as_of_ms)
    labels = returns[used]
    _demand_enough(labels, closed, horizon, as_of_ms)
    pred_return = float(np.mean(labels))
    agreement = np.sign(labels) * np.sign(pred_return)
    return NaiveForecast(
        as_of_ms=int(closed.close_time_ms[-1]),
        pred_return=pred_return,
        p_up=_share(int((labels > horizon.threshold).sum()), len(labels)),
        conf=_share(int((agreement > 0).sum()), int((agreement != 0).sum())),
        rows=len(labels),
        intervals=_intervals(closed, horizon, np.where(used, returns, np.nan), pred_return),
    )


def ended_returns(candles: Candles, horizon: Horizon, as_of_ms: int) -> FloatArray:
    """Select the returns that the naive forecast averages; parameters and errors are those of `naive_forecast`.

    Returns
    -------
    FloatArray
        Shape (n,), n at least 30: fractions, oldest first.
    """
    closed = _closed(candles, horizon, as_of_ms)
    returns, used = _labels(closed, horizon, as_of_ms)
    _demand_enough(returns[used], closed, horizon, as_of_ms)
    return returns[used]


def _closed(candles: Candles, horizon: Horizon, as_of_ms: int) -> Candles:
    if candles.interval != horizon.base_interval:
        raise ValueError(f"candles of {candles.interval} were given, {horizon.base_interval} is needed")
    return candles.closed_by(as_of_ms)


def _demand_enough(labels: FloatArray, closed: Candles, horizon: Horizon, as_of_ms: int) -> None:
    if len(labels) < LEAST_LABELS:
        raise NotEnoughHistory(
            f"{closed.symbol}: {len(labels)} returns over {horizon.name} have ended by {utc_iso(as_of_ms)}, "
            f"{LEAST_LABELS} are needed: import more candles"
        )


def _labels(closed: Candles, horizon: Horizon, as_of_ms: int) -> tuple[FloatArray, BoolArray]:
    # Closed candles know no later close, so every return among them ended by as_of.
    returns = forward_returns(closed, horizon.look_ahead_ms)
    in_window = closed.close_time_ms >= as_of_ms - horizon.train_window_ms
    return returns, in_window & ~np.isnan(returns)


def _intervals(
    closed: Candles, horizon: Horizon, returns: FloatArray, pred_return: float
) -> tuple[Interval, ...] | None:
    """Learn the last labels, at most `INTERVAL_LABELS`, as if each had been forecast as the mean of all."""
    first = max(0, len(closed) - INTERVAL_LABELS - horizon.look_ahead_bars)
    history = max(0, first - VOLATILITY_BARS)
    volatility = ewma_volatility(closed.take(slice(history, None)))[first - history :]
    as_of_ms, y = closed.close_time_ms[first:], returns[first:]
    known = ~np.isnan(y) & ~np.isnan(volatility)
    rows = ForecastRows(
        symbols=(closed.symbol,),
        symbol=np.zeros(int(known.sum()), dtype=np.int64),
        as_of_ms=as_of_ms[known],
        label_end_ms=as_of_ms[known] + horizon.look_ahead_ms,
        pred_return=np.full(int(known.sum()), pred_return),
        volatility=volatility[known],
        y=y[known],
    )
    learned = AdaptiveIntervals(horizon.look_ahead_bars).learn(rows)
    if not learned.ready or math.isnan(volatility[-1]):
        return None
    return learned.intervals(closed.symbol, int(as_of_ms[-1]), pred_return, float(volatility[-1]))


def _share(hits: int, rows: int) -> float:
    return (hits + 1) / (rows + 2)
