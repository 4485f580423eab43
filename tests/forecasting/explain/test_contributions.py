"""Contributions add up to the answer, and are those that shap computes, for every kind of member."""

import warnings
from dataclasses import replace

import lightgbm
import numpy as np
import pytest
from sklearn.ensemble import RandomForestClassifier, RandomForestRegressor

from forecasting.baselines.ar1 import Ar1
from forecasting.baselines.drift import Drift
from forecasting.baselines.ewma import Ewma
from forecasting.baselines.naive import Naive
from forecasting.baselines.persistence import Persistence
from forecasting.explain.contributions import contributions_of
from forecasting.explain.forest_contributions import count_passing, forest_contributions, shap_package
from forecasting.models.forest import flatten
from forecasting.models.lightgbm import LightGbm
from forecasting.models.lightgbm_huber import LightGbmHuber
from forecasting.models.lightgbm_quantile import MIDDLE, LightGbmQuantile
from forecasting.models.logistic import logistic
from forecasting.models.random_forest import RandomForest
from forecasting.models.ridge import Ridge
from forecasting.models.rise import LightGbmRise, LightGbmUp, RandomForestRise
from forecasting.models.volatility_scaled import VolatilityScaled
from tests.forecasting.rows import SYMBOLS, hourly_spec, made_up_rows

SYMBOL_COLUMNS = tuple(f"symbol_{symbol}" for symbol in SYMBOLS)
VOLATILITY = "volatility_30h"
MEMBERS = {
    "lgbm": LightGbm(),
    "lgbm_huber": LightGbmHuber(),
    "lgbm_quantile": LightGbmQuantile(max_rounds=60),
    "rf": RandomForest(trees=12),
    "ridge": Ridge(),
    "naive": Naive(SYMBOL_COLUMNS),
    "drift": Drift("return_1h", 1, SYMBOL_COLUMNS),
    "persistence": Persistence("return_1h", SYMBOL_COLUMNS),
    "ewma": Ewma(hourly_spec().ewma_name, 1, SYMBOL_COLUMNS),
    "lgbm_rise": LightGbmRise(threshold=0.001),
    "lgbm_up": LightGbmUp(),
    "rf_rise": RandomForestRise(threshold=0.001),
    "scaled": VolatilityScaled(Ridge(), VOLATILITY),
    "scaled_trees": VolatilityScaled(LightGbm(), VOLATILITY),
}
IN_RETURN = [name for name in MEMBERS if name not in ("lgbm_rise", "lgbm_up", "lgbm_quantile")]


@pytest.fixture(scope="module")
def rows():
    moved = made_up_rows(600, signal=0.8, drift=(0.002, -0.001))
    X = moved.X.copy()
    X[:, moved.feature_names.index(VOLATILITY)] = np.random.default_rng(4).uniform(0.005, 0.02, len(X))
    return replace(moved, X=X)


@pytest.fixture(scope="module")
def fitted(rows):
    return {name: member.fit(rows) for name, member in MEMBERS.items()}


def answers(found):
    return found.base + found.values.sum(axis=1)


def tree_explainer(model, X):
    """Base and values of the last class or the only answer."""
    explainer = shap_package().TreeExplainer(model)
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="LightGBM binary classifier")
        values = np.asarray(explainer.shap_values(X, check_additivity=False))
    base = float(np.ravel(explainer.expected_value)[-1])
    return base, values[..., -1] if values.ndim == 3 else values


@pytest.mark.parametrize("name", IN_RETURN)
def test_base_and_contributions_add_up_to_the_forecast(rows, fitted, name):
    found = contributions_of(fitted[name], rows.X, rows.X).in_return()
    np.testing.assert_allclose(answers(found), fitted[name].predict(rows.X), atol=1e-12)
    assert np.abs(found.values).max() > 1e-5


@pytest.mark.parametrize("name", ["lgbm_rise", "lgbm_up"])
def test_boosted_classifiers_are_explained_in_log_odds(rows, fitted, name):
    found = contributions_of(fitted[name], rows.X, rows.X)
    assert found.unit == "log-odds of a rise"
    np.testing.assert_allclose(logistic(answers(found)), fitted[name].probability(rows.X), atol=1e-12)
    assert np.abs(found.values).max() > 0.05


@pytest.mark.parametrize("name", ["lgbm_rise", "lgbm_up"])
def test_log_odds_are_shared_out_in_return_in_their_own_proportions(rows, fitted, name):
    found = contributions_of(fitted[name], rows.X, rows.X)
    told = found.in_return()
    np.testing.assert_allclose(answers(told), fitted[name].predict(rows.X), atol=1e-12)
    first = told.values[:, [0]] * found.values - found.values[:, [0]] * told.values
    np.testing.assert_allclose(first, 0.0, atol=1e-12)
    assert "no Shapley values" in told.remark


def test_grown_classifiers_are_explained_in_probability(rows, fitted):
    found = contributions_of(fitted["rf_rise"], rows.X, rows.X)
    assert found.unit == "probability of a rise"
    np.testing.assert_allclose(answers(found), fitted["rf_rise"].probability(rows.X), atol=1e-12)


@pytest.mark.parametrize(
    ("name", "trees"),
    [
        ("lgbm", lambda member: member.trees_),
        ("lgbm_huber", lambda member: member.trees_),
        ("lgbm_quantile", lambda member: member.levels_[MIDDLE]),
        ("lgbm_rise", lambda member: member.classifier_.trees_),
    ],
)
def test_boosted_trees_are_explained_as_shap_explains_them(rows, fitted, name, trees):
    kept = trees(fitted[name])
    assert kept.rounds > 0
    base, values = tree_explainer(lightgbm.Booster(model_str=kept.text), rows.X[:50])
    found = contributions_of(fitted[name], rows.X[:50], rows.X)
    np.testing.assert_allclose(found.values, values, atol=1e-12)
    assert found.base == pytest.approx(kept.constant + base, abs=1e-12)


@pytest.mark.parametrize("grower", [RandomForestRegressor, RandomForestClassifier])
def test_a_forest_kept_as_arrays_is_explained_as_shap_explains_scikit_learns(rows, grower):
    """Without a bootstrap each tree has seen the rows just once, which is what is counted here."""
    grown = grower(n_estimators=9, max_depth=5, bootstrap=False, max_features=0.3, random_state=3)
    grown.fit(rows.X, rows.y if grower is RandomForestRegressor else rows.y > 0)
    base, values = forest_contributions(flatten(grown), rows.X[:40], rows.X)
    oracle_base, oracle = tree_explainer(grown, np.asarray(rows.X[:40], dtype=np.float32))
    np.testing.assert_allclose(values, oracle, atol=1e-12)
    assert base == pytest.approx(oracle_base, abs=1e-12)


def test_a_ridge_is_explained_as_shap_explains_a_line(rows, fitted):
    ridge = fitted["ridge"]
    background = ridge.standardised(rows.X)
    explainer = shap_package().LinearExplainer(
        (ridge.slopes_, ridge.mean_), shap_package().maskers.Independent(background, len(rows))
    )
    found = contributions_of(ridge, rows.X[:50], rows.X)
    np.testing.assert_allclose(found.values, explainer.shap_values(background[:50]), atol=1e-12)
    assert found.base == pytest.approx(float(explainer.expected_value), abs=1e-12)


@pytest.mark.parametrize("name", ["persistence", "ewma", "naive", "drift"])
def test_a_baseline_is_explained_as_shap_explains_any_function(rows, fitted, name):
    """Exact over all coalitions of the columns it looks at, on rows where nothing is missing."""
    member, names = fitted[name], rows.feature_names
    whole = rows.X[~np.isnan(rows.X).any(axis=1)][:40]
    looked_at = [names.index(each) for each in ("return_1h", hourly_spec().ewma_name, *SYMBOL_COLUMNS[:1])]

    def forecast(chosen):
        X = np.repeat(whole[:1], len(chosen), axis=0)
        X[:, looked_at] = chosen
        X[:, names.index(SYMBOL_COLUMNS[1])] = 1 - X[:, names.index(SYMBOL_COLUMNS[0])]
        return member.predict(X)

    shap = shap_package()
    explainer = shap.ExactExplainer(forecast, shap.maskers.Independent(whole[:, looked_at], 100))
    oracle = explainer(whole[:15][:, looked_at])
    found = contributions_of(member, whole[:15], whole)
    joined = found.values[:, looked_at].copy()
    joined[:, -1] += found.values[:, names.index(SYMBOL_COLUMNS[1])]
    np.testing.assert_allclose(joined, oracle.values, atol=1e-12)
    assert found.base == pytest.approx(float(np.ravel(oracle.base_values)[0]), abs=1e-12)


def test_a_scaled_learner_has_its_own_contributions_times_the_scale(rows, fitted):
    scaled = fitted["scaled_trees"]
    found, own = (contributions_of(each, rows.X, rows.X) for each in (scaled, scaled.learner))
    others = [place for place in range(rows.X.shape[1]) if place != scaled.position_]
    expected = scaled.scales(rows.X)[:, None] * own.values
    np.testing.assert_allclose(found.values[:, others], expected[:, others], atol=1e-12)
    assert "times the scale" in found.remark


def test_quantiles_that_cross_are_told(rows, fitted):
    told = contributions_of(fitted["lgbm_quantile"], rows.X, rows.X)
    np.testing.assert_allclose(
        answers(told),
        fitted["lgbm_quantile"].levels_[MIDDLE].constant
        + fitted["lgbm_quantile"].levels_[MIDDLE].lift(rows.X),
        atol=1e-12,
    )
    crossing = LightGbmQuantile()
    levels = list(fitted["lgbm_quantile"].levels_)
    crossing.levels_ = (*levels[:MIDDLE], replace(levels[MIDDLE], constant=1.0), *levels[MIDDLE + 1 :])
    assert "in 100.0 % of the rows the levels cross" in contributions_of(crossing, rows.X, rows.X).remark


def test_the_base_of_a_forest_is_its_mean_forecast_of_the_background(rows, fitted):
    found = contributions_of(fitted["rf"], rows.X[:5], rows.X)
    assert found.base == pytest.approx(fitted["rf"].predict(rows.X).mean(), abs=1e-12)


def test_each_row_passes_each_tree_once_and_ends_in_a_leaf(rows, fitted):
    trees = fitted["rf"].forest_
    counts = count_passing(trees, rows.X)
    assert counts[trees.roots] == pytest.approx(len(rows))
    assert counts[trees.feature < 0].sum() == pytest.approx(len(rows) * len(trees.roots))


def test_a_background_that_misses_a_leaf_still_gives_sums_that_hold(rows, fitted):
    found = contributions_of(fitted["rf"], rows.X, rows.X[:3])
    np.testing.assert_allclose(answers(found), fitted["rf"].predict(rows.X), atol=1e-9)


@pytest.mark.parametrize("member", [LightGbm(), RandomForest(trees=3), Ridge(), LightGbmRise()])
def test_a_model_that_found_nothing_to_learn_contributes_nothing(rows, member):
    flat = member.fit(replace(rows, y=np.full(len(rows), 0.003)))
    found = contributions_of(flat, rows.X, rows.X)
    assert not found.values.any()
    assert member.importances() is None


def test_a_member_that_is_no_sum_over_its_features_has_no_contributions(rows):
    assert contributions_of(Ar1("return_1h", 1, SYMBOL_COLUMNS).fit(rows), rows.X, rows.X) is None
