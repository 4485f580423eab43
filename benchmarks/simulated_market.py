"""How findable is the planted signal: `python -m benchmarks.simulated_market [seeds]`.

For each seed, two years of four symbols are simulated. Forecasts of the last tenth are scored as a gate does:
against the naive forecast on the same rows, and by a rule that trades only beyond the costs of a round trip.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable
from dataclasses import dataclass, fields

import numpy as np

from benchmarks.figures import Figure, median_seconds, report
from forecasting.adapters.simulator import SimulatedMarket, simulate_market
from forecasting.baselines.naive import Naive
from forecasting.candles import resample
from forecasting.dataset import Dataset
from forecasting.ensemble import shrinkage_factor
from forecasting.features.market import markets_of
from forecasting.features.pooled import build_dataset
from forecasting.features.specification import feature_spec
from forecasting.horizons import load_horizons
from forecasting.metrics import directional_accuracy
from forecasting.models.lightgbm import LightGbm
from forecasting.splits import time_ordered_split
from forecasting.targets import forward_returns
from forecasting.types import DAY_MS, FloatArray

TWO_YEARS_HOURS = 2 * 8766
COST_PER_SIDE = 0.0005


@dataclass(frozen=True, slots=True)
class Outcome:
    """What one forecaster reached on the later rows of one seed: gain in points, the rest fractions."""

    rank_ic: float
    accuracy_gain: float
    profit: float
    active: float


def outcomes(seed: int) -> dict[str, Outcome]:
    """Score the truth, a line through the last return, and LightGBM on the same test rows."""
    market = simulate_market(seed, hours=TWO_YEARS_HOURS)
    train, validation, test = _parts(market, "1h")
    slope, level = np.polyfit(_last_return(train), train.y, 1)
    boosted = LightGbm().fit(train)
    forecasters: dict[str, Callable[[Dataset], FloatArray]] = {
        "truth": lambda rows: _truth(market, rows),
        "line": lambda rows: level + slope * _last_return(rows),
        "LightGBM": lambda rows: boosted.predict(rows.X),
    }
    naive = _naive(train)
    return {name: _score(each, naive, validation, test) for name, each in forecasters.items()}


def accuracy_gain_in_days(seed: int, horizon_name: str) -> float:
    """Points of accuracy that LightGBM gains over naive at a horizon where nothing is planted, five years."""
    train, _, test = _parts(simulate_market(seed), horizon_name)
    boosted, naive = LightGbm().fit(train), _naive(train)
    return _gain(boosted.predict(test.X), naive.predict(test.X), test)


def _parts(market: SimulatedMarket, horizon_name: str) -> tuple[Dataset, Dataset, Dataset]:
    horizon = load_horizons()[horizon_name]
    candles = {name: resample(each, horizon.base_interval) for name, each in market.candles.items()}
    data = build_dataset(markets_of(candles), horizon, feature_spec(horizon, tuple(candles)))
    split = time_ordered_split(data.as_of_ms, data.label_end_ms)
    return data.take(split.train), data.take(split.validation), data.take(split.test)


def _naive(train: Dataset) -> Naive:
    return Naive(tuple(name for name in train.feature_names if name.startswith("symbol_"))).fit(train)


def _last_return(rows: Dataset) -> FloatArray:
    """Return of the last hour, 0 after an outage."""
    return np.nan_to_num(rows.X[:, rows.feature_names.index("return_1h")])


def _truth(market: SimulatedMarket, rows: Dataset) -> FloatArray:
    expected = np.empty(len(rows))
    for number, symbol in enumerate(rows.symbols):
        chosen = rows.symbol == number
        at = np.searchsorted(market.candles[symbol].close_time_ms, rows.as_of_ms[chosen])
        expected[chosen] = market.expected_return[symbol][at]
    return expected


def _score(
    forecaster: Callable[[Dataset], FloatArray], naive: Naive, validation: Dataset, test: Dataset
) -> Outcome:
    baseline = naive.predict(test.X)
    kept = shrinkage_factor(forecaster(validation), naive.predict(validation.X), validation.y)
    forecast = baseline + kept * (forecaster(test) - baseline)
    held = np.where(np.abs(forecast) > 2 * COST_PER_SIDE, np.sign(forecast), 0.0)
    profits = [
        _profit(held[test.symbol == each], test.y[test.symbol == each]) for each in range(len(test.symbols))
    ]
    return Outcome(
        rank_ic=rank_correlation(forecast, test.y),
        accuracy_gain=_gain(forecast, baseline, test),
        profit=float(np.mean(profits)),
        active=float(np.mean(held != 0)),
    )


def _profit(held: FloatArray, y: FloatArray) -> float:
    turnover = np.abs(np.diff(held, prepend=0.0, append=0.0)).sum()
    return float(held @ y - COST_PER_SIDE * turnover)


def _gain(forecast: FloatArray, baseline: FloatArray, test: Dataset) -> float:
    return 100 * (directional_accuracy(test.y, forecast) - directional_accuracy(test.y, baseline))


def rank_correlation(forecast: FloatArray, y: FloatArray) -> float:
    """Spearman's rank correlation; equal values share their mean rank."""
    from scipy.stats import spearmanr

    return float(spearmanr(forecast, y).statistic)


def later_correlation(seed: int, days: int) -> float:
    """Rank correlation of the true one-hour expectation with the return over whole days, five years."""
    market = simulate_market(seed)
    returns = [forward_returns(candles, days * DAY_MS) for candles in market.candles.values()]
    ahead, y = np.concatenate(list(market.expected_return.values())), np.concatenate(returns)
    known = np.isfinite(y)
    return rank_correlation(ahead[known], y[known])


def run(seeds: int = 10) -> list[Figure]:
    """Generate, fit and score each seed."""
    scored = [outcomes(seed) for seed in range(seeds)]
    figures = [
        Figure("five years of 4 symbols", median_seconds(lambda: simulate_market(7), 5), "s", 2.0, False)
    ]
    for name in scored[0]:
        figures += _summary(name, [each[name] for each in scored])
    for days in (1, 7):
        reach = [later_correlation(seed, days) for seed in range(seeds)]
        gains = [accuracy_gain_in_days(seed, f"{days}d") for seed in range(seeds)]
        figures += [
            Figure(
                f"truth of 1h: mean rank IC with the next {days}d", float(np.mean(reach)), "", 0.03, False
            ),
            Figure(f"LightGBM {days}d: mean accuracy gain over naive", float(np.mean(gains)), "points"),
            Figure(f"LightGBM {days}d: standard deviation of that gain", float(np.std(gains)), "points"),
        ]
    return figures


def _summary(name: str, reached: Iterable[Outcome]) -> list[Figure]:
    ic, gain, profit, active = (
        np.array([getattr(each, field.name) for each in reached]) for field in fields(Outcome)
    )
    return [
        Figure(f"{name}: mean rank IC", float(ic.mean()), "", 0.05),
        Figure(f"{name}: seeds with rank IC above 0.10", float(np.mean(ic > 0.10)), "of 1"),
        Figure(f"{name}: mean accuracy gain over naive", float(gain.mean()), "points", 0.6),
        Figure(f"{name}: standard deviation of that gain", float(gain.std()), "points"),
        Figure(f"{name}: seeds with a gain of 0.2 points", float(np.mean(gain >= 0.2)), "of 1", 0.8),
        Figure(f"{name}: share of hours in the market", float(active.mean()), "of 1"),
        Figure(f"{name}: mean profit after costs", float(100 * profit.mean()), "%"),
        Figure(f"{name}: seeds with a profit", float(np.mean(profit > 0)), "of 1", 0.9),
    ]


if __name__ == "__main__":
    sys.exit(report("Simulated market", run(*map(int, sys.argv[1:2]))))
