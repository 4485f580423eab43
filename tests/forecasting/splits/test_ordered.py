from __future__ import annotations

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from sklearn.model_selection import TimeSeriesSplit

from forecasting.errors import NotEnoughHistory
from forecasting.splits import Split, holdout_split, ordered, time_ordered_split
from forecasting.types import HOUR_MS
from tests.forecasting.splits.times import embargo_of, pooled_times

HOUR = HOUR_MS


def assert_no_label_reaches_a_later_part(
    split: Split, as_of: np.ndarray, label_end: np.ndarray, embargo: int
) -> None:
    first_validation, first_test = as_of[split.validation].min(), as_of[split.test].min()
    assert label_end[split.train].max() + embargo <= first_validation
    assert label_end[split.validation].max() + embargo <= first_test


def split_or_skip(as_of: np.ndarray, label_end: np.ndarray, embargo: int | None) -> Split:
    try:
        return time_ordered_split(as_of, label_end, embargo_ms=embargo)
    except NotEnoughHistory:
        assume(False)
        raise


@settings(max_examples=60, deadline=None)
@given(pooled_times())
def test_no_label_of_an_earlier_part_reaches_a_later_one(times) -> None:
    as_of, label_end, embargo = times
    split = split_or_skip(as_of, label_end, embargo)
    assert_no_label_reaches_a_later_part(split, as_of, label_end, embargo_of(*times))


@settings(max_examples=60, deadline=None)
@given(pooled_times())
def test_only_rows_whose_label_reaches_the_next_part_are_purged(times) -> None:
    as_of, label_end, embargo = times
    split = split_or_skip(as_of, label_end, embargo)
    kept = np.concatenate([split.train, split.validation, split.test])
    purged = np.setdiff1d(np.arange(len(as_of)), kept)
    starts = np.array([split.validation_start_ms, split.test_start_ms])
    next_start = starts[np.searchsorted(starts, as_of[purged], side="right")]
    assert len(purged) == split.purged == len(as_of) - len(kept)
    assert (label_end[purged] + embargo_of(*times) > next_start).all()


@settings(max_examples=40, deadline=None)
@given(pooled_times())
def test_parts_are_ordered_and_no_moment_is_in_two(times) -> None:
    as_of, label_end, embargo = times
    split = split_or_skip(as_of, label_end, embargo)
    assert as_of[split.train].max() < split.validation_start_ms <= as_of[split.validation].min()
    assert as_of[split.validation].max() < split.test_start_ms <= as_of[split.test].min()


@settings(max_examples=30, deadline=None)
@given(pooled_times(), st.integers(0, 2**32 - 1))
def test_order_of_the_rows_does_not_matter(times, seed: int) -> None:
    as_of, label_end, embargo = times
    split = split_or_skip(as_of, label_end, embargo)
    order = np.random.default_rng(seed).permutation(len(as_of))
    other = time_ordered_split(as_of[order], label_end[order], embargo_ms=embargo)
    assert np.array_equal(np.sort(order[other.train]), split.train)
    assert np.array_equal(np.sort(order[other.test]), split.test)


@settings(max_examples=40, deadline=None)
@given(pooled_times(), st.floats(0.05, 0.5))
def test_holdout_keeps_labels_out_of_the_rows_that_stop_the_fit(times, share: float) -> None:
    as_of, label_end, embargo = times
    try:
        cut = holdout_split(as_of, label_end, share=share, embargo_ms=embargo)
    except NotEnoughHistory:
        assume(False)
        raise
    assert label_end[cut.fit].max() + embargo_of(*times) <= cut.stop_start_ms == as_of[cut.stop].min()


def wrong_side(part, label_end, starts, embargo):
    """Drops the first rows of the later part instead of the last ones of the earlier."""
    never = np.iinfo(np.int64).max
    return label_end - embargo >= np.array([0, *starts, never])[part]


def by_row_count(part, label_end, starts, embargo):
    """Drops a fixed number of rows before each cut, whatever time they span."""
    kept = np.ones(len(part), dtype=bool)
    for number in range(len(starts)):
        rows = np.flatnonzero(part == number)
        kept[rows[len(rows) - embargo // HOUR :]] = False
    return kept


def without_embargo(part, label_end, starts, embargo):
    return label_end <= np.array([*starts, np.iinfo(np.int64).max])[part]


def without_purge(part, label_end, starts, embargo):
    return np.ones(len(part), dtype=bool)


@pytest.mark.parametrize("mutant", [wrong_side, by_row_count, without_embargo, without_purge])
def test_property_finds_a_purge_that_is_wrong(mutant, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ordered, "_clear_of_next", mutant)
    as_of = np.repeat(np.arange(600, dtype=np.int64) * HOUR, 3)
    label_end = as_of + 5 * HOUR
    split = time_ordered_split(as_of, label_end)
    with pytest.raises(AssertionError):
        assert_no_label_reaches_a_later_part(split, as_of, label_end, 5 * HOUR)


def test_on_a_regular_grid_it_is_scikit_learns_split_with_the_gap_of_label_and_embargo() -> None:
    bars = 4
    as_of = np.arange(1000, dtype=np.int64) * HOUR
    split = time_ordered_split(as_of, as_of + bars * HOUR)
    oracle = TimeSeriesSplit(n_splits=2, test_size=100, gap=2 * bars - 1)
    (train, validation), (_, test) = oracle.split(as_of)
    assert np.array_equal(split.train, train)
    assert np.array_equal(split.test, test)
    assert np.array_equal(split.validation, validation[: -(2 * bars - 1)])


def test_embargo_is_the_longest_label_span_when_none_is_given() -> None:
    as_of = np.arange(1000, dtype=np.int64) * HOUR
    label_end = as_of + HOUR
    label_end[0] = as_of[0] + 7 * HOUR
    derived = time_ordered_split(as_of, label_end)
    given_span = time_ordered_split(as_of, label_end, embargo_ms=7 * HOUR)
    assert np.array_equal(derived.train, given_span.train)


def test_label_that_ends_exactly_at_the_next_part_is_kept() -> None:
    as_of = np.arange(1000, dtype=np.int64) * HOUR
    split = time_ordered_split(as_of, as_of + HOUR, embargo_ms=0)
    assert split.purged == 0


def test_fractions_are_shares_of_moments() -> None:
    as_of = np.arange(1000, dtype=np.int64) * HOUR
    split = time_ordered_split(as_of, as_of, fractions=(0.5, 0.2, 0.3))
    assert (len(split.train), len(split.validation), len(split.test)) == (500, 200, 300)


@pytest.mark.parametrize("fractions", [(0.8, 0.2, 0.0), (0.8, 0.1, 0.2), (1.2, -0.1, -0.1)])
def test_fractions_that_are_no_shares_are_refused(fractions) -> None:
    as_of = np.arange(1000, dtype=np.int64) * HOUR
    with pytest.raises(ValueError, match="three positive shares"):
        time_ordered_split(as_of, as_of, fractions=fractions)


def test_part_that_is_too_small_is_named_with_what_is_needed() -> None:
    as_of = np.arange(400, dtype=np.int64) * HOUR
    with pytest.raises(
        NotEnoughHistory, match=r"validation part of 400 rows .* keeps 21 rows .* 30 are needed"
    ):
        time_ordered_split(as_of, as_of + 10 * HOUR)


@pytest.mark.parametrize(
    ("fractions", "name"),
    [((0.02, 0.49, 0.49), "train"), ((0.49, 0.02, 0.49), "validation"), ((0.49, 0.49, 0.02), "test")],
)
def test_each_part_that_is_too_small_is_refused(fractions, name: str) -> None:
    as_of = np.arange(1000, dtype=np.int64) * HOUR
    with pytest.raises(NotEnoughHistory, match=f"the {name} part of 1000 rows .* keeps 20 rows"):
        time_ordered_split(as_of, as_of, fractions=fractions)


@pytest.mark.parametrize(("share", "name"), [(0.98, "fit"), (0.02, "stop")])
def test_each_part_of_a_holdout_that_is_too_small_is_refused(share: float, name: str) -> None:
    as_of = np.arange(1000, dtype=np.int64) * HOUR
    with pytest.raises(NotEnoughHistory, match=f"the {name} part of 1000 rows .* keeps 20 rows"):
        holdout_split(as_of, as_of, share=share)


def test_thirty_rows_are_enough() -> None:
    as_of = np.arange(300, dtype=np.int64) * HOUR
    split = time_ordered_split(as_of, as_of)
    assert (len(split.validation), len(split.test)) == (30, 30)


@pytest.mark.parametrize(("moments", "train"), [(401, 321), (402, 322), (403, 322), (404, 323)])
def test_a_cut_lies_at_the_nearest_moment(moments: int, train: int) -> None:
    as_of = np.arange(moments, dtype=np.int64) * HOUR
    assert len(time_ordered_split(as_of, as_of).train) == train


def test_the_later_part_of_a_holdout_gets_the_share() -> None:
    as_of = np.arange(1000, dtype=np.int64) * HOUR
    cut = holdout_split(as_of, as_of, share=0.3)
    assert (len(cut.fit), len(cut.stop), cut.stop_start_ms) == (700, 300, 700 * HOUR)
    assert len(holdout_split(as_of, as_of).stop) == 150


def test_the_later_part_has_a_moment_however_small_its_share() -> None:
    as_of = np.repeat(np.arange(100, dtype=np.int64) * HOUR, 40)
    assert np.array_equal(holdout_split(as_of, as_of, share=0.001).stop, np.arange(99 * 40, 100 * 40))


@pytest.mark.parametrize("moments", [0, 1, 2])
def test_fewer_moments_than_parts_are_refused(moments: int) -> None:
    as_of = np.repeat(np.arange(moments, dtype=np.int64) * HOUR, 50)
    with pytest.raises(NotEnoughHistory, match=f"{moments} moments cannot be split into 3 parts"):
        time_ordered_split(as_of, as_of + HOUR)


@pytest.mark.parametrize("share", [0.0, 1.0, -0.1, float("nan")])
def test_holdout_share_outside_0_and_1_is_refused(share: float) -> None:
    as_of = np.arange(400, dtype=np.int64) * HOUR
    with pytest.raises(ValueError, match="not between 0 and 1"):
        holdout_split(as_of, as_of, share=share)
