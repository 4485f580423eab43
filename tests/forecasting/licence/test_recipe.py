"""A recipe is the same for each of its candidates, and another one for anything that changes a forecast."""

from dataclasses import replace

import grimp
import pytest

from forecasting.forecaster.bundle import read_bundle, write_bundle
from forecasting.forecaster.forecaster import Forecaster
from forecasting.licence import recipe
from forecasting.licence.lockbox import LockboxPolicy
from forecasting.licence.recipe import MAKERS, code_of, forecast_code, recipe_document, recipe_hash, unfitted
from forecasting.search.record import Choice, Search
from tests.forecasting.rows import hourly_horizon, hourly_spec, made_up_rows

# What forecasts are made of beside these rooms: settings that the hash holds as values, and what shows or tests them.
BESIDE = {"errors", "types", "cron", "documents", "horizons", "leakage", "intervals", "explain"}


def forecaster(**changes):
    horizon = hourly_horizon().model_copy(update=changes)
    return Forecaster(horizon, hourly_spec(), ("lgbm",))


@pytest.fixture(scope="module")
def fitted_twice():
    rows = made_up_rows(600)
    return rows, [forecaster().fit(each) for each in (rows, rows.take(slice(100, None)))]


def test_refits_of_a_recipe_have_its_hash(fitted_twice):
    assert {recipe_hash(each) for each in fitted_twice[1]} == {recipe_hash(forecaster())}


def test_a_bundle_that_was_read_back_has_the_hash_of_its_recipe(tmp_path, fitted_twice):
    rows, (fitted, _) = fitted_twice
    write_bundle(fitted, rows, tmp_path / "bundle")
    assert recipe_hash(read_bundle(tmp_path / "bundle").forecaster) == recipe_hash(forecaster())


def test_what_a_search_found_is_not_the_recipe():
    searched = forecaster(member_settings={"lgbm": {"learning_rate": 0.1, "trees": 9}})
    searched.search_ = Search((), (Choice("lgbm", {"trees": 9}, "taken"),))
    given = forecaster(member_settings={"lgbm": {"learning_rate": 0.1}})
    assert recipe_hash(searched) == recipe_hash(given)
    assert unfitted(searched).horizon == given.horizon


@pytest.mark.parametrize(
    "changes",
    [
        {"members": ("naive", "lgbm")},
        {"member_settings": {"lgbm": {"trees": 9}}},
        {"train_window_days": 90},
        {"accuracy_margin": 0.01},
        {"search_trials": 5},
    ],
)
def test_another_setting_is_another_recipe(changes):
    assert recipe_hash(forecaster(**changes)) != recipe_hash(forecaster())


def test_other_symbols_features_models_seeds_and_lockboxes_are_other_recipes():
    own, horizon, spec = forecaster(), hourly_horizon(), hourly_spec()
    others = [
        Forecaster(horizon, replace(spec, symbols=("AAA/SIM",)), ("lgbm",)),
        Forecaster(horizon, replace(spec, feature_sets=("base", "extended")), ("lgbm",)),
        Forecaster(horizon, spec, ("rf",)),
        Forecaster(horizon, spec, ("lgbm",), random_state=8),
    ]
    hashes = {recipe_hash(each) for each in (own, *others)} | {recipe_hash(own, LockboxPolicy(refits=6))}
    assert len(hashes) == 6


def test_other_code_is_another_recipe(monkeypatch):
    before = recipe_hash(forecaster())
    monkeypatch.setattr(recipe, "forecast_code", lambda: "another")
    assert recipe_hash(forecaster()) != before


def test_comments_and_docstrings_are_no_code():
    told = 'def one():\n    """One."""\n    return 1  # one\n'
    assert code_of(told) == code_of("def one():\n    return 1")
    assert code_of(told) != code_of("def one():\n    return 2")


def test_the_code_is_known_by_its_digest():
    assert recipe_document(forecaster())["code"] == forecast_code()
    assert len(forecast_code()) == 16


def test_no_code_that_makes_forecasts_is_left_out():
    graph = grimp.build_graph("forecasting")
    entry = {"forecasting.forecaster.forecaster", "forecasting.features.pooled", "forecasting.targets"}
    needed = entry.union(*(graph.find_upstream_modules(each) for each in entry))
    files = {name.removeprefix("forecasting.").replace(".", "/") for name in needed}
    named = {each.removesuffix(".py") for each in MAKERS} | BESIDE
    left_out = {each for each in files if each not in named and each.split("/")[0] not in named}
    assert left_out == set()
    assert "features/pooled" in files
