"""The naive forecast straight from candles: what is answered when there is no model."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from forecasting.candles import Candles
from forecasting.errors import NotEnoughHistory
from forecasting.horizons import Horizon
from forecasting.targets import forward_returns
from forecasting.types import FloatArray, utc_iso

LEAST_LABELS = 30


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
    """

    as_of_ms: int
    pred_return: float
    p_up: float
    conf: float
    rows: int


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
    if candles.interval != horizon.base_interval:
        raise ValueError(f"candles of {candles.interval} were given, {horizon.base_interval} is needed")
    closed = candles.closed_by(as_of_ms)
    labels = _labels(closed, horizon, as_of_ms)
    if len(labels) < LEAST_LABELS:
        raise NotEnoughHistory(
            f"{closed.symbol}: {len(labels)} returns over {horizon.name} have ended by {utc_iso(as_of_ms)}, "
            f"{LEAST_LABELS} are needed: import more candles"
        )
    pred_return = float(np.mean(labels))
    agreement = np.sign(labels) * np.sign(pred_return)
    return NaiveForecast(
        as_of_ms=int(closed.close_time_ms[-1]),
        pred_return=pred_return,
        p_up=_share(int((labels > horizon.threshold).sum()), len(labels)),
        conf=_share(int((agreement > 0).sum()), int((agreement != 0).sum())),
        rows=len(labels),
    )


def _labels(closed: Candles, horizon: Horizon, as_of_ms: int) -> FloatArray:
    # Closed candles know no later close, so every return among them ended by as_of.
    returns = forward_returns(closed, horizon.look_ahead_ms)
    in_window = closed.close_time_ms >= as_of_ms - horizon.train_window_ms
    return returns[in_window & ~np.isnan(returns)]


def _share(hits: int, rows: int) -> float:
    return (hits + 1) / (rows + 2)
