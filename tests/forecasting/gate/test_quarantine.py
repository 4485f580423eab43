"""Too good to be true waits for a person, who may release one bundle with a name and a reason."""

from __future__ import annotations

from dataclasses import replace

import pytest

from forecasting.gate import Evidence, Release, decide
from tests.forecasting.gate.evidence_paths import Path, changed, passing_evidence, strict_first_candidate

RELEASE = Release("c" * 64, "ada", "thin book, the bounce is real", "2026-11-21T15:00:00Z")
CORRELATION: Path = ("comparison", "rank_ic")
ACCURACY: Path = ("comparison", "own", "candidate", "directional_accuracy")


@pytest.fixture(params=[(CORRELATION, 0.8), (ACCURACY, 0.9)], ids=["correlation", "accuracy"])
def too_good(request: pytest.FixtureRequest) -> Evidence:
    evidence: Evidence = changed(strict_first_candidate(), *request.param)
    return evidence


def test_what_is_too_good_is_refused_and_marked_as_quarantined(too_good: Evidence) -> None:
    decision = decide(too_good)
    assert (decision.outcome, decision.quarantined) == ("refuse", True)
    assert decision.to_document()["quarantined"] is True


def test_an_ordinary_refusal_is_not_quarantined() -> None:
    decision = decide(changed(passing_evidence(), ("trading", "candidate_pnl"), -1.0))
    assert (decision.outcome, decision.quarantined) == ("refuse", False)


def test_a_released_candidate_passes_and_the_decision_says_who_let_it(too_good: Evidence) -> None:
    decision = decide(replace(too_good, release=RELEASE))
    assert (decision.outcome, decision.quarantined) == ("promote", False)
    told = "released by ada at 2026-11-21T15:00:00Z: thin book, the bounce is real"
    assert [told in each.found for each in decision.criteria if each.name.startswith("believable")].count(
        True
    ) == 1
    assert told in decision.notes


@pytest.mark.parametrize(
    "release",
    [replace(RELEASE, digest="d" * 64), replace(RELEASE, who=" "), replace(RELEASE, why="")],
)
def test_a_release_of_another_bundle_or_without_a_name_or_a_reason_is_none(
    too_good: Evidence, release: Release
) -> None:
    assert decide(replace(too_good, release=release)).quarantined


def test_two_unknown_digests_are_not_a_release(too_good: Evidence) -> None:
    nameless = changed(too_good, ("candidate", "digest"), "")
    assert decide(replace(nameless, release=replace(RELEASE, digest=""))).quarantined


@pytest.mark.parametrize(
    "path",
    [CORRELATION, ACCURACY, ("demands", "too_good_ic"), ("comparison", "own", "non_overlapping_labels")],
)
def test_a_release_does_not_replace_a_missing_number(path: Path) -> None:
    evidence = replace(strict_first_candidate(), release=RELEASE)
    assert decide(changed(evidence, path, None)).outcome == "refuse"


def test_a_release_excuses_from_nothing_else(too_good: Evidence) -> None:
    decision = decide(changed(replace(too_good, release=RELEASE), ("trading", "candidate_pnl"), -1.0))
    assert [each.name for each in decision.criteria if not each.passed] == ["backtest uplift"]
