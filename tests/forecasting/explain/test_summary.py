"""What an explanation says of a forecaster whose one useful feature is known."""

import json
from dataclasses import replace

import numpy as np
import pytest

from forecasting.explain.summary import MOST_EXPLAINED, explain
from forecasting.forecaster.forecaster import Forecaster
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
    for each in (explanation.together, *explanation.models):
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
    assert reached == {name: fitted.weights_[name] * fitted.shrinkages_[name] for name in ("lgbm", "rf")}
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
    assert (found.together, found.models, found.top_features()) == (None, (), ())
    assert any("no tree found anything to learn" in each for each in found.findings)
    assert json.dumps(found.to_document(), allow_nan=False)


def test_models_that_are_no_sum_over_trees_are_named():
    rows = made_up_rows(1_200, signal=0.8)
    horizon = hourly_horizon().model_copy(update={"members": ("naive", "persistence", "ridge", "lgbm_huber")})
    found = explain(Forecaster(horizon, hourly_spec(), ()).fit(rows), rows, "1h-test")
    assert ([each.name for each in found.models], found.unexplained) == (["lgbm_huber"], ("ridge",))
