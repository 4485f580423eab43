"""What is remarkable about importances, in words."""

import math

import pytest

from forecasting.explain.importances import importance_checks

NAMES = ("a", "b", "c")
MOVING = ((0.0, 1.0),) * 3


def findings(*shares, members=None, ranges=MOVING):
    """Findings of the three questions: is it a share, does one rule, does one never change."""
    return tuple(each.finding for each in importance_checks(NAMES, shares, members or {}, ranges))


def test_shares_without_a_ruler_among_them_are_nothing_to_tell():
    assert findings(0.6, 0.3, 0.1) == ("", "", "")


def test_a_feature_with_more_than_60_percent_is_told():
    assert findings(0.1, 0.61, 0.29)[1].startswith("b alone has 61 % of the importance")


def test_the_share_is_of_the_sum():
    assert findings(0.05, 0.4, 0.05)[1].startswith("b alone has 80 %")


def test_a_feature_that_rules_one_member_is_told_though_the_others_dilute_it():
    members = {"lgbm": (0.3, 0.3, 0.4), "rf": (0.0, 0.9, 0.1)}
    assert findings(0.15, 0.6, 0.25, members=members)[1].startswith("rf: b alone has 90 %")


@pytest.mark.parametrize("broken", [math.nan, math.inf, -0.1])
def test_a_broken_importance_is_named_and_no_ruler_is_sought(broken):
    assert findings(0.9, broken, 0.1) == ("importances are negative or not finite: b", "", "")


def test_importances_that_are_all_zero_are_told():
    assert findings(0.0, 0.0, 0.0)[0] == "no member found anything to learn: all importances are zero"


def test_features_that_never_change_or_were_never_known_are_named():
    ranges = ((1.0, 1.0), (0.0, 1.0), (math.nan, math.nan))
    told = findings(0.0, 0.5, 0.5, ranges=ranges)[2]
    assert told == "on the rows fitted these teach nothing, never known: c; constant: a"


def test_every_question_is_asked_whatever_the_answer():
    questions = [each.question for each in importance_checks(NAMES, (0.6, 0.3, 0.1), {}, MOVING)]
    assert len(questions) == 3
    assert all(question.endswith("?") for question in questions)
