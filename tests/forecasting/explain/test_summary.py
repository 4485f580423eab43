"""What an explanation says of a forecaster whose one useful feature is known."""

import json
from dataclasses import replace

import numpy as np
import pytest

from forecasting.ensemble import RegimeWeights, Weighing
from forecasting.explain.contributions import contributions_of
from forecasting.explain.summary import MOST_EXPLAINED, explain
from forecasting.forecaster.forecaster import Forecaster
from forecasting.forecaster.row_regimes import row_regimes
from tests.forecasting.rows import hourly_horizon, hourly_spec, made_up_rows


@pytest.fixture(scope="module")
def rows():
    return made_up_rows(1_200, signal=0.8)


@pytest.fixture(scope="module")
def fitted(rows):
    return Forecaster(hourly_horizon(), hourly_spec()).fit(rows)


@pytest.fixture(scope="module")
def explanation(fitted, rows):
    return explain(fitted, rows, "1h-test")


def test_the_feature_that_was_planted_moves_the_trees_most_and_upward(explanation):
    assert explanation.top_features(1) == ("return_1h",)
    for each in (explanation.ensemble, explanation.together, *explanation.models):
        assert (each.effects[0].feature, each.effects[0].direction) == ("return_1h", "up")
        assert each.effects[0].correlation > 0.5


def test_a_signal_of_the_other_sign_points_down():
    rows = made_up_rows(1_200, signal=-0.8)
    found = explain(Forecaster(hourly_horizon(), hourly_spec(), ("lgbm",)).fit(rows), rows, "1h-test")
    assert found.together.effects[0].direction == "down"


def test_every_feature_of_every_model_is_there_largest_first(explanation):
    assert [each.name for each in explanation.models] == ["lgbm", "rf"]
    for model in explanation.models:
        assert {each.feature for each in model.effects} == set(hourly_spec().names)
        sizes = [each.mean_absolute for each in model.effects]
        assert sizes == sorted(sizes, reverse=True)
        assert sum(each.importance for each in model.effects) == pytest.approx(1.0)


def test_what_reaches_the_forecast_is_weight_times_shrinkage(explanation, fitted):
    reached = {each.name: each.reach for each in explanation.models}
    expected = {name: fitted.weights_[name] * fitted.shrinkages_[name] for name in ("lgbm", "rf")}
    assert reached == pytest.approx(expected)
    assert explanation.together.reach == pytest.approx(sum(reached.values()))


def test_the_test_rows_are_not_looked_at(fitted, rows, explanation):
    spoiled = rows.X.copy()
    spoiled[fitted.split_.test] = 1e9
    assert explain(fitted, replace(rows, X=spoiled, y=rows.y * 3), "1h-test") == explanation


def test_the_sample_is_bounded_and_the_same_each_time(explanation, fitted, rows):
    assert explanation.rows == min(MOST_EXPLAINED, len(fitted.split_.validation))
    assert explain(fitted, rows, "1h-test") == explanation


def test_the_document_is_plain_json(explanation):
    document = json.loads(json.dumps(explanation.to_document(), allow_nan=False))
    assert document["top_features"][0] == "return_1h"
    assert document["models"][0]["effects"][0]["direction"] == "up"
    assert document["findings"] == list(explanation.findings)


def test_a_forecaster_without_trees_that_learned_is_explained_as_such(rows):
    fitted = Forecaster(hourly_horizon(), hourly_spec(), ("lgbm",)).fit(rows)
    fitted.members_["lgbm"].importances_ = np.zeros(len(hourly_spec().names))
    fitted.importances_ = fitted.members_["lgbm"].importances_
    found = explain(fitted, rows, "1h-test")
    assert (found.together, found.models, found.learned_features()) == (None, (), ())
    assert [each.name for each in found.others if each.learner] == ["lgbm"]
    assert any("no member found anything to learn" in each for each in found.findings)
    assert json.dumps(found.to_document(), allow_nan=False)


EVERY_UNIT = ("naive", "persistence", "ar1", "ridge", "lgbm_huber", "lgbm_rise", "rf_rise")


@pytest.fixture(scope="module")
def mixed(rows):
    """Forecaster and explanation of members whose contributions are in every unit, all of them used."""
    horizon = hourly_horizon().model_copy(update={"members": EVERY_UNIT})
    fitted = Forecaster(horizon, hourly_spec()).fit(rows)
    fitted.shrinkages_ = {name: 0.0 if name == "naive" else 0.5 for name in fitted.weights_}
    return fitted, explain(fitted, rows, "1h-test")


def test_each_member_is_either_explained_or_said_what_it_looks_at(mixed):
    _, found = mixed
    units = {each.name: each.unit for each in found.models}
    assert units == {
        "ridge": "return", "lgbm_huber": "return",
        "lgbm_rise": "log-odds of a rise", "rf_rise": "probability of a rise",
    }  # fmt: skip
    assert [each.name for each in found.others] == ["naive", "persistence", "ar1"]


def test_members_whose_forecast_is_no_sum_over_features_are_left_out_of_the_ensemble_by_name(mixed):
    assert mixed[1].left_out == ("ar1",)
    assert mixed[1].ensemble.remark.startswith("lgbm_rise: log-odds shared out in proportion")


def test_ensemble_contributions_add_up_to_what_the_joined_members_say_beyond_naive(rows):
    horizon = hourly_horizon().model_copy(
        update={"members": ("naive", "persistence", "ewma", "ridge", "rf_rise", "lgbm", "rf")}
    )
    fitted = Forecaster(horizon, hourly_spec(), ("lgbm", "rf")).fit(rows)
    fitted.shrinkages_ = {name: 0.0 if name == "naive" else 0.7 for name in fitted.weights_}
    found = explain(fitted, rows, "1h-test")
    values, base = ensemble_values(fitted, rows)
    said = fitted.predict(rows.X[fitted.split_.validation])
    naive = said.member_returns[:, said.member_names.index("naive")]
    np.testing.assert_allclose(base + values.sum(axis=1), said.pred_return - naive, atol=1e-12)
    told = {each.feature: each.mean_absolute for each in found.ensemble.effects}
    for column, feature in enumerate(rows.feature_names):
        assert told[feature] == pytest.approx(np.abs(values[:, column]).mean())
    assert (found.left_out, found.ensemble.base) == ((), pytest.approx(base))


def test_a_regime_with_weights_of_its_own_is_explained_by_them(fitted, rows):
    kept, alone = fitted.regime_weights_, {name: float(name == "rf") for name in fitted.weights_}
    fitted.regime_weights_ = RegimeWeights({"chop": Weighing(alone, alone)}, "used: a test")
    found = explain(fitted, rows, "1h-test")
    fitted.regime_weights_ = kept
    reached = {each.name: each.reach for each in found.models}
    chop = row_regimes(rows.X[fitted.split_.validation], fitted.spec) == "chop"
    assert 0 < chop.mean() < 1
    general = fitted.weights_["rf"] * fitted.shrinkages_["rf"]
    assert reached["rf"] == pytest.approx(chop.mean() + (1 - chop.mean()) * general)


def ensemble_values(fitted, rows):
    """Base and contributions by the definition, member by member."""
    explained, background = rows.X[fitted.split_.validation], rows.X[fitted.split_.train]
    own = {
        name: contributions_of(member, explained, background).in_return()
        for name, member in fitted.members_.items()
    }
    parts = [
        (fitted.weights_[name] * fitted.shrinkages_[name], each.values - own["naive"].values, each.base)
        for name, each in own.items()
    ]
    values = sum(reach * value for reach, value, _ in parts)
    return values, sum(reach * (base - own["naive"].base) for reach, _, base in parts)


def test_where_nothing_gets_past_the_shrinkage_no_feature_moves_the_forecast(fitted, rows):
    kept = fitted.shrinkages_
    fitted.shrinkages_ = dict.fromkeys(kept, 0.0)
    found = explain(fitted, rows, "1h-test")
    fitted.shrinkages_ = kept
    assert (found.top_features(), found.ensemble.reach) == ((), 0.0)
    assert found.learned_features(1) == ("return_1h",)


def test_a_feature_that_stands_still_is_found_at_training():
    rows = made_up_rows(1_200, signal=0.8)
    X = rows.X.copy()
    X[:, rows.feature_names.index("zscore_1h")] = 1.0
    still = replace(rows, X=X)
    found = explain(Forecaster(hourly_horizon(), hourly_spec(), ("lgbm",)).fit(still), still, "1h-test")
    assert "on the rows fitted these teach nothing, constant: zscore_1h" in found.findings


def test_a_feature_that_is_the_label_is_found_at_training():
    rows = made_up_rows(1_200)
    X = rows.X.copy()
    X[:, rows.feature_names.index("zscore_1h")] = rows.y
    told = replace(rows, X=X)
    found = explain(Forecaster(hourly_horizon(), hourly_spec(), ("lgbm",)).fit(told), told, "1h-test")
    assert any(each.startswith("zscore_1h alone has") for each in found.findings)
