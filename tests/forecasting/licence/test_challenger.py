"""Two recipes on one market: who is better is found, who is as good never replaces the champion.

Lives are a year of hours of Student-t5 shocks; the forecasts know parts of the next bar, or of the next 24, that are
independent of each other. Alpha is 0.01 throughout.
"""

import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import binom

from forecasting.features.compilation import compiled
from forecasting.licence.challenger import SIZING_BARS, against_champion, contest
from forecasting.licence.process import EProcess
from forecasting.licence.rows import Rows
from forecasting.types import FloatArray

ALPHA = 0.01
NEEDED = -math.log(ALPHA)
YEAR = 8_760


def rivals(
    seed: int,
    challenger: float,
    champion: float,
    bars: int = YEAR,
    horizon_bars: int = 1,
    symbols: int = 1,
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Returns, and best forecasts of two who know independent parts of it, of the given IC with one bar."""
    rng = np.random.default_rng(seed)
    memory = 0.0 if horizon_bars == 1 else 0.95
    parts = [remembered(rng.standard_normal((bars, symbols)), memory) for _ in range(2)]
    returns = rng.standard_t(5, (bars, symbols)) / np.sqrt(5 / 3)
    returns[1:] += challenger * parts[0][:-1] + champion * parts[1][:-1]
    reach = 0.01 * (1.0 - memory**horizon_bars) / (1.0 - memory)
    return 0.01 * returns, reach * challenger * parts[0], reach * champion * parts[1]


@compiled
def remembered(noise: FloatArray, memory: float) -> FloatArray:
    fresh = math.sqrt(1.0 - memory * memory)
    for bar in range(1, len(noise)):
        noise[bar] = memory * noise[bar - 1] + fresh * noise[bar]
    return noise


def asked(rows: Rows, horizon_bars: int = 1) -> EProcess:
    return contest(rows, 0, horizon_bars)


def wins(lives: int, challenger: float, champion: float, horizon_bars: int = 1) -> int:
    """Lives in which the evidence ever reaches 1 / alpha."""
    found = 0
    for seed in range(lives):
        rows = against_champion(*rivals(seed, challenger, champion, horizon_bars=horizon_bars), horizon_bars)
        found += asked(rows, horizon_bars).best_log_evidence >= NEEDED
    return found


@settings(max_examples=20, deadline=None)
@given(horizon_bars=st.integers(1, 9), seed=st.integers(0, 99))
def test_bets_add_up_to_half_the_difference_of_squared_errors(horizon_bars: int, seed: int) -> None:
    rng = np.random.default_rng(seed)
    returns, challenger, champion = rng.standard_normal((3, 60, 2))
    champion[-horizon_bars:] = challenger[-horizon_bars:] = np.nan
    rows = against_champion(returns, challenger, champion, horizon_bars)
    told = rows.forecasts - rows.baseline
    summed = [np.nansum(told[max(0, bar - horizon_bars) : bar], axis=0) for bar in range(1, 60)]
    bets = summed * (rows.returns[1:] - rows.next_bar[:-1])
    labels = np.array([returns[bar + 1 : bar + 1 + horizon_bars].sum(axis=0) for bar in range(60)])
    gained = (labels - champion) ** 2 - (labels - challenger) ** 2
    np.testing.assert_allclose(bets.sum(axis=0), np.nansum(gained, axis=0) / 2, rtol=1e-9)


@pytest.mark.parametrize("horizon_bars", [1, 24])
def test_a_challenger_of_equal_skill_rarely_wins(horizon_bars: int) -> None:
    lives, skill = 300, 0.05 if horizon_bars == 1 else 0.02
    assert wins(lives, skill, skill, horizon_bars) <= binom.ppf(0.99, lives, ALPHA)


def test_bets_centred_on_the_champion_would_let_a_worse_challenger_win() -> None:
    centred, halfway = 0, 0
    for seed in range(40):
        rows = against_champion(*rivals(seed, 0.07, 0.08), 1)
        centred += asked(replace(rows, next_bar=rows.baseline)).best_log_evidence >= NEEDED
        halfway += asked(rows).best_log_evidence >= NEEDED
    assert (centred >= 30, halfway <= 2) == (True, True)


def test_a_clearly_better_challenger_wins() -> None:
    assert wins(100, 0.12, 0.03) >= binom.ppf(0.01, 100, 0.9)


def test_symbols_pool_their_evidence() -> None:
    one, nine = (
        asked(against_champion(*rivals(1, 0.1, 0.0, bars=4_000, symbols=count), 1)).skill for count in (1, 9)
    )
    assert nine > 2 * one


@settings(max_examples=15, deadline=None)
@given(
    seed=st.integers(0, 999),
    champion=st.sampled_from([0.0, 0.1, 0.2]),
    horizon_bars=st.sampled_from([1, 24]),
)
def test_two_recipes_never_hold_evidence_against_each_other(
    seed: int, champion: float, horizon_bars: int
) -> None:
    returns, first, second = rivals(seed, 0.1, champion, bars=1_500, horizon_bars=horizon_bars)
    there = asked(against_champion(returns, first, second, horizon_bars), horizon_bars)
    back = asked(against_champion(returns, second, first, horizon_bars), horizon_bars)
    assert min(there.log_evidence, back.log_evidence) <= 0.0
    assert there.skill == pytest.approx(-back.skill)


def test_the_champion_against_itself_is_a_tie_without_a_bet() -> None:
    returns, forecasts, _ = rivals(2, 0.1, 0.0, bars=1_000)
    process = asked(against_champion(returns, forecasts, forecasts, 1))
    assert (process.bets, process.log_evidence) == (0, 0.0)


def test_too_few_common_rows_are_no_evidence() -> None:
    process = asked(against_champion(*rivals(3, 0.1, 0.0, bars=SIZING_BARS), 1))
    assert (process.bets, process.log_evidence) == (0, 0.0)


def test_nothing_is_bet_on_rows_of_development() -> None:
    rows = against_champion(*rivals(4, 0.1, 0.0, bars=1_000), 1)
    assert contest(rows, 600, 1).bets == 400
    assert contest(rows, 0, 1).bets == 1_000 - SIZING_BARS - 1


def test_a_missing_forecast_bets_nothing() -> None:
    returns, first, second = rivals(5, 0.1, 0.0, bars=1_000)
    first[700] = np.nan
    assert asked(against_champion(returns, first, second, 1)).bets == 1_000 - SIZING_BARS - 2


def test_rows_to_come_change_nothing_before() -> None:
    returns, first, second = rivals(6, 0.1, 0.1, bars=300, horizon_bars=24)
    rows = against_champion(returns, first, second, 24)
    first[200:] *= 1_000
    assert np.array_equal(against_champion(returns, first, second, 24).next_bar[:200], rows.next_bar[:200])
