"""What a search tried is told, failures and all."""

import re

from forecasting.adapters.report.tried import tried
from forecasting.search import NO_SEARCH, Choice, Search, Trial

TRIALS = (
    Trial("rf", 0, {}, 2e-4),
    Trial("rf", 1, {"max_depth": 3}, 1.9e-4),
    Trial("rf", 2, {"max_depth": 12}, None, (), "a <finite> loss is needed"),
    Trial("ridge", 0, {}, 1e-4),
    *(Trial("ridge", number, {"penalty": float(number)}, 1e-4 + 1e-6 * number) for number in range(1, 30)),
)
SEARCH = Search(TRIALS, (Choice("rf", {}, "rf: the defaults stay"), Choice("ridge", {}, "ridge: they stay")))


def shown():
    return re.findall(r"<tr><td[^>]*>(\w+)</td><td[^>]*>(\d+)</td>", tried({}, SEARCH))


def test_without_a_search_that_is_said():
    assert "No settings were searched" in tried({}, NO_SEARCH)


def test_every_choice_is_told_in_its_own_sentence():
    assert "<li>rf: the defaults stay</li><li>ridge: they stay</li>" in tried({}, SEARCH)


def test_all_trials_are_counted_and_those_that_failed():
    assert "33 trials, 1 of them failed" in tried({}, SEARCH)


def test_the_best_of_each_member_come_first_and_failures_last():
    assert shown()[:3] == [("rf", "1"), ("rf", "0"), ("rf", "2")]
    assert shown()[3:] == [("ridge", str(number)) for number in range(12)]


def test_a_trial_is_held_against_the_members_own_settings():
    assert ">max_depth 3</td>" in tried({}, SEARCH)
    assert ">-5.00 %</td>" in tried({}, SEARCH)


def test_a_failure_says_why_and_cannot_become_markup():
    assert ">a &lt;finite&gt; loss is needed</td>" in tried({}, SEARCH)


COUNTED = {"trials": 21, "deflated_sharpe": 0.414, "pbo": None, "sentence": "This is one of 21 trials: <so>."}


def test_trials_and_what_they_leave_are_told():
    text = tried({"multiplicity": COUNTED}, NO_SEARCH)
    assert "This is one of 21 trials: &lt;so&gt;." in text
    assert "<td>21</td><td>41.4 %</td><td>\N{EN DASH}</td>" in text


def test_a_decision_of_before_trials_were_counted_tells_none():
    assert "Deflated" not in tried({}, NO_SEARCH)
