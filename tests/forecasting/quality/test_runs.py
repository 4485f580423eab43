"""Feeds that stand still."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from forecasting.candles import PRICE_COLUMNS
from forecasting.quality.runs import flat_rows, repeated_rows, run_surprises
from forecasting.quality.timeline import timeline
from tests.forecasting.quality.market import line_of, raw_of, walk

masks = st.lists(st.booleans(), max_size=60).map(lambda flags: np.array(flags, dtype=np.bool_))


def runs(lengths: list[int]) -> np.ndarray:
    """A mask with runs of these lengths, three rows apart."""
    return np.concatenate([[False] * 3 + [True] * length for length in lengths])


def geometric(count: int, lasting: float, seed: int = 5) -> list[int]:
    generator = np.random.default_rng(seed)
    return [int(length) for length in generator.geometric(1 - lasting, size=count)]


@given(masks)
def test_only_rows_in_a_run_are_strange(mask: np.ndarray) -> None:
    found = run_surprises(mask)
    assert found.shape == mask.shape
    assert (found[~mask] == 0).all()
    assert (found >= 0).all()


@given(masks)
def test_all_rows_of_a_run_are_equally_strange(mask: np.ndarray) -> None:
    found = run_surprises(mask)
    same_run = mask[1:] & mask[:-1]
    assert (found[1:][same_run] == found[:-1][same_run]).all()


@pytest.mark.parametrize(("length", "strange"), [(5, False), (6, True), (360, True)])
def test_six_rows_are_strange_where_there_never_was_such_a_run(length: int, strange: bool) -> None:
    assert (run_surprises(runs([length])).max() > 3) == strange


def test_a_run_is_judged_by_the_others() -> None:
    # One other run, which did not last: one lasting run in five, and one and a half runs to begin with.
    assert run_surprises(runs([1, 6]))[-1] == pytest.approx(-np.log10(1.5 * 0.2**5))


def test_a_thin_market_may_stand_still_as_it_always_does() -> None:
    assert run_surprises(runs(geometric(2000, 0.6))).max() < 3


def test_six_hours_are_strange_in_a_thin_market_of_minutes() -> None:
    habit = geometric(2000, 0.6)
    found = run_surprises(runs([*habit, 360]))
    assert found[-1] > 50
    assert found[:-360].max() < 3


@pytest.mark.parametrize("seed", range(10))
def test_a_market_that_sleeps_at_night_may_do_so(seed: int) -> None:
    """Runs of 1.4 rows by day and of ten rows by night, thirty days long."""
    habit = [*geometric(3000, 0.3, seed), *geometric(1300, 0.9, seed)]
    shuffled = np.random.default_rng(seed).permutation(habit).tolist()
    assert run_surprises(runs(shuffled)).max() < 3


def test_six_hours_are_strange_in_a_market_that_sleeps_at_night() -> None:
    found = run_surprises(runs([*geometric(3000, 0.3), *geometric(1300, 0.9), 360]))
    assert found[-1] > 3
    assert found[:-360].max() < 3


@pytest.mark.parametrize(("times", "strange"), [(8, True), (9, False)])
def test_what_happens_nine_times_is_a_habit(times: int, strange: bool) -> None:
    assert (run_surprises(runs([360] * times)).max() > 3) == strange


def test_nightly_filling_of_minutes_is_no_habit() -> None:
    month = np.zeros((30, 1440), dtype=np.bool_)
    month[:, 100:460] = True
    assert run_surprises(month.ravel()).max() > 3


def test_a_fault_that_comes_back_does_not_make_itself_usual() -> None:
    found = run_surprises(runs([1, 1, 360, 1, 360, 1, 2, 360]))
    assert set(np.flatnonzero(found > 3)) == set(np.flatnonzero(found))
    assert (found > 3).sum() == 3 * 360


def test_a_row_without_a_trade_is_flat() -> None:
    candles = walk(5)
    for name in PRICE_COLUMNS:
        getattr(candles, name)[[1, 2]] = 7.0
    candles.volume[[1, 3]] = 0.0
    assert flat_rows(line_of(candles)).tolist() == [False, True, False, False, False]


def test_a_row_that_repeats_the_one_before_is_stuck() -> None:
    raw = raw_of(walk(5))
    raw.values[2] = raw.values[1]
    assert repeated_rows(timeline(raw, None)).tolist() == [False, False, True, False, False]


def test_a_copy_of_the_same_moment_is_a_duplicate_and_not_stuck() -> None:
    raw = raw_of(walk(5)).take(np.array([0, 1, 1, 2]))
    assert not repeated_rows(timeline(raw, None)).any()


def test_a_repeated_row_without_volume_is_judged_as_flat_alone() -> None:
    raw = raw_of(walk(5))
    raw.values[1:4] = [7.0, 7.0, 7.0, 7.0, 0.0]
    line = timeline(raw, None)
    assert not repeated_rows(line).any()
    assert flat_rows(line).sum() == 3
