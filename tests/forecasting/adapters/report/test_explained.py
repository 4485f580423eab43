import html
from dataclasses import replace

import numpy as np

from forecasting.adapters.report.facts import LatestForecast
from forecasting.adapters.report.groups import (
    whole_line,
)
from forecasting.adapters.report.judged_table import judged_csv
from forecasting.adapters.report.page import dashboard


def test_every_check_of_the_importances_stands_on_the_page(facts, page):
    checks = facts.explanation["checks"]
    assert len(checks) == 3
    for check in checks:
        row = page.partition(html.escape(check["question"]))[2].partition("</tr>")[0]
        assert (html.escape(check["finding"]) or "nothing unusual") in row


def test_an_explanation_of_another_time_is_not_guessed_at(facts):
    text = dashboard(replace(facts, explanation={"together": None, "findings": []}))
    assert "was never explained so" in text


def test_each_member_is_said_to_look_at_something_or_at_nothing(facts, page):
    models = {each["name"] for each in facts.explanation["models"]}
    assert models | {each["name"] for each in facts.explanation["others"]} == set(facts.manifest.members)
    assert "only which symbol it is" in page
    assert "only return_1h, which symbol it is" in page


def test_a_forecast_that_no_feature_moves_is_told_so(facts):
    nothing = {**facts.explanation["ensemble"], "reach": 0.0}
    nothing["effects"] = [{**each, "mean_absolute": 0.0} for each in nothing["effects"]]
    text = dashboard(replace(facts, explanation={**facts.explanation, "ensemble": nothing}))
    assert "the forecast is the historical mean, and no feature moves it" in text


def test_contributions_that_are_no_returns_say_their_unit(facts):
    odd = {**facts.explanation["models"][0], "unit": "log-odds of a rise"}
    text = dashboard(replace(facts, explanation={**facts.explanation, "models": [odd]}))
    assert ">log-odds of a rise</td>" in text


def test_a_symbol_without_enough_candles_says_why(facts):
    latest = (LatestForecast("AAA/SIM", 0, 3_600_000, None, None, None, reason="25 candles are needed"),)
    assert "25 candles are needed" in dashboard(replace(facts, latest=latest))


def test_a_bundle_without_intervals_has_no_plot_of_them(facts):
    judged = replace(facts.judged, intervals=np.full_like(facts.judged.intervals, np.nan))
    text = dashboard(replace(facts, judged=judged))
    assert "Coverage over time" not in text
    assert whole_line(judged).coverage is None
    assert judged_csv(judged).splitlines()[1].count(",,,,") == 1
