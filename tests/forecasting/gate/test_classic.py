"""What the classic policy decides."""

from __future__ import annotations

import json
import math
import subprocess
import sys
from typing import Any

import pytest

from forecasting.evaluation.scores import SymbolScores
from forecasting.gate import Decision, Evidence, NoProduction, ProductionFacts, decide
from tests.forecasting.gate.evidence_paths import (
    Path,
    changed,
    passing_evidence,
    passing_first_candidate,
    paths,
)

OWN: Path = ("comparison", "own")
SHARED: Path = ("comparison", "shared")
FIRST_SYMBOL: Path = ("comparison", "symbols", 0)


def unmet(decision: Decision) -> list[str]:
    return [criterion.name for criterion in decision.criteria if not criterion.passed]


def test_a_candidate_that_meets_every_criterion_is_promoted() -> None:
    decision = decide(passing_evidence())
    assert (decision.outcome, decision.promote) == ("promote", True)
    assert decision.reasons == ("all 22 criteria are met",)


def test_the_first_candidate_needs_no_production_to_beat() -> None:
    assert decide(passing_first_candidate()).promote


@pytest.mark.parametrize(
    ("path", "value", "criteria"),
    [
        (("candidate", "finite_members"), ("naive", "persistence", "ewma", "lgbm"), ["members"]),
        (("candidate", "members"), (), ["members"]),
        (("candidate", "symbols"), ("BTC/USDT", "ETH/USDT", "SOL/USDT"), ["symbols scored"]),
        (("candidate", "symbols"), ("ETH/USDT",), ["symbols scored", "symbols kept"]),
        (("production", "symbols"), ("BTC/USDT", "XMR/USD"), ["symbols kept"]),
        (("production", "symbols"), (), ["symbols kept"]),
        ((*OWN, "candidate", "mae"), -0.1, ["numbers complete"]),
        ((*OWN, "naive", "brier"), 1.1, ["numbers complete"]),
        (("candidate", "found_rows"), "b" * 64, ["test rows"]),
        (("candidate", "registered_rows"), "", ["test rows"]),
        (("candidate", "leak_certificate_passed"), False, ["leak certificate"]),
        (("candidate", "leak_certificate_passed"), None, ["leak certificate"]),
        ((*OWN, "non_overlapping_labels"), 29, ["enough labels"]),
        ((*OWN, "non_overlapping_labels"), 30, []),
        (("comparison", "rank_ic"), 0.2501, ["believable correlation"]),
        (("comparison", "rank_ic"), 0.25, []),
        ((*OWN, "candidate", "directional_accuracy"), 0.6501, ["believable accuracy"]),
        ((*OWN, "candidate", "directional_accuracy"), 0.65, []),
        ((*SHARED, "candidate", "rmse"), 0.01991, ["loss against production"]),
        ((*SHARED, "candidate", "rmse"), 0.0199, []),
        ((*SHARED, "non_overlapping_labels"), 29, ["loss against production"]),
        ((*SHARED, "non_overlapping_labels"), 30, []),
        ((*SHARED, "production"), None, ["numbers complete", "loss against production"]),
        (SHARED, None, ["loss against production"]),
        (("production",), None, ["symbols kept", "new bundle"]),
        (("production",), NoProduction(), ["loss against production"]),
        ((*OWN, "candidate", "rmse"), 0.02, ["loss against naive"]),
        (("trading", "candidate_pnl"), 0.01, ["backtest uplift"]),
        (("trading", "candidate_pnl"), 0.0101, []),
        ((*OWN, "candidate", "directional_accuracy"), 0.5299, ["directional accuracy"]),
        ((*OWN, "candidate", "directional_accuracy"), 0.53, []),
        (
            (*FIRST_SYMBOL, "directional_accuracy"),
            0.5 - 1 / math.sqrt(60) - 0.001,
            ["each symbol against chance"],
        ),
        ((*FIRST_SYMBOL, "directional_accuracy"), 0.5 - 1 / math.sqrt(60) + 0.001, []),
        ((*FIRST_SYMBOL, "non_overlapping_labels"), 0, ["numbers complete", "each symbol against chance"]),
        ((*FIRST_SYMBOL, "rmse"), 0.0182, ["symbols better than naive"]),
        ((*FIRST_SYMBOL, "rows"), 0, ["symbols scored", "numbers complete"]),
        (
            ("comparison", "symbols"),
            (),
            ["symbols scored", "each symbol against chance", "symbols better than naive"],
        ),
        (("candidate", "importances"), (("return_1d", -0.1), ("return_7d", 1.1)), ["importances"]),
        (("candidate", "importances"), (("return_1d", math.nan), ("return_1d", 1.0)), ["importances"]),
        (("candidate", "importances"), (("return_1d", 0.0), ("return_7d", 0.0)), ["importances"]),
        (("candidate", "importances"), (), ["importances"]),
        (("candidate", "importances"), (("return_1d", 0.951), ("return_7d", 0.049)), ["importances"]),
        (("candidate", "importances"), (("return_1d", 0.95), ("return_7d", 0.05)), []),
        (("candidate", "tree_weight"), 1.5, ["numbers complete"]),
    ],
)
def test_each_criterion_refuses_at_its_own_bound(path: Path, value: Any, criteria: list[str]) -> None:
    decision = decide(changed(passing_evidence(), path, value))
    assert unmet(decision) == criteria
    assert decision.promote == (not criteria)


def test_trees_without_weight_need_no_importance() -> None:
    evidence = changed(passing_evidence(), ("candidate", "tree_weight"), 0.0)
    assert decide(changed(evidence, ("candidate", "importances"), (("return_1d", 0.0),))).promote


def test_two_of_three_symbols_better_than_naive_are_enough() -> None:
    third = SymbolScores("SOL/USDT", 200, 60, 0.52, 0.03, 0.029)
    evidence = changed(passing_evidence(), ("candidate", "symbols"), ("BTC/USDT", "ETH/USDT", "SOL/USDT"))
    symbols = (*evidence.comparison.symbols, third)
    assert decide(changed(evidence, ("comparison", "symbols"), symbols)).promote


def test_a_symbol_that_is_scored_twice_is_refused() -> None:
    symbols = passing_evidence().comparison.symbols
    decision = decide(changed(passing_evidence(), ("comparison", "symbols"), (*symbols, symbols[0])))
    assert unmet(decision) == ["symbols scored"]


def test_high_accuracy_over_few_windows_is_not_called_too_good() -> None:
    evidence = changed(passing_evidence(), (*OWN, "non_overlapping_labels"), 20)
    decision = decide(changed(evidence, (*OWN, "candidate", "directional_accuracy"), 0.7))
    assert unmet(decision) == ["enough labels"]


def test_the_bundle_that_serves_already_is_kept_and_not_refused() -> None:
    decision = decide(changed(passing_evidence(), ("production", "digest"), "c" * 64))
    assert (decision.outcome, decision.promote) == ("keep", False)
    assert decision.reasons == ("this very bundle is already production",)


def test_the_bundle_that_serves_already_is_kept_even_where_it_scores_badly() -> None:
    evidence = changed(passing_evidence(), ("production", "digest"), "c" * 64)
    assert decide(changed(evidence, ("trading", "candidate_pnl"), -1.0)).outcome == "keep"


def test_two_unknown_digests_are_not_the_same_bundle() -> None:
    evidence = changed(passing_evidence(), ("production", "digest"), None)
    assert decide(changed(evidence, ("candidate", "digest"), None)).outcome == "refuse"


@pytest.mark.parametrize("missing", [None, math.nan, math.inf, -math.inf])
@pytest.mark.parametrize(
    "path", [path for path, value in paths(passing_evidence()) if isinstance(value, (int, float))]
)
def test_a_missing_number_refuses(path: Path, missing: float | None) -> None:
    assert decide(changed(passing_evidence(), path, missing)).outcome == "refuse"


@pytest.mark.parametrize(
    "path", [path for path, value in paths(passing_evidence()) if not isinstance(value, (int, float))]
)
def test_a_missing_fact_refuses(path: Path) -> None:
    assert decide(changed(passing_evidence(), path, None)).outcome == "refuse"


@pytest.mark.parametrize(
    ("path", "criterion"),
    [
        ((*OWN, "candidate", "rmse"), "loss against naive"),
        ((*OWN, "naive", "rmse"), "loss against naive"),
        ((*SHARED, "candidate", "rmse"), "loss against production"),
        ((*SHARED, "production", "rmse"), "loss against production"),
        (("trading", "candidate_pnl"), "backtest uplift"),
        (("trading", "baseline_pnl"), "backtest uplift"),
        ((*OWN, "candidate", "directional_accuracy"), "directional accuracy"),
        ((*OWN, "candidate", "directional_accuracy"), "believable accuracy"),
        ((*OWN, "naive", "directional_accuracy"), "directional accuracy"),
        (("demands", "accuracy_margin"), "directional accuracy"),
        (("demands", "too_good_ic"), "believable correlation"),
        (("comparison", "rank_ic"), "believable correlation"),
        ((*OWN, "non_overlapping_labels"), "enough labels"),
        ((*FIRST_SYMBOL, "directional_accuracy"), "each symbol against chance"),
        ((*FIRST_SYMBOL, "non_overlapping_labels"), "each symbol against chance"),
        ((*FIRST_SYMBOL, "naive_rmse"), "symbols better than naive"),
        (("candidate", "tree_weight"), "importances"),
        (("candidate", "importances"), "importances"),
    ],
)
def test_a_criterion_whose_own_number_is_missing_is_not_met(path: Path, criterion: str) -> None:
    assert criterion in unmet(decide(changed(passing_evidence(), path, None)))


def test_too_good_to_be_true_is_told_as_a_quarantine() -> None:
    (reason,) = decide(changed(passing_evidence(), ("comparison", "rank_ic"), 0.8)).reasons
    assert "rank correlation 0.8 (quarantine: a leak is likelier" in reason
    assert "needed at most 0.25" in reason


def test_a_reason_says_what_was_found_and_what_was_needed() -> None:
    (reason,) = decide(changed(passing_evidence(), ("trading", "candidate_pnl"), -0.02)).reasons
    assert reason == (
        "backtest uplift: found -2.00 % after costs; needed more than the baseline strategy's 1.00 %"
    )


def test_a_lost_symbol_is_named() -> None:
    evidence = changed(passing_evidence(), ("production",), ProductionFacts("p" * 64, ("XMR/USD",)))
    (reason,) = decide(evidence).reasons
    assert "production's XMR/USD would be lost" in reason


def test_the_brier_score_is_told_and_decides_nothing() -> None:
    decision = decide(changed(passing_evidence(), (*OWN, "candidate", "brier"), 0.9))
    assert decision.promote
    assert decision.notes == ("Brier score 0.9, that of the constant base rate 0.25 (not asked for)",)


def test_a_feature_with_more_than_60_percent_is_told_and_decides_nothing() -> None:
    shares = (("return_1d", 0.61), ("return_7d", 0.39))
    decision = decide(changed(passing_evidence(), ("candidate", "importances"), shares))
    assert decision.promote
    assert decision.notes[1:] == (
        "return_1d alone has 61 % of the importance: more than 60 % is typical of a leak, so see how it is computed "
        "(not asked for)",
    )


def test_what_passes_is_marked_as_unproven() -> None:
    decision = decide(passing_evidence())
    assert (decision.policy, decision.evidence_grade) == ("classic", "unproven")


@pytest.mark.parametrize("evidence", [passing_evidence(), passing_first_candidate()])
def test_a_decision_is_plain_json(evidence: Evidence) -> None:
    document = decide(evidence).to_document()
    assert json.loads(json.dumps(document, allow_nan=False)) == document
    assert document["outcome"] == "promote"
    assert len(document["criteria"]) in {18, 22}


def test_evidence_is_plain_json_with_null_for_what_is_missing() -> None:
    document = changed(passing_evidence(), ("comparison", "rank_ic"), math.nan).to_document()
    assert json.loads(json.dumps(document, allow_nan=False)) == document
    assert document["comparison"]["rank_ic"] is None
    assert document["production"]["digest"] == "p" * 64


def test_no_production_is_told_apart_from_an_unknown_one_in_the_document() -> None:
    unknown = changed(passing_evidence(), ("production",), None)
    assert passing_first_candidate().to_document()["production"] is False
    assert unknown.to_document()["production"] is None


def test_the_gate_loads_no_array_library_and_no_model() -> None:
    program = "import sys, forecasting.gate; print(*{name.partition('.')[0] for name in sys.modules})"
    loaded = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert not {"numpy", "pandas", "scipy", "sklearn", "lightgbm"} & set(loaded.stdout.split())


def test_rows_that_nobody_registered_are_not_the_registered_rows() -> None:
    evidence = changed(passing_evidence(), ("candidate", "registered_rows"), None)
    assert unmet(decide(changed(evidence, ("candidate", "found_rows"), None))) == ["test rows"]


def test_a_margin_that_is_met_to_the_last_digit_a_person_sees_is_met() -> None:
    evidence = changed(passing_evidence(), (*OWN, "naive", "directional_accuracy"), 0.55)
    assert decide(changed(evidence, (*OWN, "candidate", "directional_accuracy"), 0.57)).promote


def test_the_first_candidate_is_told_that_there_is_nothing_to_compare_with() -> None:
    criteria = {criterion.name: criterion for criterion in decide(passing_first_candidate()).criteria}
    for name in ("symbols kept", "loss against production"):
        assert criteria[name].needed == "nothing, as there is no production model"
    assert criteria["loss against production"].found == "no production model"
