"""A row of features knows the regime nearly as well as the candles do."""

from __future__ import annotations

import numpy as np
import pytest

from forecasting.adapters.simulated_process import MarketProcess
from forecasting.adapters.simulator import simulate_market
from forecasting.baselines.log_returns import log_of_return
from forecasting.features.market import markets_of
from forecasting.features.pooled import build_dataset
from forecasting.features.regime import REGIME_BARS, TREND_SCORE, regime_of, regime_scores
from forecasting.forecaster.row_regimes import row_regimes
from tests.forecasting.rows import SYMBOLS, hourly_horizon, hourly_spec

SPEC = hourly_spec()
TOTAL, SPREAD = SPEC.names.index("return_30h"), SPEC.names.index("volatility_30h")


def row(total: float, spread: float) -> np.ndarray:
    X = np.zeros((1, len(SPEC.names)))
    X[0, [TOTAL, SPREAD]] = total, spread
    return X


@pytest.fixture(scope="module")
def hours() -> tuple[np.ndarray, np.ndarray]:
    """Regimes of rows, and scores of their candles, of a year of two symbols in which no hour is absent."""
    law = MarketProcess(outages_a_year=0.0)
    candles = dict(simulate_market(5, hours=8766, symbols=SYMBOLS, process=law).candles)
    rows = build_dataset(markets_of(candles), hourly_horizon(), SPEC)
    scores = np.empty(len(rows))
    for number, symbol in enumerate(rows.symbols):
        at = np.searchsorted(candles[symbol].close_time_ms, rows.as_of_ms[rows.symbol == number])
        scores[rows.symbol == number] = regime_scores(candles[symbol])[at]
    return row_regimes(rows.X, SPEC), scores


def test_rows_without_gaps_have_the_regime_of_their_candles(hours) -> None:
    regimes, scores = hours
    same = regimes == [regime_of(score).value for score in scores]
    assert same.mean() > 0.995
    assert set(regimes) == {"uptrend", "downtrend", "chop"}


def test_rows_that_differ_lie_at_the_edge_of_a_trend(hours) -> None:
    regimes, scores = hours
    differ = regimes != [regime_of(score).value for score in scores]
    assert np.abs(np.abs(scores[differ]) - TREND_SCORE).max() < 0.01


@pytest.mark.parametrize(("total", "spread"), [(np.nan, 0.01), (0.1, np.nan)])
def test_what_a_row_does_not_know_has_no_regime(total, spread) -> None:
    assert row_regimes(row(total, spread), SPEC).tolist() == ["unknown"]


def test_regimes_are_those_of_the_formula_in_numpy() -> None:
    generator = np.random.default_rng(8)
    X = np.zeros((5000, len(SPEC.names)))
    X[:, TOTAL], X[:, SPREAD] = generator.normal(0, 0.05, 5000), np.abs(generator.normal(0, 0.01, 5000))
    X[::50, SPREAD], X[1::50, TOTAL] = 0.0, 0.0
    total, spread = log_of_return(X[:, TOTAL]), X[:, SPREAD]
    squares = (REGIME_BARS - 1) * spread * spread + total * total / REGIME_BARS
    scores = np.divide(total, np.sqrt(REGIME_BARS * squares), out=total.copy(), where=squares > 0)
    assert row_regimes(X, SPEC).tolist() == [regime_of(score).value for score in scores.tolist()]


@pytest.mark.parametrize(
    ("total", "spread", "regime"),
    [(0.2, 0.01, "uptrend"), (-0.2, 0.01, "downtrend"), (0.001, 0.01, "chop"), (0.0, 0.0, "chop")],
)
def test_a_regime_is_the_drift_measured_against_the_spread(total, spread, regime) -> None:
    assert row_regimes(row(total, spread), SPEC).tolist() == [regime]
