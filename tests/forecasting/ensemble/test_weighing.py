from __future__ import annotations

import numpy as np
import pytest

from forecasting.ensemble import weigh

Y = np.random.default_rng(61).standard_t(5, size=1200) * 0.008
NAIVE = np.full(len(Y), 0.001)
SIGNAL = NAIVE + np.random.default_rng(62).normal(scale=0.004, size=len(Y))


@pytest.mark.parametrize("kind", ["inverse_rmse", "equal"])
def test_member_equal_to_naive_is_shrunken_away_and_weighs_as_naive(kind) -> None:
    weighing = weigh(kind, {"naive": NAIVE, "same": NAIVE.copy()}, Y)
    assert weighing.shrinkages == {"naive": 0.0, "same": 0.0}
    assert weighing.weights == {"naive": 0.5, "same": 0.5}


def test_inverse_errors_are_those_of_the_shrunken_members() -> None:
    wild = weigh("inverse_rmse", {"naive": np.zeros(len(Y)), "wild": 1000 * Y[::-1]}, Y)
    assert wild.weights["wild"] == pytest.approx(0.5, abs=0.01)


def test_equal_weights_ask_for_no_error() -> None:
    weighing = weigh("equal", {"naive": NAIVE, "good": NAIVE + SIGNAL / 2, "bad": -SIGNAL}, SIGNAL + Y)
    assert weighing.weights == dict.fromkeys(("naive", "good", "bad"), 1 / 3)
    assert weighing.shrinkages["good"] > weighing.shrinkages["bad"] == 0


def test_naive_takes_the_weight_that_stacked_members_are_shrunken_by() -> None:
    bold = NAIVE + 5 * (SIGNAL - NAIVE)
    weighing = weigh("stacking", {"naive": NAIVE, "bold": bold}, SIGNAL + Y)
    assert weighing.shrinkages == {"naive": 1.0, "bold": 1.0}
    assert weighing.weights["naive"] == pytest.approx(0.8, abs=0.03)


@pytest.mark.parametrize("kind", ["inverse_rmse", "equal", "stacking"])
def test_contributions_of_members_that_say_what_naive_says_are_nothing(kind) -> None:
    returns = {"naive": NAIVE, "same": NAIVE.copy()}
    assert not weigh(kind, returns, Y).contributions(returns).any()
