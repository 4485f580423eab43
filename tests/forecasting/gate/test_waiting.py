"""Time to proof in words: every refusal says what separates the recipe from its licence."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest

from forecasting.gate import Evidence, NotAsked, decide
from forecasting.licence.proof_time import ProofTime
from tests.forecasting.gate.evidence_paths import (
    changed,
    licence,
    passing_evidence,
    strict_challenger,
    strict_first_candidate,
)


@pytest.fixture
def unproven() -> Evidence:
    proof = ProofTime(4_320, 0.021, 0.95, math.log(600), 17_520, 54_321, 0.0712)
    facts = replace(licence(), held=False, proof=proof, seen_on="development")
    return replace(strict_first_candidate(), licence=facts)


def test_a_refusal_says_bars_time_and_the_skill_that_would_have_passed(unproven: Evidence) -> None:
    assert decide(unproven).time_to_proof == (
        "development rows of 4,320 bars (180 days) of 2 pooled symbols show a skill of 0.0210; at this skill it needs some "
        "17,520 bars (2.0 years) more, and 54,321 bars (6.2 years) from the first on prove four of five such recipes; at a skill of "
        "0.0712 it would hold a licence by now"
    )


def test_a_skill_that_never_proves_anything_is_told_so(unproven: Evidence) -> None:
    proof = ProofTime(4_320, -0.01, -1.0, math.log(600), None, None, None)
    assert decide(changed(unproven, ("licence", "proof"), proof)).time_to_proof == (
        "development rows of 4,320 bars (180 days) of 2 pooled symbols show a skill of -0.0100; at this skill no "
        "number of bars would prove it"
    )


@pytest.mark.parametrize("seen_on", [None, "lockbox"])
def test_a_skill_of_rows_that_refused_is_not_told(unproven: Evidence, seen_on: str | None) -> None:
    decision = decide(changed(unproven, ("licence", "seen_on"), seen_on))
    assert decision.time_to_proof == "not known, a number of the licence is missing"


def test_one_symbol_is_not_called_pooled(unproven: Evidence) -> None:
    alone = changed(unproven, ("candidate", "symbols"), ("BTC/USDT",))
    assert decide(alone).time_to_proof.startswith("development rows of 4,320 bars (180 days) show a skill")


def test_a_proven_recipe_that_is_refused_for_another_reason_needs_no_more_proof() -> None:
    decision = decide(changed(strict_first_candidate(), ("trading", "candidate_pnl"), -1.0))
    assert decision.time_to_proof == (
        "none is needed, the recipe holds a licence: lockbox rows of 21,000 bars (2.4 years) of 2 pooled symbols "
        "show a skill of 0.0310"
    )


def test_a_licence_that_was_not_asked_is_told_with_the_reason() -> None:
    evidence = replace(strict_first_candidate(), licence=NotAsked("the classic criteria refuse already"))
    assert decide(evidence).time_to_proof == (
        "not known, the licence was not asked: the classic criteria refuse already"
    )


def test_a_licence_that_was_not_asked_is_told_with_the_time_that_test_rows_show() -> None:
    proof = ProofTime(800, 0.02, 0.0, 5.3, 31_000, 48_000, 0.09)
    evidence = replace(
        strict_first_candidate(), licence=NotAsked("the classic criteria refuse already", proof)
    )
    assert decide(evidence).time_to_proof == (
        "the licence was not asked (the classic criteria refuse already); test rows of 800 bars (33 days) of 2 pooled "
        "symbols show a skill of 0.0200; at this skill it needs some 31,000 bars (3.5 years) more, and 48,000 bars "
        "(5.5 years) from the first on prove four of five such recipes; at a skill of 0.0900 it would hold a licence by now"
    )
    assert Evidence.from_document(evidence.to_document()) == evidence


@pytest.mark.parametrize(
    ("evidence", "words"),
    [
        (passing_evidence(), "not known, the classic policy asks for no licence"),
        (replace(passing_evidence(), policy="strict"), "not known, the licence is missing"),
        (
            replace(strict_first_candidate(), licence=replace(licence(), proof=None)),
            "not known, a number of the licence is missing",
        ),
    ],
)
def test_a_time_that_nobody_can_know_is_told_so(evidence: Evidence, words: str) -> None:
    assert decide(evidence).time_to_proof == words


@pytest.mark.parametrize("found", [1.0, 0.0, None])
def test_a_challenger_is_told_what_would_have_been_enough(found: float | None) -> None:
    decision = decide(changed(strict_challenger(), ("challenger", "log_evidence"), found))
    licence_words, challenge = decision.time_to_proof.split(". ", 1)
    assert licence_words.startswith("none is needed")
    assert challenge == (
        "Against the champion: less than 4.61 in 9,000 bars (375 days), how much is not told; a log evidence of 0.00051 a "
        "bar would have been enough"
    )


def test_a_challenger_whose_figures_are_missing_is_told_so() -> None:
    decision = decide(changed(strict_challenger(), ("challenger", "bars"), None))
    assert decision.time_to_proof.endswith(". Against the champion: not known")


def test_a_bar_of_unknown_length_is_not_turned_into_time(unproven: Evidence) -> None:
    assert decide(changed(unproven, ("demands", "bar_ms"), None)).time_to_proof.startswith(
        "development rows of 4,320 bars of 2"
    )
