"""Judging rebuilds the very rows that were registered, and knows nothing of what closed after them."""

from dataclasses import replace

import numpy as np
import pytest

from forecasting.adapters.decision_document import (
    CONTENDERS,
    common_board,
    contender_lines,
    decision_document,
)
from forecasting.adapters.judging import judge
from forecasting.adapters.simulator import simulate_market
from forecasting.adapters.training_data import load_training_data
from forecasting.adapters.workspace import open_workspace
from forecasting.documents import canonical_json
from forecasting.features.specification import feature_spec
from forecasting.forecaster.bundle import write_bundle
from forecasting.forecaster.forecaster import Forecaster
from forecasting.gate import decide
from forecasting.horizons import load_horizons
from forecasting.planning import plan_symbols
from forecasting.settings import load_settings
from forecasting.types import HOUR_MS

SYMBOLS = ("AAA/SIM", "BBB/SIM")
HORIZON = load_horizons()["1h"]
HOURS = 1_400
CUT = 1_200


@pytest.fixture(scope="module")
def market():
    return simulate_market(3, hours=HOURS, symbols=SYMBOLS)


@pytest.fixture
def workspace(tmp_path, market):
    """Two markets whose last 200 hours have not come yet."""
    settings = load_settings(
        home=tmp_path / "home", mlruns=tmp_path / "mlruns", mongo_uri="", mlflow_tracking_uri=""
    )
    with open_workspace(settings) as opened:
        for candles in market.candles.values():
            opened.candles.write(candles.take(slice(0, CUT)))
        yield opened


def register(workspace, tmp_path, symbols=SYMBOLS, seed=7):
    plan = plan_symbols(workspace.candles.series(), HORIZON, symbols)
    spec = feature_spec(HORIZON, plan.symbols)
    rows = load_training_data(workspace, HORIZON, spec, plan).rows
    folder = tmp_path / f"bundle-{seed}-{len(symbols)}"
    write_bundle(Forecaster(HORIZON, spec, ("lgbm",), seed).fit(rows), rows, folder)
    return workspace.registry.register(folder, parameters={}, metrics={}, tags={}, run_name="a test")


def evidence_bytes(workspace, version):
    return canonical_json(judge(workspace, version, 5.0).evidence.to_document())


def test_the_judged_rows_are_those_that_were_registered(workspace, tmp_path):
    facts = judge(workspace, register(workspace, tmp_path), 5.0).evidence.candidate
    assert facts.found_rows == facts.registered_rows
    assert facts.symbols == SYMBOLS


def test_candles_that_close_later_change_no_evidence(workspace, tmp_path, market):
    version = register(workspace, tmp_path)
    before = evidence_bytes(workspace, version)
    for candles in market.candles.values():
        later = candles.take(slice(CUT, None))
        poisoned = {name: getattr(later, name) * 1_000 for name in ("open", "high", "low", "close")}
        workspace.candles.write(replace(later, **poisoned))
    assert evidence_bytes(workspace, version) == before


def test_a_test_candle_that_was_revised_since_is_found_and_refused(workspace, tmp_path, market):
    version = register(workspace, tmp_path)
    revised = market.candles["AAA/SIM"].take(slice(CUT - 20, CUT - 19))
    workspace.candles.write(replace(revised, close=revised.high * 1.0001, high=revised.high * 1.0002))
    judgement = judge(workspace, version, 5.0)
    assert judgement.evidence.candidate.found_rows != judgement.evidence.candidate.registered_rows
    decision = decide(judgement.evidence)
    assert decision.outcome == "refuse"
    assert any(reason.startswith("test rows") for reason in decision.reasons)


def test_production_is_scored_on_rows_that_judge_all_three(workspace, tmp_path):
    first = register(workspace, tmp_path, seed=1)
    workspace.registry.promote(first.model_name, first.version, ["a test wants it"])
    comparison = judge(workspace, register(workspace, tmp_path, seed=2), 5.0).evidence.comparison
    shared = comparison.shared
    assert (shared.rows, shared.first_as_of_ms) == (comparison.own.rows, comparison.own.first_as_of_ms)
    assert None not in (shared.candidate.rmse, shared.production.rmse, shared.naive.rmse)


def test_production_of_fewer_markets_is_still_compared_where_it_can_be(workspace, tmp_path):
    first = register(workspace, tmp_path, symbols=("AAA/SIM",), seed=1)
    workspace.registry.promote(first.model_name, first.version, ["a test wants it"])
    evidence = judge(workspace, register(workspace, tmp_path, seed=2), 5.0).evidence
    assert evidence.production.symbols == ("AAA/SIM",)
    assert decide(evidence).outcome == "refuse"


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
