from __future__ import annotations

import warnings
from dataclasses import replace

import numpy as np
import pytest
from sklearn.ensemble import RandomForestRegressor

from forecasting.models import walk
from forecasting.models.random_forest import RandomForest
from tests.forecasting.rows import made_up_rows

ROWS = made_up_rows(800, signal=0.5, seed=11)
LATER = made_up_rows(500, signal=0.5, seed=12)


@pytest.mark.parametrize("least_leaf_rows", [None, 1])
def test_forecasts_are_scikit_learns(least_leaf_rows: int | None) -> None:
    member = RandomForest(trees=40, max_depth=12, least_leaf_rows=least_leaf_rows)
    oracle = member._grow(ROWS).predict(LATER.X)
    np.testing.assert_allclose(member.fit(ROWS).predict(LATER.X), oracle, rtol=1e-12, atol=1e-15)


def test_missing_values_go_where_scikit_learn_sends_them() -> None:
    generator = np.random.default_rng(2)
    X = LATER.X.copy()
    X[generator.random(X.shape) < 0.6] = np.nan
    member = RandomForest(trees=40)
    oracle = member._grow(ROWS).predict(X)
    np.testing.assert_allclose(member.fit(ROWS).predict(X), oracle, rtol=1e-12, atol=1e-15)


def test_values_equal_to_a_threshold_go_where_scikit_learn_sends_them() -> None:
    coarse = replace(ROWS, X=np.round(ROWS.X, 2))
    member = RandomForest(trees=40, least_leaf_rows=5)
    oracle = member._grow(coarse).predict(coarse.X)
    np.testing.assert_allclose(member.fit(coarse).predict(coarse.X), oracle, rtol=1e-12, atol=1e-15)


def test_values_that_round_onto_a_threshold_go_where_scikit_learn_sends_them() -> None:
    member = RandomForest(trees=40, least_leaf_rows=5)
    regressor, forest = member._grow(ROWS), member.fit(ROWS).forest_
    X = LATER.X.copy()
    for column in range(X.shape[1]):
        asked = (forest.feature == column) & np.isfinite(forest.threshold)
        thresholds = forest.threshold[asked]
        if len(thresholds):
            X[:, column] = np.resize(np.nextafter(thresholds, np.inf), len(X))
    np.testing.assert_allclose(member.predict(X), regressor.predict(X), rtol=1e-12, atol=1e-15)


def test_compiled_walk_gives_the_bits_of_the_interpreted_one(monkeypatch: pytest.MonkeyPatch) -> None:
    member = RandomForest(trees=5).fit(ROWS)
    compiled = member.predict(LATER.X[:50])
    for kernel in ("_add_leaves", "_place"):
        monkeypatch.setattr(walk, kernel, getattr(walk, kernel).py_func)
    assert member.predict(LATER.X[:50]).tobytes() == compiled.tobytes()


def test_walk_gives_the_bits_of_one_node_after_the_other() -> None:
    coarse = replace(ROWS, X=np.round(ROWS.X, 2))
    member = RandomForest(trees=21, max_depth=12, least_leaf_rows=3).fit(coarse)
    plain = member.forest_.mean_answer(coarse.X)
    assert member.predict(coarse.X).tobytes() == plain.tobytes()


def test_rows_of_another_width_are_refused() -> None:
    with pytest.raises(ValueError, match=r"rows, 22\) is needed"):
        RandomForest(trees=5).fit(ROWS).predict(LATER.X[:, 1:])


def test_importances_are_scikit_learns() -> None:
    member = RandomForest(trees=40)
    oracle = member._grow(ROWS).feature_importances_
    np.testing.assert_array_equal(member.fit(ROWS).importances(), oracle)


def test_planted_signal_is_found() -> None:
    forecast = RandomForest().fit(ROWS).predict(LATER.X)
    assert np.corrcoef(forecast, LATER.y)[0, 1] > 0.3


def test_labels_without_a_difference_give_a_constant_and_no_importances() -> None:
    member = RandomForest(trees=5).fit(replace(ROWS, y=np.full(len(ROWS), 0.25)))
    assert member.predict(LATER.X).tolist() == [0.25] * len(LATER)
    assert member.importances() is None


def test_another_seed_grows_another_forest() -> None:
    assert RandomForest(1, trees=5).fit(ROWS).dump() != RandomForest(2, trees=5).fit(ROWS).dump()


def test_file_holds_no_pickles() -> None:
    content = RandomForest(trees=5).fit(ROWS).dump()["forest.npz"]
    assert b"sklearn" not in content
    assert b"numpy" not in content.replace(b"\x93NUMPY", b"")


def test_feature_that_is_left_out_is_not_asked_about() -> None:
    position = ROWS.feature_names.index("return_1h")
    member = RandomForest(trees=20, left_out="return_1h").fit(ROWS)
    assert not (member.forest_.feature == position).any()
    X = LATER.X.copy()
    X[:, position] = 1.0
    assert np.array_equal(member.predict(X), member.predict(LATER.X))


def test_draws_of_rows_and_features_are_scikit_learns() -> None:
    member = RandomForest(trees=20, feature_share=1.0, row_share=None, least_leaf_rows=5)
    oracle = RandomForestRegressor(20, max_depth=6, min_samples_leaf=5, random_state=7).fit(ROWS.X, ROWS.y)
    np.testing.assert_allclose(member.fit(ROWS).predict(LATER.X), oracle.predict(LATER.X), rtol=1e-12)


def test_many_forests_in_one_process_leave_the_filters_of_warnings_as_they_were() -> None:
    before = list(warnings.filters)
    for _ in range(4):
        RandomForest(trees=60).fit(ROWS)
    assert list(warnings.filters) == before
