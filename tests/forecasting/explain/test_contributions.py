"""Contributions add up to the forecast, and are those that shap computes."""

import numpy as np
import pytest
from sklearn.ensemble import RandomForestRegressor

from forecasting.baselines.naive import Naive
from forecasting.explain.contributions import tree_contributions
from forecasting.explain.forest_contributions import count_passing, forest_contributions, shap_package
from forecasting.models.forest import flatten
from forecasting.models.lightgbm import TREES_FILE, LightGbm
from forecasting.models.random_forest import RandomForest
from tests.forecasting.rows import SYMBOLS, made_up_rows


@pytest.fixture(scope="module")
def rows():
    return made_up_rows(600, signal=0.8)


@pytest.fixture(scope="module")
def boosted(rows):
    return LightGbm().fit(rows)


@pytest.fixture(scope="module")
def forest(rows):
    return RandomForest(trees=12).fit(rows)


@pytest.mark.parametrize("name", ["boosted", "forest"])
def test_base_and_contributions_add_up_to_the_forecast(request, rows, name):
    model = request.getfixturevalue(name)
    found = tree_contributions(model, rows.X, rows.X)
    np.testing.assert_allclose(found.base + found.values.sum(axis=1), model.predict(rows.X), atol=1e-12)
    assert np.abs(found.values).max() > 0.001


def test_lightgbm_is_explained_as_shap_explains_it(rows, boosted):
    import lightgbm

    booster = lightgbm.Booster(model_str=boosted.dump()[TREES_FILE].decode())
    explainer = shap_package().TreeExplainer(booster)
    found = tree_contributions(boosted, rows.X[:50], rows.X)
    np.testing.assert_allclose(found.values, explainer.shap_values(rows.X[:50]), atol=1e-12)
    assert found.base == pytest.approx(boosted.mean_ + float(np.ravel(explainer.expected_value)[0]))


def test_a_forest_kept_as_arrays_is_explained_as_shap_explains_scikit_learns(rows):
    """Without a bootstrap each tree has seen the rows just once, which is what is counted here."""
    grown = RandomForestRegressor(
        n_estimators=9, max_depth=5, bootstrap=False, max_features=0.3, random_state=3
    )
    grown.fit(rows.X, rows.y)
    base, values = forest_contributions(flatten(grown), rows.X[:40], rows.X)
    explainer = shap_package().TreeExplainer(grown)
    oracle = explainer.shap_values(np.asarray(rows.X[:40], dtype=np.float32), check_additivity=False)
    np.testing.assert_allclose(values, oracle, atol=1e-12)
    assert base == pytest.approx(float(np.ravel(explainer.expected_value)[0]), abs=1e-12)


def test_the_base_of_a_forest_is_its_mean_forecast_of_the_background(rows, forest):
    found = tree_contributions(forest, rows.X[:5], rows.X)
    assert found.base == pytest.approx(forest.predict(rows.X).mean(), abs=1e-12)


def test_each_row_passes_each_tree_once_and_ends_in_a_leaf(rows, forest):
    counts, trees = count_passing(forest.forest_, rows.X), forest.forest_
    assert counts[trees.roots] == pytest.approx(len(rows))
    assert counts[trees.feature < 0].sum() == pytest.approx(len(rows) * len(trees.roots))


def test_a_background_that_misses_a_leaf_still_gives_sums_that_hold(rows, forest):
    found = tree_contributions(forest, rows.X, rows.X[:3])
    np.testing.assert_allclose(found.base + found.values.sum(axis=1), forest.predict(rows.X), atol=1e-9)


def test_a_model_that_learned_nothing_and_a_baseline_have_no_contributions(rows):
    nothing = LightGbm().fit(made_up_rows(600, seed=5))
    nothing.importances_ = np.zeros(rows.X.shape[1])
    assert tree_contributions(nothing, rows.X, rows.X) is None
    naive = Naive(tuple(f"symbol_{symbol}" for symbol in SYMBOLS))
    assert tree_contributions(naive, rows.X, rows.X) is None
