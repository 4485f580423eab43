"""One simulated life of a recipe each, asked what the gate would have done; each function answers with a yes or no."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

import numpy as np

from benchmarks.gate_market import MOVE, YEAR_BARS, Market, persistent, simulate
from benchmarks.gate_ridge import features_of, refitted_daily
from forecasting.licence.demotion import THRESHOLD, Losses, follow
from forecasting.licence.passing import first_pass
from forecasting.licence.process import EProcess, Told
from forecasting.licence.rows import Rows, against_drift, against_echo, against_no_change
from forecasting.licence.spending import price
from forecasting.types import FloatArray

Life = Callable[[np.random.Generator], bool]

HISTORY_BARS = YEAR_BARS // 2
LOCKBOX_BARS = YEAR_BARS // 4
MEMORY = 0.95  # of features that are noise: forecasts of real recipes move slowly
RECIPES = 200
CALM = Market()
ALPHA_HORIZON = 0.01
FOUND_WITHIN_BARS = 1_000


def told_of(rows: Rows, horizon_bars: int, history_bars: int) -> Told:
    """Develop on the history, then bet on the rest."""
    process = EProcess(rows.returns.shape[1], horizon_bars)
    process.develop(rows.between(0, history_bars))
    process.begin()
    return process.advance(rows.between(history_bars, None))


def passes(asked: Sequence[Rows], horizon_bars: int, history_bars: int, alpha: float) -> bool:
    """Whether the recipe is ever licensed; a baseline is only asked where those before were beaten."""
    evidence = []
    for rows in asked:
        evidence.append(told_of(rows, horizon_bars, history_bars))
        if first_pass(*evidence, alpha=alpha) is None:
            return False
    return True


def against_all(returns: FloatArray, forecasts: FloatArray, horizon_bars: int) -> tuple[Rows, ...]:
    """Rows against every baseline."""
    fitted = (against(returns, forecasts, horizon_bars) for against in (against_drift, against_echo))
    return (against_no_change(returns, forecasts), *fitted)


def licensed(
    returns: FloatArray, forecasts: FloatArray, horizon_bars: int, history_bars: int, alpha: float
) -> bool:
    """Tell the same from returns and forecasts."""
    asked = against_all(returns, forecasts, horizon_bars)
    return passes(asked, horizon_bars, history_bars, alpha)


def refitted_noise(horizon_bars: int, market: Market = CALM) -> Life:
    """License a recipe after a year of daily refits on five features that know nothing, or not."""

    def live(rng: np.random.Generator) -> bool:
        returns, _ = simulate(market, HISTORY_BARS + YEAR_BARS, rng)
        features = persistent(rng.standard_normal((*returns.shape, 5)), MEMORY)
        forecasts = refitted_daily(features, returns, horizon_bars)
        return licensed(returns, forecasts, horizon_bars, HISTORY_BARS, ALPHA_HORIZON)

    return live


def always_long(rng: np.random.Generator) -> bool:
    """License a constant forecast after three years of a drift Sharpe of 2, or not."""
    returns, _ = simulate(Market(sharpe=2.0), 4 * YEAR_BARS, rng)
    forecasts = np.full_like(returns, MOVE)
    return licensed(returns, forecasts, 1, YEAR_BARS, ALPHA_HORIZON)


def known_signal(alpha: float, bars_times_skill_squared: float, bars: int = YEAR_BARS) -> Life:
    """License forecasts that are the planted signal within so many bars, or not."""
    skill = math.sqrt(bars_times_skill_squared / bars)

    def live(rng: np.random.Generator) -> bool:
        returns, signal = simulate(Market(skill=skill), HISTORY_BARS + bars, rng)
        return licensed(returns, MOVE * skill * signal, 1, HISTORY_BARS, alpha)

    return live


def learnt_signal(alpha: float, skill: float) -> Life:
    """License a ridge that has to find the signal among five features within a year, or not."""

    def live(rng: np.random.Generator) -> bool:
        returns, signal = simulate(Market(skill=skill), HISTORY_BARS + YEAR_BARS, rng)
        forecasts = refitted_daily(features_of(signal, rng), returns, 1)
        return licensed(returns, forecasts, 1, HISTORY_BARS, alpha)

    return live


def one_lockbox(rng: np.random.Generator) -> bool:
    """License any of 200 recipes that know nothing and ask one lockbox of a quarter, each at its price, or none."""
    returns, _ = simulate(Market(), HISTORY_BARS + LOCKBOX_BARS, rng)
    for number in range(1, RECIPES + 1):
        said = MOVE * persistent(rng.standard_normal(returns.shape), MEMORY)
        if licensed(returns, said, 1, HISTORY_BARS, price(ALPHA_HORIZON, number)):
            return True
    return False


def demoted(skill: float, within_bars: int) -> Life:
    """Demote a served model that knows so much within so many bars, or not."""

    def live(rng: np.random.Generator) -> bool:
        returns, signal = simulate(Market(skill=skill), HISTORY_BARS + within_bars, rng)
        told = told_of(against_drift(returns, MOVE * signal, 1), 1, HISTORY_BARS)
        return bool(follow(Losses(), told.bets)[1].max() >= math.log(THRESHOLD))

    return live
