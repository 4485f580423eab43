"""Laws that hold for any evidence: missing never promotes, nothing raises, worse is never better."""

from __future__ import annotations

import math
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from forecasting.evaluation.scores import Comparison, HeldOutScores, Scoreboard, SymbolScores
from forecasting.gate import (
    CandidateFacts,
    Demands,
    Evidence,
    NoProduction,
    ProductionFacts,
    Trading,
    decide,
)
from tests.forecasting.gate.evidence_paths import (
    Path,
    changed,
    numbers,
    passing_evidence,
    passing_first_candidate,
    paths,
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
any_evidence = st.builds(
    Evidence,
    candidate=st.builds(
        CandidateFacts, text, names, names, names, importances, number, text, text, st.none() | st.booleans()
    ),
    production=st.none() | st.just(NoProduction()) | st.builds(ProductionFacts, text, names),
    comparison=st.builds(
        Comparison, scoreboard, st.none() | scoreboard, st.lists(symbol_scores, max_size=3).map(tuple), number
    ),
    trading=st.builds(Trading, number, number),
    demands=st.builds(Demands, number, number),
)

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
    evidence.to_document()


@given(
    st.sampled_from([passing_evidence(), passing_first_candidate()]),
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
