from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from forecasting.ensemble import agreed_distance, blend, consensus, contributions

CONTRIBUTED = arrays(np.float64, st.tuples(st.integers(1, 5), st.integers(1, 4)), elements=st.floats(-1, 1))


def test_contributions_are_weighted_shrunken_distances_from_naive() -> None:
    naive, model = np.array([0.01, 0.02]), np.array([0.03, 0.00])
    returns = {"naive": naive, "model": model}
    found = contributions(naive, returns, {"naive": 0.25, "model": 0.75}, {"naive": 1.0, "model": 0.5})
    assert found == pytest.approx(np.array([[0, 0.375 * 0.02], [0, -0.375 * 0.02]]))


def test_blend_is_naive_plus_the_contributions() -> None:
    assert blend(np.array([0.25, 1.0]), np.array([[0.5, 0.125], [0.0, -2.0]])).tolist() == [0.875, -1.0]


def test_blend_leaves_the_naive_forecast_as_it_is() -> None:
    naive = np.array([0.01])
    blend(naive, np.array([[0.05]]))
    assert naive[0] == 0.01


@settings(deadline=None)
@given(CONTRIBUTED)
def test_consensus_is_a_share_whatever_the_contributions(contributed) -> None:
    assert ((consensus(contributed) >= 0) & (consensus(contributed) <= 1)).all()


@settings(deadline=None)
@given(CONTRIBUTED)
def test_sums_and_sizes_are_added_in_the_order_of_the_members(contributed) -> None:
    nothing = np.zeros(len(contributed))
    total, size = blend(nothing, contributed), blend(nothing, np.abs(contributed))
    shares = np.minimum(np.divide(np.abs(total), size, out=nothing, where=size > 0), 1.0)
    assert consensus(contributed).tobytes() == shares.tobytes()
    assert agreed_distance(contributed).tobytes() == (total * shares).tobytes()


@settings(deadline=None)
@given(CONTRIBUTED)
def test_turning_every_contribution_around_leaves_the_consensus(contributed) -> None:
    assert consensus(-contributed).tobytes() == consensus(contributed).tobytes()


@pytest.mark.parametrize(
    ("contributed", "expected"),
    [((0.02, 0.01), 1.0), ((0.02, 0.0), 1.0), ((0.03, -0.01), 0.5), ((0.01, -0.01), 0.0), ((0.0, 0.0), 0.0)],
)
def test_consensus_is_whole_where_members_agree_and_none_where_they_cancel(contributed, expected) -> None:
    assert consensus(np.array([contributed])) == pytest.approx(expected)


@settings(deadline=None)
@given(CONTRIBUTED)
def test_agreed_distance_is_never_more_than_the_distance(contributed) -> None:
    distance = np.abs(blend(np.zeros(len(contributed)), contributed))
    assert (np.abs(agreed_distance(contributed)) <= distance).all()


def test_of_two_equal_distances_the_agreed_one_scores_higher() -> None:
    alike, apart = agreed_distance(np.array([[0.01, 0.01], [0.03, -0.01]]))
    assert alike > apart > 0
