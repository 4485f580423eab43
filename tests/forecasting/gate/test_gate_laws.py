"""Laws that hold for any evidence: missing never promotes, nothing raises, worse is never better."""

from __future__ import annotations

import json
import math
from dataclasses import replace
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from forecasting.evaluation.scores import Comparison, HeldOutScores, Scoreboard, SymbolScores
from forecasting.gate import (
    Budget,
    CandidateFacts,
    ChallengerFacts,
    Demands,
    Evidence,
    LicenceFacts,
    NoProduction,
    NotAsked,
    ProductionFacts,
    Release,
    Trading,
    decide,
)
from forecasting.licence.check import REFIT_QUESTIONS, Check
from forecasting.licence.proof_time import ProofTime
from tests.forecasting.gate.evidence_paths import (
    Path,
    changed,
    numbers,
    passing_evidence,
    passing_first_candidate,
    paths,
    strict_challenger,
    strict_first_candidate,
    strict_refit,
)

PASSING = (
    passing_evidence(),
    passing_first_candidate(),
    strict_first_candidate(),
    strict_refit(),
    strict_challenger(),
)

OUTCOMES = {"promote", "refuse", "keep"}
missing = st.sampled_from([None, math.nan])
number = st.one_of(missing, st.floats(), st.floats(0, 1))
count = st.one_of(st.none(), st.integers(), st.integers(0, 100))
text = st.one_of(st.none(), st.text(max_size=3))
names = st.one_of(st.none(), st.lists(st.sampled_from(["a", "b", "c"]), max_size=3).map(tuple))
scores = st.builds(HeldOutScores, number, number, number, number)
scoreboard = st.builds(Scoreboard, count, count, count, count, scores, scores, st.none() | scores)
symbol_scores = st.builds(SymbolScores, st.sampled_from(["a", "b"]), count, count, number, number, number)
importances = st.none() | st.lists(st.tuples(st.sampled_from(["x", "y"]), number), max_size=3).map(tuple)
answer = st.none() | st.booleans()
said = st.text(max_size=3)
not_asked = st.builds(NotAsked, said)
budget = st.builds(Budget, count, count, number, number, number)
proof = st.builds(ProofTime, st.integers(), st.floats(), st.floats(), st.floats(), count, count, number)
check = st.builds(Check, st.sampled_from([*REFIT_QUESTIONS, "another"]), st.booleans(), said, said)
any_evidence = st.builds(
    Evidence,
    candidate=st.builds(
        CandidateFacts, text, names, names, names, importances, number, text, text, answer, text
    ),
    production=st.none() | st.just(NoProduction()) | st.builds(ProductionFacts, text, names, text, answer),
    comparison=st.builds(
        Comparison, scoreboard, st.none() | scoreboard, st.lists(symbol_scores, max_size=3).map(tuple), number
    ),
    trading=st.builds(Trading, number, number),
    demands=st.builds(Demands, number, number, count),
    policy=st.sampled_from(["strict", "classic"]),
    licence=st.none() | not_asked | st.builds(
        LicenceFacts, text, answer, st.sampled_from([None, "lockbox", "shadow"]), st.none() | budget,
        number, number, number, st.none() | proof, st.sampled_from([None, "development", "shadow"]),
    ),
    refit=st.none() | not_asked | st.lists(check, max_size=5).map(tuple),
    challenger=st.none() | not_asked | st.builds(ChallengerFacts, text, text, count, number, number),
    release=st.none() | st.builds(Release, said, said, said, said),
)  # fmt: skip

# How each number gets worse: down, or up. The rows, moments and labels of single symbols are absent: fewer
# labels widen a symbol's standard error, which is neither good nor bad. So are the shares of features.
WORSE: dict[Path, int] = {
    ("candidate", "tree_weight"): +1,
    ("comparison", "own", "rows"): -1,
    ("comparison", "own", "non_overlapping_labels"): -1,
    ("comparison", "shared", "rows"): -1,
    ("comparison", "shared", "non_overlapping_labels"): -1,
    ("comparison", "own", "candidate", "rmse"): +1,
    ("comparison", "own", "candidate", "mae"): +1,
    ("comparison", "own", "candidate", "directional_accuracy"): -1,
    ("comparison", "own", "candidate", "brier"): +1,
    ("comparison", "own", "naive", "rmse"): -1,
    ("comparison", "own", "naive", "directional_accuracy"): +1,
    ("comparison", "shared", "candidate", "rmse"): +1,
    ("comparison", "shared", "production", "rmse"): -1,
    ("comparison", "symbols", 0, "directional_accuracy"): -1,
    ("comparison", "symbols", 0, "rmse"): +1,
    ("comparison", "symbols", 0, "naive_rmse"): -1,
    ("comparison", "symbols", 1, "directional_accuracy"): -1,
    ("comparison", "symbols", 1, "rmse"): +1,
    ("comparison", "symbols", 1, "naive_rmse"): -1,
    ("comparison", "rank_ic"): -1,
    ("trading", "candidate_pnl"): -1,
    ("trading", "baseline_pnl"): +1,
    ("demands", "accuracy_margin"): +1,
    ("demands", "too_good_ic"): -1,
}
worsening = st.lists(
    st.tuples(st.sampled_from(sorted(WORSE, key=str)), st.floats(0, 3)), min_size=1, max_size=8
)


def worsened(evidence: Evidence, path: Path, factor: float) -> Evidence:
    value = numbers(evidence)[path]
    step = WORSE[path] * factor * (abs(value) or 0.01)
    return changed(evidence, path, int(value + step) if isinstance(value, int) else value + step)


@given(any_evidence)
@settings(max_examples=300, deadline=None)
def test_any_evidence_gets_a_decision_and_nothing_raises(evidence: Evidence) -> None:
    decision = decide(evidence)
    assert decision.outcome in OUTCOMES
    assert decision.promote == all(criterion.passed for criterion in decision.criteria)
    assert decision.reasons
    assert decision.time_to_proof


@given(any_evidence)
@settings(max_examples=100, deadline=None)
def test_a_decision_can_be_repeated_from_its_stored_document(evidence: Evidence) -> None:
    stored = json.loads(json.dumps(evidence.to_document(), allow_nan=False))
    assert decide(Evidence.from_document(stored)) == decide(evidence)


@given(any_evidence | st.sampled_from(PASSING), check)
@settings(max_examples=100, deadline=None)
def test_one_more_unmet_criterion_never_turns_a_refusal_into_a_promotion(
    evidence: Evidence, asked: Check
) -> None:
    """A further unmet answer of the refit check is one more criterion."""
    answered = evidence.refit if isinstance(evidence.refit, tuple) else ()
    more = decide(replace(evidence, refit=(*answered, replace(asked, passed=False))))
    assert not more.promote


@given(
    st.sampled_from(PASSING),
    st.data(),
)
@settings(max_examples=200, deadline=None)
def test_evidence_with_anything_missing_is_never_promoted(evidence: Evidence, data: st.DataObject) -> None:
    places = data.draw(st.lists(st.sampled_from(list(paths(evidence))), min_size=1, max_size=4))
    for path, value in places:
        gone: Any = data.draw(missing) if isinstance(value, float) else None
        try:
            evidence = changed(evidence, path, gone)
        except (TypeError, AttributeError):  # its group is gone already
            continue
    assert not decide(evidence).promote


@given(worsening)
@settings(max_examples=300, deadline=None)
def test_worsening_never_turns_a_refusal_into_a_promotion(steps: list[tuple[Path, float]]) -> None:
    evidence = passing_evidence()
    refused = False
    for path, factor in steps:
        evidence = worsened(evidence, path, factor)
        promoted = decide(evidence).promote
        assert not (refused and promoted)
        refused = refused or not promoted


@given(any_evidence)
@settings(max_examples=50, deadline=None)
def test_the_same_evidence_gets_the_same_decision(evidence: Evidence) -> None:
    assert decide(evidence) == decide(evidence)
