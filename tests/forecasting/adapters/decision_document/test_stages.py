"""What a document tells of the stages, the licence, the time to proof and the quarantine; older ones say nothing."""

from dataclasses import replace

import pytest

from forecasting.adapters.decision_document import (
    decision_markdown,
    licence_sentence,
    quarantine_sentence,
    stage_lines,
    time_to_proof_sentence,
)
from forecasting.gate import NotAsked, decide
from tests.forecasting.gate.evidence_paths import changed, licence, passing_evidence, strict_first_candidate


def document(evidence):
    """The parts of a decision's document that these sentences read."""
    return {
        "title": "forecast-1h version 3", "horizon": "1h", "model_id": "1h-abc", "version": 3,
        "evidence": evidence.to_document(), **decide(evidence).to_document(),
    }  # fmt: skip


PROVEN = document(strict_first_candidate())
OLD = {
    "criteria": [{"stage": "structure", "name": "members", "passed": True, "found": "", "needed": ""}],
    "evidence": {"comparison": {}, "production": False},
}


def test_each_stage_is_told_with_the_criteria_that_are_met():
    assert [(line["stage"], line["met"], line["asked"]) for line in stage_lines(PROVEN)] == [
        ("structure", 10, 10),
        ("classic", 7, 7),
        ("licence", 5, 5),
        ("refit", 1, 1),
        ("challenger", 1, 1),
    ]


def test_the_licence_is_told_with_its_price_and_its_evidence():
    assert licence_sentence(PROVEN) == (
        "Licence: recipe rrrrrrrrrrrr holds a licence (lockbox rows). Log evidence 12 against no change, 11 against drift, 7.1 "
        "against AR(1); 6.397 was needed at alpha 0.001667, the price of recipe number 2 of 2026."
    )


def test_a_licence_that_was_refused_is_told_without_figures_of_its_rows():
    refused = replace(licence(), held=False)
    assert licence_sentence(document(replace(strict_first_candidate(), licence=refused))) == (
        "Licence: recipe rrrrrrrrrrrr holds no licence; it was asked on lockbox rows at alpha 0.001667, the price of recipe "
        "number 2 of 2026."
    )


def test_a_licence_of_which_nothing_is_known_is_told_without_failing():
    bare = replace(licence(), budget=None, recipe=None, held=None, stage=None, echo=None)
    told = licence_sentence(document(replace(strict_first_candidate(), licence=bare)))
    assert (
        "recipe not known may hold a licence, nobody knows; it was asked on not known rows at alpha not known"
        in told
    )


@pytest.mark.parametrize(
    "evidence", [passing_evidence(), replace(strict_first_candidate(), licence=NotAsked("refused before"))]
)
def test_a_licence_that_was_not_asked_has_no_sentence(evidence):
    assert licence_sentence(document(evidence)) == ""


def test_the_time_to_proof_is_a_sentence():
    assert time_to_proof_sentence(PROVEN).startswith(
        "Time to proof: none is needed, the recipe holds a licence"
    )


def test_a_quarantined_candidate_is_told_how_a_person_releases_it():
    told = quarantine_sentence(document(changed(strict_first_candidate(), ("comparison", "rank_ic"), 0.8)))
    assert "foretick decisions release 3 --horizon 1h --reason WHY" in told


def test_documents_of_before_there_were_policies_say_nothing_of_them():
    assert [time_to_proof_sentence(OLD), quarantine_sentence(OLD), licence_sentence(OLD)] == ["", "", ""]


def test_the_page_tells_stages_licence_and_time_to_proof():
    text = decision_markdown(PROVEN)
    assert "| licence | 5 of 5 |" in text
    assert "- Time to proof: none is needed" in text
    assert "- Licence: recipe rrrrrrrrrrrr holds a licence" in text
    assert "| licence | evidence against AR(1) | yes | log evidence 7.1 over 21000 bars |" in text
