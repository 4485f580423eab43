import itertools
import json
import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from forecasting.errors import InvalidEvidence, NotEnoughHistory
from forecasting.licence import kernel
from forecasting.licence.process import EProcess
from forecasting.licence.rows import Rows
from forecasting.licence.stakes import DAILY, HOURLY
from tests.forecasting.licence.oracle import oracle
from tests.forecasting.licence.rows_of_noise import DEVELOPMENT, developed, drift_rows, judged


def with_holes(rows: Rows, seed: int) -> Rows:
    rng = np.random.default_rng(seed)
    returns, forecasts = rows.returns.copy(), rows.forecasts.copy()
    returns[rng.random(returns.shape) < 0.1] = np.nan
    forecasts[rng.random(forecasts.shape) < 0.1] = np.nan
    returns[:400, -1] = forecasts[:400, -1] = np.nan  # the last symbol comes late
    return replace(rows, returns=returns, forecasts=forecasts)


@pytest.mark.parametrize(("horizon_bars", "symbols"), [(1, 1), (7, 3)])
def test_it_is_the_formula_of_the_design(horizon_bars: int, symbols: int) -> None:
    rows = with_holes(drift_rows(1, horizon_bars, bars=700, symbols=symbols + 1, skill=0.1), seed=2)
    expected = oracle(rows, horizon_bars, DEVELOPMENT)
    np.testing.assert_allclose(judged(rows, horizon_bars)[1].log_evidence, expected, rtol=0, atol=1e-10)


@settings(max_examples=20, deadline=None)
@given(cuts=st.lists(st.integers(DEVELOPMENT, 600), min_size=1, max_size=5), seed=st.integers(0, 99))
def test_saved_and_continued_it_gives_the_bits_of_one_pass(cuts: list[int], seed: int) -> None:
    rows = with_holes(drift_rows(seed, 5, bars=600, symbols=2, skill=0.1), seed)
    whole, told = judged(rows, 5)
    process, parts = developed(rows, 5), []
    bounds = sorted({DEVELOPMENT, *cuts, 600})
    for first, end in itertools.pairwise(bounds):
        process = EProcess.from_document(json.loads(json.dumps(process.to_document())))
        parts.append(process.advance(rows.between(first, end)).log_evidence)
    assert np.concatenate(parts).tobytes() == told.log_evidence.tobytes()
    assert process.to_document() == whole.to_document()


def test_rows_to_come_change_nothing_before() -> None:
    rows = drift_rows(3, 5, bars=600)
    later = rows.returns.copy()
    later[500:] *= 1_000
    changed = replace(rows, returns=later)
    assert np.array_equal(judged(rows, 5)[1].bets[:200], judged(changed, 5)[1].bets[:200])


@pytest.mark.parametrize("surprise", [1e-9, 0.01, 10.0])
def test_the_scale_comes_from_development_and_not_from_the_first_bet(surprise: float) -> None:
    rows = drift_rows(4, bars=DEVELOPMENT + 1)
    returns = rows.returns.copy()
    returns[DEVELOPMENT] = rows.next_bar[DEVELOPMENT - 1] + surprise
    usual = math.sqrt(developed(rows).pooled[kernel.SCALE])
    process, told = judged(replace(rows, returns=returns))
    raw = kernel.pooled_bet(returns[-1], *_before_last(rows), 30.0)
    assert told.bets[0] == pytest.approx(raw / usual)
    assert process.bets == 1


def _before_last(rows: Rows) -> tuple[np.ndarray, ...]:
    process = developed(rows)
    return process.symbols, process.differences, process.issued


def test_the_scale_is_floored_at_half_of_that_of_development() -> None:
    process = EProcess(1, 1)
    process.develop(drift_rows(5, bars=DEVELOPMENT))
    usual = math.sqrt(process.pooled[kernel.SCALE])
    process.begin()
    process.pooled[kernel.SCALE] = 1e-12
    pooled, wealth = process.pooled, process.wealth
    assert kernel.settle(1.0, pooled, wealth, np.array([0.1]), 0.99, True) == pytest.approx(2 / usual)


@pytest.mark.parametrize("stakes", [HOURLY, DAILY])
@pytest.mark.parametrize("bet", [-1e9, 1e9])
def test_no_better_loses_or_wins_more_than_nine_tenths_of_its_wealth(stakes: object, bet: float) -> None:
    fractions = np.array(stakes.fractions)  # type: ignore[attr-defined]
    wealth, pooled = np.zeros(len(fractions)), np.zeros(8)
    pooled[[kernel.SCALE, kernel.FLOOR]] = 1.0
    kernel.settle(bet, pooled, wealth, fractions, 0.99, True)
    np.testing.assert_allclose(np.exp(wealth), 1 + math.copysign(0.9, bet))


def test_a_small_stake_is_clipped_later_than_a_large_one() -> None:
    fractions = np.array([0.005, 0.3])
    wealth, pooled = np.zeros(2), np.zeros(8)
    pooled[[kernel.SCALE, kernel.FLOOR]] = 1.0
    kernel.settle(20.0, pooled, wealth, fractions, 0.99, True)
    np.testing.assert_allclose(np.exp(wealth), [1.1, 1.9])


def test_a_weight_does_not_know_the_difference_that_it_scales() -> None:
    rows = drift_rows(6, bars=DEVELOPMENT + 2)
    forecasts = rows.forecasts.copy()
    forecasts[-2] = 1e6
    _process, told = judged(replace(rows, forecasts=forecasts))
    surprise = (rows.returns[-1, 0] - rows.next_bar[-2, 0]) / rows.returns.std()
    assert abs(told.bets[-1]) > 2.0 * abs(surprise)


def test_forecasts_that_know_something_gather_evidence() -> None:
    process, told = judged(drift_rows(7, bars=4_000, skill=0.1))
    assert process.log_evidence > math.log(1e4)
    assert process.best_log_evidence == told.log_evidence.max()
    assert process.skill == pytest.approx(0.1, abs=0.04)


def test_symbols_pool_their_evidence() -> None:
    one, many = (judged(drift_rows(8, bars=2_000, symbols=m, skill=0.06))[0].skill for m in (1, 9))
    assert many == pytest.approx(3 * 0.06, abs=0.04)
    assert many > one


def test_a_bar_without_a_market_is_no_bet() -> None:
    rows = drift_rows(9, bars=400)
    returns = rows.returns.copy()
    returns[350] = np.nan
    process, told = judged(replace(rows, returns=returns))
    assert np.isnan(told.bets[50])
    assert told.log_evidence[50] == told.log_evidence[49]
    assert process.bets == 99


def test_forecasts_grow_old_while_the_market_is_away() -> None:
    rows = drift_rows(10, 3, bars=400)
    returns, forecasts = rows.returns.copy(), rows.forecasts.copy()
    forecasts[350:353] = np.nan
    _, told = judged(replace(rows, returns=returns, forecasts=forecasts), 3)
    assert np.isnan(told.bets[53])
    assert np.isfinite(told.bets[[52, 54]]).all()


def test_a_recipe_that_never_differs_from_its_baseline_proves_nothing() -> None:
    rows = drift_rows(11, bars=400)
    same = replace(rows, forecasts=rows.baseline)
    process = EProcess(1, 1)
    process.develop(same.between(0, DEVELOPMENT))
    with pytest.raises(NotEnoughHistory, match="0 development bars, 30 are needed"):
        process.begin()


def test_without_development_nothing_is_bet() -> None:
    with pytest.raises(InvalidEvidence, match="develop on earlier rows"):
        EProcess(1, 1).advance(drift_rows(12, bars=10))


def test_development_ends_once() -> None:
    rows = drift_rows(13, bars=400)
    process = developed(rows)
    with pytest.raises(InvalidEvidence, match="before the first bet"):
        process.develop(rows)
    with pytest.raises(InvalidEvidence, match="begins once"):
        process.begin()


def test_rows_of_other_symbols_are_refused() -> None:
    with pytest.raises(InvalidEvidence, match="rows of 2 symbols were given, 1 are needed"):
        developed(drift_rows(14, bars=400)).advance(drift_rows(14, bars=400, symbols=2))


@pytest.mark.parametrize("shape", [(0, 1), (1, 0)])
def test_a_process_needs_a_symbol_and_a_bar(shape: tuple[int, int]) -> None:
    with pytest.raises(InvalidEvidence, match="at least one of each"):
        EProcess(*shape)
