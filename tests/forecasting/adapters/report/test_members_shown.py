from dataclasses import replace

import pytest

from forecasting.adapters.report.groups import (
    member_lines,
)
from forecasting.adapters.report.page import dashboard
from forecasting.ensemble import RegimeWeights, Weighing


@pytest.mark.parametrize(
    ("kind", "told"),
    [
        ("inverse_rmse", "by the inverse of each member&#x27;s error"),
        ("equal", "all weigh alike"),
        ("stacking", "by stacking on out-of-fold forecasts"),
    ],
)
def test_the_page_says_how_members_are_weighed(facts, kind, told):
    manifest = replace(facts.manifest, horizon={**facts.manifest.horizon, "ensemble": kind})
    assert told in dashboard(replace(facts, manifest=manifest))


def test_the_page_says_why_regimes_have_no_weights_of_their_own(facts):
    decided = RegimeWeights({}, "not used: squared error the same on later rows").to_document()
    text = dashboard(replace(facts, manifest=replace(facts.manifest, regime_weights=decided)))
    assert "Weights for each regime: not used: squared error the same on later rows." in text
    unasked = dashboard(replace(facts, manifest=replace(facts.manifest, regime_weights=None)))
    assert "Weights for each regime were not asked for" in unasked


def test_the_page_lays_out_the_weights_of_each_regime_that_has_its_own(facts):
    own = Weighing(dict.fromkeys(facts.manifest.members, 0.2), dict.fromkeys(facts.manifest.members, 0.75))
    decided = RegimeWeights({"chop": own}, "used: squared error lower").to_document()
    text = dashboard(replace(facts, manifest=replace(facts.manifest, regime_weights=decided)))
    assert "chop: weight, kept" in text
    assert text.count("<td>0.200, 0.750</td>") == len(facts.manifest.members)


def test_naive_among_the_members_saves_nothing(reported):
    lines = {line.name: line for line in member_lines(reported.judgement.judged)}
    assert tuple(lines) == reported.judgement.bundle.manifest.members
    assert lines["naive"].skill == 0
    assert all(line.scores.brier is None for line in lines.values())


def test_members_that_learned_nothing_are_told_so(facts):
    explanation = {**facts.explanation, "together": None, "models": []}
    text = dashboard(replace(facts, explanation=explanation))
    assert "there is nothing to rank" in text
