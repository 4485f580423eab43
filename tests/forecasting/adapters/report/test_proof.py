"""What judged rows prove is told with the labels behind it, and no headline says more."""

import copy
import re
from dataclasses import replace

import numpy as np
import pytest

from forecasting.adapters.report.certainty import certainty
from forecasting.adapters.report.page import dashboard
from forecasting.adapters.report.proof import proof_sentence, prove
from forecasting.adapters.report.verdict import head
from forecasting.inference import ForecastTest, LabelSpans, diebold_mariano, pesaran_timmermann


@pytest.fixture(scope="module")
def judged(reported):
    return reported.judgement.judged


@pytest.fixture(scope="module")
def proof(judged):
    return prove(judged)


def asked(p_value, labels=212):
    return ForecastTest("Diebold-Mariano", "a smaller loss", 0.2, p_value, 500, labels)


def headed(reported, facts, proof, p_value, *, ours=0.009, outcome="refuse", labels=212):
    """Head of the page of a version with such an error, naive's being 0.01, and such a p-value."""
    document = copy.deepcopy(dict(reported.document)) | {"outcome": outcome}
    own = document["evidence"]["comparison"]["own"]
    own["candidate"]["rmse"], own["naive"]["rmse"] = ours, 0.01
    return head(replace(facts, document=document), replace(proof, better=asked(p_value, labels)))


def test_the_tests_are_those_of_the_judged_rows(judged, proof):
    spans = LabelSpans(judged.rows.as_of_ms, judged.rows.label_end_ms)
    y, ours, naive = judged.rows.y, judged.candidate.pred_return, judged.naive.pred_return
    assert proof.better == diebold_mariano(spans, (y - ours) ** 2, (y - naive) ** 2)
    assert proof.directions == pesaran_timmermann(spans, y, ours)


def test_the_brier_score_of_the_decision_is_taken_apart(reported, proof):
    own = reported.document["evidence"]["comparison"]["own"]
    for part, contender in ((proof.rise, "candidate"), (proof.naive_rise, "naive")):
        whole = part.miscalibration - part.discrimination + part.uncertainty
        assert whole == pytest.approx(own[contender]["brier"], abs=1e-12)


def test_the_confidence_is_judged_where_a_direction_can_be_right(judged, proof):
    right = np.sign(judged.rows.y) == np.sign(judged.candidate.pred_return)
    moved = judged.rows.y != 0
    assert proof.sign.brier == pytest.approx(np.mean((judged.candidate.conf - right)[moved] ** 2))


def test_a_smaller_error_that_chance_explains_is_not_told_as_a_win(reported, facts, proof):
    text = headed(reported, facts, proof, 0.41)
    weak = text.index("No better than the historical mean can be shown: p = 0.410 (212 independent labels)")
    assert weak < text.index("is 10.000 % below")


def test_a_smaller_error_that_chance_does_not_explain_is_told_first(reported, facts, proof):
    text = headed(reported, facts, proof, 0.012)
    assert text.index("is 10.000 % below") < text.index("Chance alone would rarely do as well: p = 0.012")
    assert "No better" not in text


def test_a_proof_that_is_one_of_many_trials_says_so():
    told = proof_sentence(asked(0.012), 30)
    assert "p = 0.012 (212 independent labels)" in told
    assert "one of 30 trials of this model, and the p-value does not count them" in told


def test_too_few_labels_are_told_as_such():
    told = proof_sentence(asked(None, 4), 1)
    assert told.endswith("p not known (4 independent labels), and 10 or more are needed.")


def test_a_larger_error_is_never_softened_by_a_p_value(reported, facts, proof):
    text = headed(reported, facts, proof, 0.012, ours=0.011)
    assert "The historical mean alone would have been better. Where each moment counts alike" in text


@pytest.mark.parametrize(
    ("outcome", "p_value", "style"),
    [
        ("promote", 0.41, "unproven"),
        ("keep", None, "unproven"),
        ("promote", 0.01, "promote"),
        ("refuse", 0.01, "refuse"),
    ],
)
def test_a_verdict_in_favour_is_green_only_where_it_is_proven(
    reported, facts, proof, outcome, p_value, style
):
    text = headed(reported, facts, proof, p_value, outcome=outcome)
    assert f'class="verdict {style}"' in text
    assert ("is not shown" in text) == (style == "unproven")


def test_every_p_value_stands_beside_its_labels(facts):
    told = re.findall(r"\bp (?:=|&lt;|not known)[^<]*", dashboard(facts))
    assert len(told) >= 3
    assert all(re.search(r"\(\d+ independent labels\)", each) for each in told)


def test_statistics_stand_beside_their_questions(proof):
    text = certainty(proof)
    for found in (proof.better, proof.directions):
        assert f"{found.name}</td>" in text
        assert f"{found.statistic:+.2f}" in text


def test_without_rows_nothing_is_tested(judged):
    none = np.zeros(len(judged.rows), dtype=np.bool_)
    empty = replace(
        judged,
        rows=judged.rows.take(none),
        candidate=judged.candidate.take(none),
        naive=judged.naive.take(none),
    )
    assert prove(empty) is None
    assert "nothing is tested" in certainty(None)


def test_a_forecast_that_is_not_finite_proves_nothing(judged):
    broken = replace(judged.candidate, pred_return=np.full(len(judged.rows), np.nan))
    assert prove(replace(judged, candidate=broken)) is None
