"""Whether reconciling a 1d forecast with its 24 hours helps: squared errors before and after, some hours into the day.

Run with `python -m benchmarks.coherence FOLDER` on a folder of hourly candles; the figures of docs/coherence.md are its.
Judged are development rows: what lies in the last fifth of the time is not looked at.
"""

from __future__ import annotations

import math
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np

from benchmarks.coherent_days import STEPS, ForecastDay, forecast_days, walk
from benchmarks.figures import Figure, report
from benchmarks.real_series import Series, series_of
from forecasting.coherence.forecast import coherent_forecast
from forecasting.coherence.reconciliation import reconcile
from forecasting.horizons import load_horizons
from forecasting.inference.accuracy import diebold_mariano
from forecasting.inference.spans import LabelSpans
from forecasting.types import DAY_MS, FloatArray

HOURS = (0, 6, 12, 18)
DEVELOPMENT = 0.8
FIRST_FIT_DAYS = 730
CADENCE_DAYS = 183

Method = Callable[[ForecastDay, int], float]


def as_forecast(day: ForecastDay, _hours: int) -> float:
    """Forecast the day as at midnight."""
    return day.coarse.pred_return


def filled_in(day: ForecastDay, hours: int) -> float:
    """Take what happened so far, and of the forecast the share of the hours that are left."""
    left = day.coarse.log_growth * (STEPS - hours) / STEPS
    return math.expm1(math.fsum(day.passed(hours).log_returns) + left)


def steps_alone(day: ForecastDay, hours: int) -> float:
    """Take what happened so far, the next hour as forecast, and naive for those after it."""
    left = day.hourly[hours].log_growth + (STEPS - hours - 1) * day.naive.log_growth
    return math.expm1(math.fsum(day.passed(hours).log_returns) + left)


def facts_first(day: ForecastDay, hours: int) -> float:
    """Reconcile with passed hours as forecasts without error, so that they drag the hours to come."""
    base = np.full(STEPS, day.naive.log_growth)
    variances = np.full(STEPS, day.naive.variance)
    base[hours], variances[hours] = day.hourly[hours].log_growth, day.hourly[hours].variance
    base[:hours], variances[:hours] = day.passed(hours).log_returns, 0.0
    return math.expm1(reconcile(day.coarse.log_growth, base, day.coarse.variance, variances).total)


def reconciled(day: ForecastDay, hours: int) -> float:
    """Reconcile the forecasts, then let facts replace those of passed hours: what is served."""
    found = coherent_forecast(day.span, day.coarse, day.naive, day.passed(hours), day.hourly[hours])
    return found.total


METHODS: dict[str, Method] = {
    "1d as forecast": as_forecast,
    "1d filled in": filled_in,
    "hours alone": steps_alone,
    "facts first": facts_first,
    "reconciled": reconciled,
}


def compared(days: Sequence[ForecastDay], hours: int) -> list[Figure]:
    """Root mean squared error of each method, and reconciled against the others."""
    y = np.array([day.y for day in days])
    starts = np.array([day.span.start_ms for day in days])
    spans = LabelSpans(starts, starts + DAY_MS)
    losses = {
        name: (y - np.array([method(day, hours) for day in days])) ** 2 for name, method in METHODS.items()
    }
    told = f"{hours} hours after midnight"
    figures = [Figure(f"{told}, {name}: RMSE", _rmse(loss), "% of price") for name, loss in losses.items()]
    ours = losses["reconciled"]
    for name in ("1d filled in", "hours alone", "facts first"):
        test = diebold_mariano(spans, ours, losses[name])
        change = 100 * (float(ours.mean() / losses[name].mean()) - 1)
        figures += [
            Figure(f"{told}, reconciled against {name}: squared error", change, "%"),
            Figure(
                f"{told}, reconciled against {name}: Diebold-Mariano", _known(test.statistic), "deviations"
            ),
        ]
    return figures


def _known(statistic: float | None) -> float:
    return math.nan if statistic is None else statistic


def _rmse(loss: FloatArray) -> float:
    return 100 * math.sqrt(float(loss.mean()))


def price_gaps(hours: Series, days: Series) -> list[Figure]:
    """Compare closes of daily candles with those of the hours that end with them."""
    gaps = []
    for symbol, candles in days.items():
        fine = hours[symbol] if symbol in hours else candles.take(slice(0, 0))
        _, at, in_fine = np.intersect1d(candles.close_time_ms, fine.close_time_ms, return_indices=True)
        gaps.append(np.abs(fine.close[in_fine] / candles.close[at] - 1))
    every = np.concatenate(gaps)
    return [
        Figure("daily closes with an hour that ends then", len(every), "days"),
        Figure("daily closes that differ from it", int((every > 0).sum()), "days"),
        Figure("largest difference", 1e4 * float(every.max(initial=0.0)), "bp"),
    ]


def run(folder: Path, days_folder: Path | None = None) -> list[Figure]:
    """Measure on the markets of a folder that are quoted in USDT, which share one span of time."""
    everything = series_of(folder)
    series = {symbol: each for symbol, each in everything.items() if symbol.endswith("/USDT")}
    first_ms = max(int(each.open_time_ms[0]) for each in series.values())
    last_ms = min(int(each.close_time_ms[-1]) for each in series.values())
    end_ms = first_ms + int(DEVELOPMENT * (last_ms - first_ms))
    hours = {symbol: each.closed_by(end_ms) for symbol, each in series.items()}
    refits = [*range(first_ms + FIRST_FIT_DAYS * DAY_MS, end_ms, CADENCE_DAYS * DAY_MS), end_ms]
    horizons = load_horizons()
    days = list(
        forecast_days(
            walk(horizons["1d"], hours, refits, (0,)), walk(horizons["1h"], hours, refits, HOURS), HOURS
        )
    )
    figures = [
        Figure("judged", len(days), "days of a symbol"),
        Figure("judged, different days", len({day.span.start_ms for day in days}), "days"),
    ]
    figures += price_gaps(series, series_of(days_folder)) if days_folder else []
    return [*figures, *(figure for each in HOURS for figure in compared(days, each))]


if __name__ == "__main__":
    if len(sys.argv) < 2:
        sys.exit("name a folder of hourly candles: python -m benchmarks.coherence FOLDER [FOLDER OF DAYS]")
    sys.exit(report("Coherence", run(*map(Path, sys.argv[1:3]))))
