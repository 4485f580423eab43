"""What the strict policy asks beyond the classic one: a licence, a healthy refit, or proof against the champion."""

from __future__ import annotations

import json
import math
from dataclasses import replace
from typing import Any

import pytest

from forecasting.errors import InvalidEvidence
from forecasting.gate import Decision, Evidence, NotAsked, ProductionFacts, decide
from forecasting.licence.check import REFIT_QUESTIONS, Check
from tests.forecasting.gate.evidence_paths import (
    NONE_NEEDED,
    OTHER,
    RECIPE,
    Path,
    changed,
    licence,
    passing_evidence,
    paths,
    strict_challenger,
    strict_first_candidate,
    strict_refit,
)

PASSING = {
    "first": strict_first_candidate(),
    "refit": strict_refit(),
    "challenger": strict_challenger(),
}
NEEDED = math.log(600)
AGAINST = [f"evidence against {each}" for each in ("no change", "drift", "AR(1)")]


def unmet(decision: Decision) -> list[str]:
    return [criterion.name for criterion in decision.criteria if not criterion.passed]


def test_a_first_candidate_of_a_proven_recipe_is_promoted_as_proven() -> None:
    decision = decide(strict_first_candidate())
    assert (decision.outcome, decision.policy, decision.evidence_grade) == ("promote", "strict", "proven")
    assert decision.reasons == ("all 24 criteria are met",)


@pytest.mark.parametrize("name", PASSING)
def test_a_proven_recipe_passes_as_first_as_refit_and_as_challenger(name: str) -> None:
    assert decide(PASSING[name]).promote


@pytest.mark.parametrize("name", PASSING)
def test_what_classic_refuses_strict_refuses_too(name: str) -> None:
    decision = decide(changed(PASSING[name], ("trading", "candidate_pnl"), -1.0))
    assert (decision.outcome, unmet(decision)) == ("refuse", ["backtest uplift"])
    assert decision.evidence_grade == "proven"


def test_strict_is_the_policy_of_evidence_that_names_none() -> None:
    classic = passing_evidence()
    evidence = Evidence(
        classic.candidate, classic.production, classic.comparison, classic.trading, classic.demands
    )
    decision = decide(evidence)
    assert (decision.outcome, decision.policy) == ("refuse", "strict")
    assert unmet(decision) == ["licence", "refit check", "challenger against champion"]


@pytest.mark.parametrize(
    ("path", "value", "criteria"),
    [
        (("licence",), None, ["licence"]),
        (("licence",), NotAsked("the classic criteria refuse"), ["licence"]),
        (("licence", "held"), False, ["licence"]),
        (("licence", "held"), None, ["licence"]),
        (("licence", "stage"), None, ["licence"]),
        (("licence", "stage"), "shadow", []),
        (("licence", "recipe"), OTHER, ["licence"]),
        (("candidate", "recipe"), "", ["licence"]),
        (("licence", "no_change"), NEEDED - 1e-6, ["evidence against no change"]),
        (("licence", "drift"), NEEDED - 1e-6, ["evidence against drift"]),
        (("licence", "echo"), NEEDED - 1e-6, ["evidence against AR(1)"]),
        (("licence", "echo"), NEEDED, []),
        (("licence", "budget", "alpha"), 0.01 / 6 * 1.01, ["error budget", *AGAINST]),
        (("licence", "budget", "number"), 3, ["error budget"]),
        (("licence", "budget", "number"), 0, ["error budget"]),
        (("licence", "budget", "spent"), 0.0101, ["error budget"]),
        (("licence", "budget", "spent"), 0.01, []),
        (("licence", "budget", "spent"), 0.001, ["error budget"]),
        (("licence", "budget", "horizon_alpha"), 1.0, ["error budget"]),
        (("licence", "budget", "year"), None, ["error budget"]),
    ],
)
def test_each_criterion_of_the_licence_refuses_at_its_own_bound(
    path: Path, value: Any, criteria: list[str]
) -> None:
    decision = decide(changed(strict_first_candidate(), path, value))
    assert unmet(decision) == criteria
    assert decision.promote == (not criteria)
    assert decision.evidence_grade == ("unproven" if criteria else "proven")


@pytest.mark.parametrize("held", [False, None])
def test_rows_that_refuse_tell_one_bit(held: bool | None) -> None:
    """Whoever saw their figures could tune recipes by them until one passes."""
    evidence = changed(strict_first_candidate(), ("licence", "held"), held)
    decision, document = decide(evidence), evidence.to_document()["licence"]
    assert [each.name for each in decision.criteria if each.stage == "licence"] == ["licence", "error budget"]
    assert [document[name] for name in ("no_change", "drift", "echo", "proof")] == [None] * 4
    told = json.dumps(decision.to_document())
    for figure in ("0.031", "7.1", "12.0", "11.0", "21000", "21,000"):
        assert figure not in told


def test_a_price_that_is_not_the_one_evidence_was_held_against_proves_nothing() -> None:
    decision = decide(changed(strict_first_candidate(), ("licence", "proof", "log_needed"), math.log(100)))
    assert unmet(decision) == AGAINST


@pytest.mark.parametrize("alpha", [0.0, 1.0, -0.1, None])
def test_a_question_without_a_price_proves_nothing(alpha: float | None) -> None:
    decision = decide(changed(strict_first_candidate(), ("licence", "budget", "alpha"), alpha))
    assert "error budget" in unmet(decision)
    assert "evidence against drift" in unmet(decision)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("bars", 0), ("bars", -1), ("skill", 1.1), ("skill", math.nan), ("log_evidence", math.inf),
        ("more_bars", -1), ("bars_of_law", math.nan), ("sufficient_skill", 2.0),
    ],
)  # fmt: skip
def test_an_impossible_proof_proves_nothing(field: str, value: float) -> None:
    decision = decide(changed(strict_first_candidate(), ("licence", "proof", field), value))
    assert "evidence against drift" in unmet(decision)


def test_a_proof_that_this_skill_never_reaches_may_be_held_all_the_same() -> None:
    evidence = changed(strict_first_candidate(), ("licence", "proof", "more_bars"), None)
    assert decide(changed(evidence, ("licence", "proof", "bars_of_law"), None)).promote


@pytest.mark.parametrize("question", REFIT_QUESTIONS)
def test_a_question_of_the_refit_check_without_an_answer_refuses(question: str) -> None:
    evidence = strict_refit()
    checks = evidence.refit
    assert isinstance(checks, tuple)
    decision = decide(replace(evidence, refit=tuple(each for each in checks if each.name != question)))
    assert unmet(decision) == [question]


def test_an_unhealthy_refit_is_refused_with_the_words_of_its_check() -> None:
    evidence = strict_refit()
    assert isinstance(evidence.refit, tuple)
    sick = Check(evidence.refit[0].name, False, "0.31", "at least 0.5")
    (reason,) = decide(replace(evidence, refit=(sick, *evidence.refit[1:]))).reasons
    assert reason == f"{sick.name}: found 0.31; needed at least 0.5"


def test_a_refit_cannot_be_excused_from_its_check() -> None:
    decision = decide(replace(strict_refit(), refit=NotAsked("it is only a refit")))
    assert unmet(decision) == ["refit check"]


def test_a_champion_of_an_unknown_recipe_is_held_against_as_refit_and_as_challenger() -> None:
    production = ProductionFacts("p" * 64, ("BTC/USDT",), None, None)
    evidence = replace(strict_refit(), production=production)
    assert unmet(decide(evidence)) == ["challenger against champion"]
    assert unmet(decide(replace(evidence, refit=NONE_NEEDED))) == [
        "refit check",
        "challenger against champion",
    ]


def test_a_champion_without_a_licence_need_not_be_beaten() -> None:
    evidence = changed(strict_challenger(), ("production", "licensed"), False)
    assert decide(replace(evidence, challenger=NONE_NEEDED)).promote


@pytest.mark.parametrize("licensed", [True, None])
def test_a_licensed_champion_of_another_recipe_must_be_beaten(licensed: bool | None) -> None:
    evidence = changed(strict_challenger(), ("production", "licensed"), licensed)
    assert unmet(decide(replace(evidence, challenger=NONE_NEEDED))) == ["challenger against champion"]


def test_an_unknown_champion_excuses_nothing() -> None:
    decision = decide(replace(strict_first_candidate(), production=None))
    assert {"refit check", "challenger against champion"} <= set(unmet(decision))


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("log_evidence", math.log(100) - 1e-6), ("log_evidence", 0.0), ("log_evidence", None), ("bars", 0), ("bars", None),
        ("log_needed", math.log(19)), ("log_needed", math.nan), ("champion_digest", "x" * 64), ("champion_recipe", None),
    ],
)  # fmt: skip
def test_a_challenger_that_is_not_proven_against_this_champion_is_refused(field: str, value: Any) -> None:
    decision = decide(changed(strict_challenger(), ("challenger", field), value))
    assert unmet(decision) == ["challenger against champion"]


def test_a_challenge_that_failed_tells_one_bit() -> None:
    evidence = changed(strict_challenger(), ("challenger", "log_evidence"), 4.321)
    assert evidence.to_document()["challenger"]["log_evidence"] is None
    assert "4.32" not in json.dumps(decide(evidence).to_document())


def test_a_tie_keeps_the_champion() -> None:
    assert decide(changed(strict_challenger(), ("challenger", "log_evidence"), 0.0)).outcome == "refuse"


@pytest.mark.parametrize("name", PASSING)
def test_the_bundle_that_serves_already_is_kept(name: str) -> None:
    evidence = replace(PASSING[name], production=ProductionFacts("c" * 64, ("BTC/USDT",), RECIPE, True))
    assert decide(evidence).outcome == "keep"


@pytest.mark.parametrize("missing", [None, math.nan])
@pytest.mark.parametrize(
    ("name", "path"),
    [
        (name, path)
        for name, evidence in PASSING.items()
        for path, value in paths(evidence)
        if isinstance(value, (int, float)) and path[0] in {"candidate", "demands", "licence", "challenger"}
    ],
)
def test_a_missing_number_refuses(name: str, path: Path, missing: float | None) -> None:
    assert decide(changed(PASSING[name], path, missing)).outcome == "refuse"


@pytest.mark.parametrize(
    ("name", "path"),
    [
        (name, path)
        for name, evidence in PASSING.items()
        for path, value in paths(evidence)
        if not isinstance(value, (int, float)) or isinstance(value, bool)
    ],
)
def test_a_missing_fact_refuses(name: str, path: Path) -> None:
    assert decide(changed(PASSING[name], path, None)).outcome == "refuse"


def test_an_unknown_policy_refuses() -> None:
    decision = decide(replace(strict_refit(), policy="generous"))  # type: ignore[arg-type]
    assert decision.reasons == ("policy: found generous; needed one of strict, classic",)


def test_classic_asks_for_no_licence_and_calls_nothing_proven() -> None:
    decision = decide(replace(strict_refit(), policy="classic", licence=None, challenger=None))
    assert (decision.promote, decision.evidence_grade) == (True, "unproven")
    assert decide(replace(strict_first_candidate(), policy="classic")).evidence_grade == "unproven"


@pytest.mark.parametrize("name", PASSING)
def test_a_decision_is_repeated_from_its_stored_document(name: str) -> None:
    document = json.loads(json.dumps(PASSING[name].to_document(), allow_nan=False))
    assert Evidence.from_document(document) == PASSING[name]


def test_a_document_of_before_there_were_policies_is_evidence_for_the_classic_one() -> None:
    document = passing_evidence().to_document()
    for name in ("policy", "licence", "refit", "challenger", "release"):
        del document[name]
    decision = decide(Evidence.from_document(document))
    assert decision == decide(replace(passing_evidence(), refit=None))
    assert unmet(decision) == ["refit check"]


def test_a_document_that_lacks_a_part_is_refused_with_its_name() -> None:
    document = passing_evidence().to_document()
    del document["trading"]["baseline_pnl"]
    with pytest.raises(
        InvalidEvidence, match=r"evidence cannot be read: trading\.baseline_pnl: Field required"
    ):
        Evidence.from_document(document)


def test_a_licence_without_its_facts_is_told_without_raising() -> None:
    bare = replace(licence(), budget=None, proof=None, recipe=None, held=None, stage=None)
    decision = decide(replace(strict_first_candidate(), licence=bare))
    assert decision.reasons[0] == (
        "licence: found recipe not known holds one or none, nobody knows, asked on rows that are not known; rows that refuse tell "
        "nothing more; "
        f"needed a licence of the recipe {RECIPE[:12]}"
    )
