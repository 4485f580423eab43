from __future__ import annotations

import pytest

from forecasting.errors import InvalidSettings
from forecasting.features.specification import feature_spec
from forecasting.forecaster.members import new_members
from forecasting.horizons import load_horizons
from forecasting.recipes import find_recipe, with_recipe

SOURCE = "source-7d-forest"
SYMBOLS = ("BTC/USDT", "ETH/USDT", "XMR/USDT")


def test_the_forest_of_the_source_material_has_its_settings() -> None:
    horizon = with_recipe(load_horizons()["7d"], SOURCE)
    members = new_members(horizon, feature_spec(horizon, SYMBOLS), ("rf",), 7)
    assert [member.name for member in members] == ["naive", "rf"]
    forest = vars(members[1])
    settings = ("trees", "max_depth", "least_leaf_rows", "random_state", "feature_share", "row_share")
    assert [forest[name] for name in settings] == [300, 8, 5, 42, 1.0, None]


def test_the_forest_of_the_source_material_sees_twenty_features_of_three_symbols() -> None:
    horizon = with_recipe(load_horizons()["7d"], SOURCE)
    spec = feature_spec(horizon, SYMBOLS)
    left_out = horizon.member_settings["rf"]["left_out"]
    assert len([name for name in spec.names if name != left_out]) == 20
    assert left_out in spec.names


def test_a_recipe_keeps_the_horizons_window_and_thresholds() -> None:
    own = load_horizons()["7d"].with_window(900).model_copy(update={"threshold": 0.01})
    horizon = with_recipe(own, SOURCE)
    assert (horizon.train_window_days, horizon.threshold, horizon.name) == (900, 0.01, "7d")


def test_a_recipe_is_trained_on_its_own_features_whatever_the_horizon_adds() -> None:
    own = load_horizons()["7d"].model_copy(update={"feature_sets": ("base", "extended")})
    assert with_recipe(own, SOURCE).feature_sets == ("base",)


def test_a_recipe_has_its_settings_whatever_the_horizon_searches() -> None:
    own = load_horizons()["7d"].with_search(20)
    assert with_recipe(own, SOURCE).search_trials == 0


def test_a_recipe_has_its_weights_and_calibration_whatever_the_horizon_says() -> None:
    said = {"ensemble": "stacking", "regime_weights": "never", "calibration": "isotonic"}
    horizon = with_recipe(load_horizons()["7d"].model_copy(update=said), SOURCE)
    found = (horizon.ensemble, horizon.regime_weights, horizon.calibration)
    assert found == ("inverse_rmse", "auto", "platt")


def test_without_a_recipe_the_horizon_stays_as_it_is() -> None:
    own = load_horizons()["7d"]
    assert with_recipe(own, None) is own


def test_an_unknown_recipe_is_refused_with_those_that_exist() -> None:
    with pytest.raises(InvalidSettings, match="recipe 'mine' is unknown: one of source-7d-forest is needed"):
        find_recipe("mine")


def test_a_recipe_of_another_horizon_is_refused() -> None:
    with pytest.raises(InvalidSettings, match="source-7d-forest forecasts 7d, 1d was asked for"):
        with_recipe(load_horizons()["1d"], SOURCE)
