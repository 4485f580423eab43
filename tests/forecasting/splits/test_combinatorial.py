"""Combinatorial purged folds: ours purge by time, as purgedcv does; a purge by row count fails at gaps."""

from __future__ import annotations

from itertools import combinations
from math import comb

import numpy as np
import pandas as pd
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from purgedcv import CombinatorialPurgedCV

from forecasting.errors import NotEnoughHistory
from forecasting.splits import CombinatorialFold, combinatorial, combinatorial_purged_folds
from forecasting.types import DAY_MS, HOUR_MS
from tests.forecasting.splits.times import embargo_of, pooled_times

HOUR = HOUR_MS
sizes = st.integers(3, 8).flatmap(lambda groups: st.tuples(st.just(groups), st.integers(1, groups - 1)))


def folds_or_skip(times, size: tuple[int, int]) -> tuple[CombinatorialFold, ...]:
    as_of, label_end, embargo = times
    try:
        return combinatorial_purged_folds(
            as_of, label_end, groups=size[0], judging=size[1], embargo_ms=embargo
        )
    except NotEnoughHistory:
        assume(False)
        raise


def overlaps(as_of: np.ndarray, label_end: np.ndarray, fold: CombinatorialFold, embargo: int) -> bool:
    """Whether a training span, widened by the embargo on both sides, meets the span of any judged row."""
    train, test = fold.train, fold.test
    begins, ends = as_of[train] - embargo, label_end[train] + embargo
    order = np.argsort(as_of[test])
    starts = as_of[test][order]
    latest_end = np.maximum.accumulate(label_end[test][order])
    before = np.searchsorted(starts, ends, side="left") - 1
    return bool(np.any((before >= 0) & (latest_end[before] > begins)))


@settings(max_examples=40, deadline=None)
@given(pooled_times(), sizes)
def test_no_training_span_meets_a_judged_span(times, size) -> None:
    as_of, label_end, _ = times
    for fold in folds_or_skip(times, size):
        judged_at = np.sort(as_of[fold.test])
        ends = label_end[fold.train] + embargo_of(*times)
        following = np.searchsorted(judged_at, as_of[fold.train])
        next_judged = np.append(judged_at, np.iinfo(np.int64).max)[following]
        assert (ends <= next_judged).all()
        order = np.argsort(as_of[fold.test], kind="stable")
        known_by = np.append(np.iinfo(np.int64).min // 2, np.maximum.accumulate(label_end[fold.test][order]))
        assert (known_by[following] + embargo_of(*times) <= as_of[fold.train]).all()


@settings(max_examples=30, deadline=None)
@given(pooled_times(), sizes)
def test_each_row_is_judged_equally_often_and_never_by_a_model_that_was_fitted_on_it(times, size) -> None:
    folds = folds_or_skip(times, size)
    rows = np.arange(len(times[0]))
    judged = np.bincount(np.concatenate([fold.test for fold in folds]), minlength=len(rows))
    assert (judged == comb(size[0] - 1, size[1] - 1)).all()
    assert all(not np.intersect1d(fold.train, fold.test).size for fold in folds)


@settings(max_examples=30, deadline=None)
@given(pooled_times(), sizes)
def test_no_moment_is_cut_in_two(times, size) -> None:
    as_of = times[0]
    for fold in folds_or_skip(times, size):
        rest = np.setdiff1d(np.arange(len(as_of)), fold.test)
        assert not np.intersect1d(as_of[fold.test], as_of[rest]).size


def test_each_choice_of_groups_judges_once() -> None:
    as_of = np.arange(600, dtype=np.int64) * HOUR
    folds = combinatorial_purged_folds(as_of, as_of + HOUR)
    assert [fold.groups for fold in folds] == list(combinations(range(6), 2))


def gapped_days() -> tuple[np.ndarray, np.ndarray]:
    """Days of labels of 7 days, with outages of 3 to 40 days."""
    generator = np.random.default_rng(4)
    steps = np.where(generator.random(480) < 0.03, generator.integers(3, 40, 480), 1)
    as_of = np.cumsum(steps) * DAY_MS
    return as_of, as_of + 7 * DAY_MS


@pytest.mark.parametrize("embargo_days", [0, 7])
@pytest.mark.parametrize(("groups", "judging"), [(6, 2), (8, 3), (4, 1)])
def test_it_is_purgedcvs_with_gaps_too(groups: int, judging: int, embargo_days: int) -> None:
    as_of, label_end = gapped_days()
    folds = combinatorial_purged_folds(
        as_of, label_end, groups=groups, judging=judging, embargo_ms=embargo_days * DAY_MS
    )
    oracle = CombinatorialPurgedCV(
        groups,
        judging,
        prediction_times=pd.Series(pd.to_datetime(as_of, unit="ms")),
        evaluation_times=pd.Series(pd.to_datetime(label_end, unit="ms")),
        purge_horizon=pd.Timedelta(days=embargo_days),
    )
    theirs = {tuple(test): train for train, test in oracle.split(as_of.reshape(-1, 1))}
    assert len(theirs) == len(folds)
    for fold in folds:
        assert np.array_equal(theirs[tuple(fold.test)], fold.train)


def purged_by_rows(rows: int, purged: int, embargo: int) -> list[CombinatorialFold]:
    """Six groups, two judging, so many rows dropped beside each: the folds of skfolio 1.12.2, where it was compared."""
    group = np.arange(rows) // (rows // 6)
    folds = []
    for chosen in combinations(range(6), 2):
        train = ~np.isin(group, chosen)
        for number in chosen:
            first, *_, last = np.flatnonzero(group == number)
            train[max(0, first - purged) : first] = False
            train[last + 1 : last + 1 + purged + embargo] = False
        folds.append(CombinatorialFold(np.flatnonzero(train), np.flatnonzero(np.isin(group, chosen)), chosen))
    return folds


def test_a_purge_by_row_count_throws_away_rows_that_an_outage_had_made_safe() -> None:
    as_of, label_end = gapped_days()
    ours = combinatorial_purged_folds(as_of, label_end, groups=6, judging=2, embargo_ms=0)
    theirs = purged_by_rows(len(as_of), 7, 0)
    lost = sum(len(np.setdiff1d(fold.train, rows.train)) for fold, rows in zip(ours, theirs, strict=True))
    assert lost == 44
    assert not any(overlaps(as_of, label_end, fold, 0) for fold in ours)


def test_a_purge_by_row_count_leaks_where_symbols_are_pooled() -> None:
    as_of = np.repeat(np.arange(240, dtype=np.int64) * DAY_MS, 3)
    label_end = as_of + 7 * DAY_MS
    ours = combinatorial_purged_folds(as_of, label_end, groups=6, judging=2, embargo_ms=0)
    assert all(overlaps(as_of, label_end, fold, 0) for fold in purged_by_rows(len(as_of), 7, 7))
    assert not any(overlaps(as_of, label_end, fold, 0) for fold in ours)


def only_before(as_of, label_end, block, embargo):
    """Purges on the left of a judging group and forgets the right."""
    return (label_end + embargo <= block[0]) | (as_of >= block[0] + 100 * HOUR)


@pytest.mark.parametrize("mutant", [only_before])
def test_property_finds_a_purge_that_is_wrong(mutant, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(combinatorial, "clear_of_block", mutant)
    as_of = np.arange(600, dtype=np.int64) * HOUR
    folds = combinatorial_purged_folds(as_of, as_of + 5 * HOUR)
    assert any(overlaps(as_of, as_of + 5 * HOUR, fold, 5 * HOUR) for fold in folds)


@pytest.mark.parametrize("judging", [0, 4, 5])
def test_groups_that_leave_nobody_to_train_or_judge_are_refused(judging: int) -> None:
    as_of = np.arange(100, dtype=np.int64) * HOUR
    with pytest.raises(ValueError, match="at least one has to judge"):
        combinatorial_purged_folds(as_of, as_of + HOUR, groups=4, judging=judging)


def test_fewer_moments_than_groups_are_refused() -> None:
    as_of = np.repeat(np.arange(5, dtype=np.int64) * HOUR, 40)
    with pytest.raises(NotEnoughHistory, match="5 moments cannot be cut into 6 groups"):
        combinatorial_purged_folds(as_of, as_of + HOUR)


def test_a_fold_with_too_few_training_rows_is_named() -> None:
    as_of = np.arange(60, dtype=np.int64) * HOUR
    with pytest.raises(NotEnoughHistory, match=r"groups \(1, 3\) judge keeps 28 training rows"):
        combinatorial_purged_folds(as_of, as_of + 2 * HOUR)
