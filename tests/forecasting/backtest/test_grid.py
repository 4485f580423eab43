"""Many settings over the same forecasts give what each gives alone."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from forecasting.backtest.engine import RuleNumbers, Ticks, simulate
from forecasting.backtest.grid import run_grid
from forecasting.backtest.performance import day_returns, equity_curve, performance
from forecasting.errors import NotEnoughHistory
from forecasting.types import DAY_MS
from tests.forecasting.backtest.engine.markets import FREE, random_ticks

SETTINGS = [
    FREE._replace(min_return=edge, min_conf=conf, fee=1e-3, long_only=long_only)
    for edge in (0.0, 0.005, 0.01, 0.02)
    for conf in (0.3, 0.5, 0.7)
    for long_only in (False, True)
]


@pytest.fixture(scope="module")
def markets() -> list[Ticks]:
    """Three symbols, of which one begins later and one ends earlier."""
    first, second, third = (random_ticks(seed, 200, 2) for seed in (1, 2, 3))
    later = replace(
        second, candles=replace(second.candles, open_time_ms=second.candles.open_time_ms + 3 * DAY_MS)
    )
    return [first, later, third.until(4 * DAY_MS)]


def alone(markets: list[Ticks], setting: RuleNumbers) -> tuple[np.ndarray, int, float]:
    done = [simulate(each, setting) for each in markets]
    figures = performance(done)
    return day_returns(equity_curve(done))[1], figures.trades, figures.pnl


def test_each_setting_gives_what_it_gives_alone(markets: list[Ticks]) -> None:
    result = run_grid(markets, SETTINGS)
    assert result.returns.shape == (len(result.day_ms), len(SETTINGS))
    for number, setting in enumerate(SETTINGS):
        returns, trades, pnl = alone(markets, setting)
        np.testing.assert_allclose(result.returns[:, number], returns, atol=1e-12)
        assert result.trades[number] == trades
        assert result.pnl[number] == pytest.approx(pnl, abs=1e-12)


def test_the_number_of_threads_changes_no_bit(markets: list[Ticks]) -> None:
    results = [run_grid(markets, SETTINGS, threads) for threads in (1, 2, 7)]
    for other in results[1:]:
        assert (other.returns == results[0].returns).all()
        assert (other.trades == results[0].trades).all()


def test_days_are_those_of_the_longest_run(markets: list[Ticks]) -> None:
    result = run_grid(markets, SETTINGS[:1])
    assert (
        result.day_ms.tolist()
        == day_returns(equity_curve([simulate(each, FREE) for each in markets]))[0].tolist()
    )


@pytest.mark.parametrize(("symbols", "settings"), [(0, 1), (1, 0)])
def test_nothing_to_try_is_refused(markets: list[Ticks], symbols: int, settings: int) -> None:
    with pytest.raises(NotEnoughHistory, match=f"{symbols} symbols and {settings} settings were given"):
        run_grid(markets[:symbols], SETTINGS[:settings])
