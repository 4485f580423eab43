"""Reconciliation against the textbook's matrices, and the laws it keeps."""

import math

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from forecasting.coherence.reconciliation import reconcile

EPS = float(np.finfo(np.float64).eps)
returns = st.floats(-0.5, 0.5, allow_subnormal=False)
variances = st.floats(1e-12, 1.0, allow_subnormal=False)


@st.composite
def hierarchies(draw, variance=variances):
    """A total, its parts, and the error variance of each."""
    count = draw(st.integers(1, 40))
    parts = np.array(draw(st.lists(returns, min_size=count, max_size=count)))
    errors = np.array(draw(st.lists(variance, min_size=count, max_size=count)))
    return draw(returns), parts, draw(variance), errors


def room(total, parts):
    """What rounding may leave of numbers of this size."""
    return 8 * len(parts) * EPS * (abs(total) + np.abs(parts).sum() + 1e-300)


def textbook(total, parts, total_variance, part_variances):
    """Minimum trace as it is written: S (S' W^-1 S)^-1 S' W^-1 of the stacked base forecasts."""
    summing = np.vstack([np.ones(len(parts)), np.eye(len(parts))])
    precision = np.diag(1 / np.r_[total_variance, part_variances])
    bottom = np.linalg.solve(summing.T @ precision @ summing, summing.T @ precision @ np.r_[total, parts])
    return summing @ bottom


@given(hierarchies(variance=st.floats(1e-3, 1.0)))
def test_it_is_the_dense_generalised_least_squares_of_the_textbook(case):
    found = reconcile(*case)
    assert np.r_[found.total, found.parts] == pytest.approx(textbook(*case), rel=1e-9, abs=1e-11)


@given(hierarchies())
def test_the_parts_add_up_to_the_total(case):
    found = reconcile(*case)
    assert math.fsum(found.parts) == found.total


@given(hierarchies())
def test_the_total_moves_by_its_share_of_the_disagreement(case):
    total, parts, total_variance, part_variances = case
    share = total_variance / (total_variance + part_variances.sum())
    expected = total - share * (total - math.fsum(parts))
    assert reconcile(*case).total == pytest.approx(expected, abs=room(total, parts))


@given(hierarchies())
def test_what_agrees_already_is_left_as_it_is(case):
    _, parts, total_variance, part_variances = case
    found = reconcile(math.fsum(parts), parts, total_variance, part_variances)
    assert (found.total, found.parts.tolist()) == (math.fsum(parts), parts.tolist())


@given(hierarchies())
def test_to_reconcile_again_changes_nothing(case):
    total, parts, total_variance, part_variances = case
    once = reconcile(total, parts, total_variance, part_variances)
    again = reconcile(once.total, once.parts, total_variance, part_variances)
    assert again.parts.tolist() == once.parts.tolist()


@given(hierarchies(), st.floats(1e-200, 1e200))
def test_only_the_ratios_of_variances_count(case, unit):
    total, parts, total_variance, part_variances = case
    plain, scaled = reconcile(*case), reconcile(total, parts, total_variance * unit, part_variances * unit)
    assert np.abs(scaled.parts - plain.parts).max() <= room(total, parts)


@given(hierarchies(), st.data())
def test_a_part_without_variance_does_not_move(case, data):
    total, parts, total_variance, part_variances = case
    certain = np.array(data.draw(st.lists(st.booleans(), min_size=len(parts), max_size=len(parts))))
    found = reconcile(total, parts, total_variance, np.where(certain, 0.0, part_variances))
    assert found.parts[certain].tolist() == parts[certain].tolist()


@given(hierarchies())
def test_a_total_without_variance_does_not_move(case):
    total, parts, _, part_variances = case
    assert reconcile(total, parts, 0.0, part_variances).total == pytest.approx(total, abs=room(total, parts))


@given(hierarchies())
def test_equal_steps_share_the_change_evenly(case):
    total, parts, total_variance, part_variances = case
    assume(abs(total - parts.sum()) > 1e-6)
    found = reconcile(total, parts, total_variance, np.full(len(parts), part_variances[0]))
    moved = found.parts - parts
    assert np.ptp(moved) <= room(total, parts)


def test_certain_things_that_agree_are_left():
    found = reconcile(0.3, np.array([0.1, 0.2]), 0.0, np.zeros(2))
    assert found.parts.tolist() == [0.1, 0.2]


def test_certain_things_that_contradict_each_other_are_refused():
    with pytest.raises(ValueError, match="nothing may move"):
        reconcile(0.31, np.array([0.1, 0.2]), 0.0, np.zeros(2))


@pytest.mark.parametrize(
    ("total", "parts", "total_variance", "part_variances", "told"),
    [
        (np.nan, [0.1], 1.0, [1.0], "not finite"),
        (0.1, [np.inf], 1.0, [1.0], "not finite"),
        (0.1, [0.1], -1.0, [1.0], "negative"),
        (0.1, [0.1], 1.0, [np.nan], "negative or not finite"),
        (0.1, [], 1.0, [], "one or more parts"),
        (0.1, [0.1, 0.2], 1.0, [1.0], "one variance for each"),
    ],
)
def test_what_cannot_be_weighed_is_refused(total, parts, total_variance, part_variances, told):
    with pytest.raises(ValueError, match=told):
        reconcile(total, np.array(parts), total_variance, np.array(part_variances))
