"""What is remarkable about importances, in words."""

import math

import pytest

from forecasting.explain.importances import importance_findings

NAMES = ("a", "b", "c")
MOVING = ((0.0, 1.0),) * 3


def findings(*shares, ranges=MOVING):
    return importance_findings(NAMES, shares, ranges)


def test_shares_without_a_ruler_among_them_are_nothing_to_tell():
    assert findings(0.6, 0.3, 0.1) == ()


def test_a_feature_with_more_than_60_percent_is_told():
    (found,) = findings(0.1, 0.61, 0.29)
    assert found.startswith("b alone has 61 % of the importance")


def test_the_share_is_of_the_sum():
    (found,) = findings(0.05, 0.4, 0.05)
    assert found.startswith("b alone has 80 %")


@pytest.mark.parametrize("broken", [math.nan, math.inf, -0.1])
def test_a_broken_importance_is_named_and_nothing_else_is_told(broken):
    (found,) = findings(0.9, broken, 0.1)
    assert found == "importances are negative or not finite: b"


def test_importances_that_are_all_zero_are_told():
    assert findings(0.0, 0.0, 0.0) == ("no tree found anything to learn: all importances are zero",)


def test_features_that_never_change_or_were_never_known_are_named():
    ranges = ((1.0, 1.0), (0.0, 1.0), (math.nan, math.nan))
    never_known, constant = findings(0.0, 0.5, 0.5, ranges=ranges)
    assert never_known == "never known on the rows fitted, so they teach nothing: c"
    assert constant == "constant on the rows fitted, so they teach nothing: a"
