"""Days of real candles as they would have been forecast: by the 1d and the 1h forecaster, refitted as time goes on."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise

import numpy as np

from benchmarks.real_series import Series
from forecasting.baselines.naive import Naive
from forecasting.candles import Candles, resample
from forecasting.coherence.forecast import Estimate
from forecasting.coherence.steps import PassedSteps, StepSpan, passed_steps
from forecasting.dataset import Dataset
from forecasting.features.market import MarketData
from forecasting.features.pooled import build_dataset
from forecasting.features.specification import feature_spec
from forecasting.forecaster.forecaster import ENSEMBLE, Forecaster
from forecasting.forecaster.naive import ended_returns
from forecasting.horizons import Horizon
from forecasting.types import DAY_MS, HOUR_MS

STEPS = 24


@dataclass(frozen=True, slots=True)
class ForecastDay:
    """One symbol's day: what was forecast at midnight, and what came hour by hour.

    `hourly` has the finer forecast of the hour that begins so many hours after midnight; `closed` are the hours of
    the day with the one that closes at midnight.
    """

    span: StepSpan
    y: float
    coarse: Estimate
    naive: Estimate
    hourly: dict[int, Estimate]
    closed: Candles

    def passed(self, hours: int) -> PassedSteps:
        """Return what was known so many hours after midnight."""
        return passed_steps(self.span, self.closed.closed_by(self.span.start_ms + hours * HOUR_MS))


@dataclass(frozen=True)
class Walk:
    """Forecasts of a horizon that no fit had seen, and their error as a share of naive's, by row of the data."""

    horizon: Horizon
    candles: Series
    data: Dataset
    pred_return: np.ndarray
    error_ratio: np.ndarray

    @cached_property
    def rows(self) -> dict[tuple[int, int], int]:
        """Judged row by symbol number and as_of."""
        judged = np.flatnonzero(~np.isnan(self.pred_return))
        return {(int(self.data.symbol[row]), int(self.data.as_of_ms[row])): int(row) for row in judged}

    def naive(self, symbol: str, as_of_ms: int) -> Estimate:
        """Return the mean of the past returns and its error."""
        window = self.horizon.train_window_ms + self.horizon.base_interval_ms
        candles = self.candles[symbol].between(as_of_ms - window, as_of_ms)
        return Estimate.of_mean(ended_returns(candles, self.horizon, as_of_ms))

    def estimate(self, row: int, naive: Estimate) -> Estimate:
        """Return a judged row's forecast with its error on that symbol."""
        return Estimate(float(self.pred_return[row]), naive.rmse * float(self.error_ratio[row]))


def walk(horizon: Horizon, hours: Series, refits_ms: Sequence[int], hours_of_day: Sequence[int]) -> Walk:
    """Forecast the rows at some hours of the day between the first refit and the last, which only ends them.

    Each fit knows the rows of its window whose labels had ended.
    """
    candles = {symbol: resample(each, horizon.base_interval) for symbol, each in hours.items()}
    spec = feature_spec(horizon, tuple(sorted(candles)))
    data = build_dataset({symbol: MarketData(each) for symbol, each in candles.items()}, horizon, spec)
    asked = np.isin(data.as_of_ms % DAY_MS, [hour * HOUR_MS for hour in hours_of_day])
    pred_return, error_ratio = np.full(len(data), np.nan), np.full(len(data), np.nan)
    for refit_ms, next_ms in pairwise(refits_ms):
        known = (data.label_end_ms <= refit_ms) & (data.as_of_ms >= refit_ms - horizon.train_window_ms)
        fitted = Forecaster(horizon, spec).fit(data.take(known))
        judged = asked & (data.as_of_ms >= refit_ms) & (data.as_of_ms < next_ms)
        pred_return[judged] = fitted.predict(data.X[judged]).pred_return
        error_ratio[judged] = fitted.scores_[ENSEMBLE].rmse / fitted.scores_[Naive.name].rmse
    return Walk(horizon, candles, data, pred_return, error_ratio)


def forecast_days(coarse: Walk, fine: Walk, hours_of_day: Sequence[int]) -> Iterator[ForecastDay]:
    """Days that have every forecast and every hour."""
    for (number, start_ms), row in coarse.rows.items():
        symbol = coarse.data.symbols[number]
        span = StepSpan(start_ms, fine.horizon.look_ahead_ms, STEPS)
        closed = fine.candles[symbol].between(start_ms - HOUR_MS, span.end_ms)
        hourly = {hour: fine.rows.get((number, start_ms + hour * HOUR_MS)) for hour in hours_of_day}
        found = {hour: at for hour, at in hourly.items() if at is not None}
        if len(closed) <= STEPS or len(found) < len(hourly):
            continue
        naive = fine.naive(symbol, start_ms)
        yield ForecastDay(
            span=span,
            y=float(coarse.data.y[row]),
            coarse=coarse.estimate(row, coarse.naive(symbol, start_ms)),
            naive=naive,
            hourly={hour: fine.estimate(at, naive) for hour, at in found.items()},
            closed=closed,
        )
