from dataclasses import replace

import numpy as np
import pytest

from forecasting.adapters.decision_document import (
    CONTENDERS,
    common_board,
    contender_lines,
    decision_document,
    decision_markdown,
    decision_metrics,
    multiplicity_sentence,
    regime_lines,
)
from forecasting.adapters.judging import judge
from forecasting.adapters.training_data import load_training_data
from forecasting.documents import canonical_json
from forecasting.evaluation.scores import UNKNOWN
from forecasting.features.specification import feature_spec
from forecasting.gate import decide
from forecasting.metrics import rmse
from forecasting.planning import plan_symbols
from forecasting.types import HOUR_MS
from tests.forecasting.adapters.judged.registered import CUT, HORIZON, register, unmet
from tests.forecasting.adapters.promotion.serving_version import put_in_production


def test_naive_is_scored_on_the_candidates_rows(workspace, tmp_path):
    judgement = judge(workspace, register(workspace, tmp_path), 5.0)
    forecaster, bounds = judgement.bundle.forecaster, judgement.bundle.manifest.boundaries
    plan = replace(plan_symbols(workspace.candles.series(), HORIZON), start_ms=bounds.test_start_ms)
    rows = load_training_data(workspace, HORIZON, forecaster.spec, plan).rows
    own = judgement.evidence.comparison.own
    assert (own.rows, own.first_as_of_ms) == (len(rows), rows.as_of_ms[0])
    naive = forecaster.members_["naive"].predict(rows.X)
    assert own.naive.rmse == rmse(rows.y, naive)
    assert own.candidate.rmse == rmse(rows.y, forecaster.predict(rows.X).pred_return)


def test_against_itself_a_candidate_has_the_same_scores_and_stays(workspace, tmp_path):
    version = register(workspace, tmp_path)
    put_in_production(workspace, version)
    evidence = judge(workspace, version, 5.0).evidence
    assert evidence.comparison.shared.production == evidence.comparison.shared.candidate
    assert decide(evidence).outcome == "keep"


def test_production_is_scored_on_rows_that_judge_all_three(workspace, tmp_path):
    first = register(workspace, tmp_path, seed=1)
    put_in_production(workspace, first)
    comparison = judge(workspace, register(workspace, tmp_path, seed=2), 5.0).evidence.comparison
    shared = comparison.shared
    assert (shared.rows, shared.first_as_of_ms) == (comparison.own.rows, comparison.own.first_as_of_ms)
    assert None not in (shared.candidate.rmse, shared.production.rmse, shared.naive.rmse)


def test_production_of_fewer_markets_is_still_compared_where_it_can_be(workspace, tmp_path):
    first = register(workspace, tmp_path, symbols=("AAA/SIM",), seed=1)
    put_in_production(workspace, first)
    evidence = judge(workspace, register(workspace, tmp_path, seed=2), 5.0).evidence
    assert evidence.production.symbols == ("AAA/SIM",)
    assert decide(evidence).outcome == "refuse"


def test_a_candidate_of_fewer_markets_than_production_is_refused(workspace, tmp_path):
    put_in_production(workspace, register(workspace, tmp_path, seed=1))
    evidence = judge(workspace, register(workspace, tmp_path, symbols=("AAA/SIM",), seed=2), 5.0).evidence
    assert "symbols kept" in unmet(evidence)
    assert None not in (evidence.comparison.shared.production.rmse, evidence.comparison.shared.candidate.rmse)


def test_production_that_looks_back_further_than_the_candidate_is_compared(workspace, tmp_path):
    put_in_production(workspace, register(workspace, tmp_path, seed=1, longer_periods=(600,)))
    version = register(workspace, tmp_path, seed=2, longer_periods=())
    comparison = judge(workspace, version, 5.0).evidence.comparison
    assert comparison.shared.production.rmse is not None
    assert comparison.shared.non_overlapping_labels > 30


def test_production_that_forecasts_another_span_cannot_be_compared(workspace, tmp_path):
    put_in_production(workspace, register(workspace, tmp_path, seed=1, look_ahead_minutes=180))
    evidence = judge(workspace, register(workspace, tmp_path, seed=2), 5.0).evidence
    assert evidence.comparison.shared.production == UNKNOWN
    assert "loss against production" in unmet(evidence)


def test_rows_do_not_look_past_the_window_that_was_planned(workspace):
    plan = plan_symbols(workspace.candles.series(), HORIZON)
    rows = load_training_data(workspace, HORIZON, feature_spec(HORIZON, plan.symbols), plan).rows
    newest_close_ms = max(span.end_ms for span in plan.series)
    assert rows.label_end_ms.max() <= newest_close_ms
    assert rows.as_of_ms.max() <= newest_close_ms - HOUR_MS
    assert np.isfinite(rows.y).all()


def test_the_document_of_a_decision_tells_who_stood_on_which_rows(workspace, tmp_path):
    version = register(workspace, tmp_path)
    judgement = judge(workspace, version, 5.0)
    document = decision_document(version, judgement, decide(judgement.evidence), 1_000)
    assert document["decided_at"] == "1970-01-01T00:00:01Z"
    assert common_board(document) == document["evidence"]["comparison"]["own"]
    lines = contender_lines(document)
    assert [line["contender"] for line in lines] == list(CONTENDERS)
    assert {line["judged_rows"] for line in lines} == {common_board(document)["rows"]}
    assert [line["model"] for line in lines] == [document["model_id"], "none", "historical mean"]
    assert [line["level"] for line in document["intervals"]] == [0.8, 0.9]
    for line in document["intervals"]:
        assert line["rows"] == common_board(document)["rows"]
        # Few labels were learned and few judge: a coverage may stray by several points.
        assert line["coverage"] == pytest.approx(line["level"], abs=0.15)


def test_a_judgement_tells_how_each_regime_went(workspace, tmp_path):
    put_in_production(workspace, register(workspace, tmp_path, seed=1))
    version = register(workspace, tmp_path, seed=2)
    judgement = judge(workspace, version, 5.0)
    document = decision_document(version, judgement, decide(judgement.evidence), 1_000)
    assert canonical_json(document)
    lines = regime_lines(document)
    assert sum(line["rows"] for line in lines) == common_board(document)["rows"]
    assert {line["regime"] for line in lines} == {"uptrend", "downtrend", "chop"}
    for line in lines:
        assert None not in [line[contender]["rmse"] for contender in CONTENDERS]
        assert line["uplift"] is not None


def test_candles_that_close_later_change_no_regime(workspace, tmp_path, market):
    version = register(workspace, tmp_path)
    before = judge(workspace, version, 5.0).regimes
    for candles in market.candles.values():
        workspace.candles.write(candles.take(slice(CUT, None)))
    assert judge(workspace, version, 5.0).regimes == before


def test_every_registered_version_and_trial_counts_against_the_strategy(workspace, tmp_path):
    first = register(workspace, tmp_path)
    assert judge(workspace, first, 5.0).multiplicity.trials == 1
    searched = register(
        workspace,
        tmp_path,
        seed=8,
        members=("naive", "persistence", "ewma", "lgbm", "ridge"),
        search_trials=2,
    )
    assert judge(workspace, searched, 5.0).multiplicity.trials == 2 + 4
    found = judge(workspace, first, 5.0).multiplicity
    assert found.trials == 2 + 4
    assert f"one of {found.trials} trials of this model" in found.sentence
    assert found.pbo is None


def test_the_decision_tells_how_many_trials_there_were(workspace, tmp_path):
    version = register(workspace, tmp_path)
    judgement = judge(workspace, version, 0.0)
    document = decision_document(version, judgement, decide(judgement.evidence), 0)
    metrics = decision_metrics(document)
    assert metrics["test.trials"] == 1
    assert metrics.get("test.deflated_sharpe") == judgement.multiplicity.deflated_sharpe
    assert "test.pbo" not in metrics
    assert judgement.multiplicity.sentence in decision_markdown(document)
    assert multiplicity_sentence(document) == judgement.multiplicity.sentence
    del document["multiplicity"]
    assert multiplicity_sentence(document) == ""
    assert "test.trials" not in decision_metrics(document)
