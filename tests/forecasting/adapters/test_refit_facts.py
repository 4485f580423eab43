"""A refit beside the champion: which rows judge both, how many labels they are, and what is asked of whom."""

from dataclasses import replace

import numpy as np
import pytest

from forecasting.adapters.champion import Champion, champion_version, production_facts
from forecasting.adapters.judging import judge
from forecasting.adapters.model_version import DIGEST, RECIPE
from forecasting.adapters.refit_facts import NO_CHAMPION, OTHER_RECIPE, facts_beside, refit_evidence
from forecasting.adapters.simulator import simulate_market
from forecasting.adapters.training_data import load_training_data
from forecasting.adapters.workspace import open_workspace
from forecasting.dataset import Dataset
from forecasting.evaluation.columns import ForecastColumns
from forecasting.features.specification import feature_spec
from forecasting.forecaster.bundle import read_bundle, write_bundle
from forecasting.forecaster.forecaster import Forecaster
from forecasting.gate import NoProduction, NotAsked, ProductionFacts
from forecasting.licence.check import REFIT_QUESTIONS
from forecasting.planning import plan_symbols
from forecasting.settings import load_settings
from forecasting.types import DAY_MS, HOUR_MS
from tests.forecasting.rows import hourly_horizon

SYMBOLS = ("AAA/SIM", "BBB/SIM")
HORIZON = hourly_horizon()


def daily_rows(days: int, span_days: int = 7, step_ms: int = DAY_MS) -> Dataset:
    rng = np.random.default_rng(1)
    as_of = np.repeat(np.arange(days, dtype=np.int64) * step_ms, len(SYMBOLS))
    symbol = np.tile(np.arange(len(SYMBOLS)), days)
    X, y = np.zeros((len(as_of), 1)), rng.standard_normal(len(as_of))
    return Dataset(("x",), SYMBOLS, as_of, as_of + span_days * DAY_MS, symbol, X, y)


def source(rows: Dataset, seed: int, trained_until_day: int = -99) -> ForecastColumns:
    forecasts = np.random.default_rng(seed).standard_normal(len(rows))
    half = np.full(len(rows), 0.5)
    return ForecastColumns(forecasts, half, half, 0.0, trained_until_day * DAY_MS, rows.symbols)


def test_rows_that_either_was_fitted_on_judge_neither():
    rows = daily_rows(100)
    facts = facts_beside(rows, source(rows, 1, 10), source(rows, 2, 40), (None, None))
    assert len(facts.refit) == 2 * (100 - 47)
    assert np.array_equal(facts.champion, source(rows, 2).pred_return[2 * 47 :])


def test_losses_are_those_of_labels_that_do_not_overlap_one_a_moment():
    rows = daily_rows(100)
    ours, theirs = source(rows, 1), source(rows, 2)
    facts = facts_beside(rows, ours, theirs, (None, None))
    squared = ((rows.y - ours.pred_return) ** 2).reshape(100, 2).mean(axis=1)
    np.testing.assert_allclose(facts.refit_losses, squared[::7])
    assert len(facts.champion_losses) == 15


def test_the_last_thirty_days_are_recent():
    rows = daily_rows(1_000, step_ms=HOUR_MS)
    facts = facts_beside(rows, source(rows, 1), source(rows, 2), (None, None))
    assert facts.recent.sum() == 2 * 30 * 24


def test_thirty_moments_are_recent_where_days_have_fewer():
    rows = daily_rows(100)
    whole = rows.take(rows.as_of_ms != 90 * DAY_MS)
    facts = facts_beside(whole, source(whole, 1), source(whole, 2), (None, None))
    assert facts.recent.sum() == 2 * 30


def test_without_a_common_row_there_is_nothing():
    rows = daily_rows(50)
    facts = facts_beside(rows, source(rows, 1), source(rows, 2, 400), (None, None))
    assert (len(facts.refit), len(facts.refit_losses), len(facts.recent)) == (0, 0, 0)


@pytest.fixture(scope="module")
def market():
    return simulate_market(3, hours=1_400, symbols=SYMBOLS)


@pytest.fixture
def workspace(tmp_path, market):
    settings = load_settings(home=tmp_path, mlruns=tmp_path / "runs", mongo_uri="", mlflow_tracking_uri="")
    with open_workspace(settings) as opened:
        for candles in market.candles.values():
            opened.candles.write(candles)
        yield opened


def register(workspace, tmp_path, seed, recipe="one recipe"):
    plan = plan_symbols(workspace.candles.series(), HORIZON, SYMBOLS)
    spec = feature_spec(HORIZON, plan.symbols)
    rows = load_training_data(workspace, HORIZON, spec, plan).rows
    folder = tmp_path / f"bundle-{seed}"
    write_bundle(Forecaster(HORIZON, spec, ("lgbm",), seed).fit(rows), rows, folder)
    tags = {RECIPE: recipe} if recipe else {}
    return workspace.registry.register(folder, parameters={}, metrics={}, tags=tags, run_name="a test")


def serve(workspace, version):
    workspace.registry.point_alias(version.model_name, "production", version.version)


def test_a_refit_of_the_recipe_that_serves_answers_every_question(workspace, tmp_path):
    serve(workspace, register(workspace, tmp_path, 1))
    evidence = judge(workspace, register(workspace, tmp_path, 2), 5.0).evidence
    assert tuple(each.name for each in evidence.refit) == REFIT_QUESTIONS
    assert [each.found for each in evidence.refit if "not known" in each.found] == []
    assert evidence.refit[0].passed
    assert (evidence.candidate.recipe, evidence.production.recipe) == ("one recipe", "one recipe")
    assert evidence.production.licensed is False


def test_another_recipe_and_no_champion_are_no_refits(workspace, tmp_path):
    first = register(workspace, tmp_path, 1)
    evidence = judge(workspace, first, 5.0).evidence
    assert (evidence.refit, evidence.production) == (NotAsked(NO_CHAMPION), NoProduction())
    serve(workspace, first)
    other = register(workspace, tmp_path, 2, recipe="another")
    assert judge(workspace, other, 5.0).evidence.refit == NotAsked(OTHER_RECIPE)


def test_a_recipe_that_was_not_written_down_is_asked_and_holds_no_licence(workspace, tmp_path):
    first = register(workspace, tmp_path, 1, recipe="")
    serve(workspace, first)
    bundle = read_bundle(tmp_path / "bundle-1")
    assert champion_version(workspace, first.model_name).version == first.version
    facts = production_facts(workspace, first, bundle)
    assert facts == ProductionFacts(bundle.digest, SYMBOLS, None, False)
    rows = daily_rows(400, 1)
    champion = Champion(facts, source(rows, 2))
    answers = refit_evidence(workspace, first, bundle, rows, source(rows, 1), champion)
    assert {each.name: each.passed for each in answers} == {
        "sandboxed load": True,
        "correlation with the champion": False,
        "population stability index": True,
        "holdout loss above the champion's": True,
        "range of forecasts": False,
    }


def test_a_bundle_of_another_digest_does_not_pass_the_sandbox(workspace, tmp_path):
    version = register(workspace, tmp_path, 1)
    bundle, rows = read_bundle(tmp_path / "bundle-1"), daily_rows(400, 1)
    champion = Champion(ProductionFacts("d" * 64, SYMBOLS, "one recipe", False), source(rows, 2))
    forged = replace(version, tags={**version.tags, DIGEST: "0" * 64})
    answers = refit_evidence(workspace, forged, bundle, rows, source(rows, 1), champion)
    assert (answers[0].name, answers[0].passed) == ("sandboxed load", False)
