from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from forecasting.ensemble import inverse_rmse_weights

errors = st.dictionaries(st.text(min_size=1, max_size=5), st.floats(0, 1e3), min_size=1, max_size=6)


@given(errors)
def test_weights_sum_to_one(rmse) -> None:
    weights = inverse_rmse_weights(rmse)
    assert sum(weights.values()) == pytest.approx(1)
    assert list(weights) == list(rmse)
    assert all(0 <= weight <= 1 for weight in weights.values())


@given(errors)
def test_smaller_error_never_weighs_less(rmse) -> None:
    weights = inverse_rmse_weights(rmse)
    ordered = sorted(rmse, key=rmse.__getitem__)
    assert all(weights[one] >= weights[other] for one, other in pairwise(ordered))


def test_half_the_error_weighs_double() -> None:
    weights = inverse_rmse_weights({"a": 0.02, "b": 0.01})
    assert weights["b"] == pytest.approx(2 * weights["a"])


def test_member_without_error_takes_all() -> None:
    assert inverse_rmse_weights({"a": 0.02, "b": 0.0}) == {"a": 0.0, "b": 1.0}


@pytest.mark.parametrize("rmse", [{}, {"a": float("nan")}, {"a": -1.0}, {"a": float("inf")}])
def test_errors_that_weigh_nothing_are_refused(rmse) -> None:
    with pytest.raises(ValueError, match="give no weights"):
        inverse_rmse_weights(rmse)
