from __future__ import annotations

from dataclasses import replace

import lightgbm
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from forecasting.forecaster.library_answers import rows_beside_splits
from forecasting.models import walk as walk_module
from forecasting.models.booster_text import read_walk
from forecasting.models.lightgbm import LightGbm
from tests.forecasting.rows import made_up_rows

QUIET = {
    "verbosity": -1,
    "num_threads": 1,
    "deterministic": True,
    "min_data_in_leaf": 1,
    "min_data_in_bin": 1,
}


def grown(seed: int, features: int, rounds: int, **parameters: object) -> lightgbm.Booster:
    """Grow trees on coarse and fine columns with gaps, zeros and tiny numbers among them."""
    generator = np.random.default_rng(seed)
    X = generator.normal(scale=10.0 ** generator.integers(-40, 6, size=features), size=(300, features))
    X[:, ::2] = np.round(generator.normal(scale=2, size=X[:, ::2].shape))
    X[generator.random(X.shape) < generator.choice([0.0, 0.1, 0.6])] = np.nan
    X[generator.random(X.shape) < generator.choice([0.0, 0.2])] = 0.0
    y = np.nan_to_num(X[:, 0]) + generator.standard_t(3, size=len(X))
    if parameters.get("objective") == "binary":
        y = (y > 0).astype(np.float64)
    rows = lightgbm.Dataset(X, y, params={**QUIET, **parameters})
    return lightgbm.train({**QUIET, "seed": seed, **parameters}, rows, rounds)


def demand_same_bits(booster: lightgbm.Booster) -> None:
    walk = read_walk(booster.model_to_string())
    X = rows_beside_splits(walk, 200)
    X[:3] = [[np.inf], [-np.inf], [np.nan]]
    assert walk.sums(X).tobytes() == booster.predict(X, raw_score=True, num_threads=1).tobytes()


@settings(max_examples=60, deadline=None)
@given(
    seed=st.integers(0, 10_000),
    features=st.sampled_from([1, 2, 7, 150]),
    rounds=st.sampled_from([1, 7, 8, 30]),
    leaves=st.sampled_from([2, 15, 60]),
    objective=st.sampled_from(["regression", "huber", "quantile", "binary", "l1"]),
    missing=st.sampled_from([{}, {"zero_as_missing": True}, {"use_missing": False}]),
)
def test_answers_are_lightgbms_to_the_last_bit(seed, features, rounds, leaves, objective, missing) -> None:
    demand_same_bits(grown(seed, features, rounds, num_leaves=leaves, objective=objective, **missing))


def test_trees_of_one_leaf_answer_as_lightgbm_does() -> None:
    booster = grown(1, 3, 9, min_data_in_leaf=1000)
    assert "num_leaves=1\n" in booster.model_to_string()
    demand_same_bits(booster)


def test_boosting_that_stopped_early_answers_with_the_trees_that_helped() -> None:
    generator = np.random.default_rng(3)
    X, y = generator.normal(size=(600, 4)), generator.normal(size=600)
    fit = lightgbm.Dataset(X[:400], y[:400] + X[:400, 0], params=QUIET)
    held = lightgbm.Dataset(X[400:], y[400:] + X[400:, 0], reference=fit)
    stop = lightgbm.early_stopping(5, verbose=False)
    booster = lightgbm.train(QUIET, fit, 200, valid_sets=[held], callbacks=[stop])
    assert 0 < booster.best_iteration < 200
    demand_same_bits(booster)


@pytest.mark.parametrize("rows", [0, 1, 3])
def test_each_row_is_answered_alone(rows: int) -> None:
    walk = read_walk(grown(5, 6, 20).model_to_string())
    X = rows_beside_splits(walk, 50)
    assert walk.sums(X[:rows]).tobytes() == walk.sums(X)[:rows].tobytes()


def test_walk_gives_the_bits_of_the_interpreted_one(monkeypatch: pytest.MonkeyPatch) -> None:
    walk = read_walk(grown(6, 6, 20, zero_as_missing=True).model_to_string())
    X = rows_beside_splits(walk, 50)
    compiled = walk.sums(X)
    for kernel in ("_add_leaves", "_place"):
        monkeypatch.setattr(walk_module, kernel, getattr(walk_module, kernel).py_func)
    assert walk.sums(X).tobytes() == compiled.tobytes()


def test_rows_of_another_width_are_refused() -> None:
    with pytest.raises(ValueError, match=r"\(rows, 6\) is needed"):
        read_walk(grown(5, 6, 2).model_to_string()).sums(np.zeros((1, 5)))


def test_categorical_splits_are_refused() -> None:
    generator = np.random.default_rng(1)
    X = generator.integers(0, 5, size=(300, 2)).astype(np.float64)
    rows = lightgbm.Dataset(X, (X[:, 0] == 2) + 0.0, categorical_feature=[0], params=QUIET)
    with pytest.raises(ValueError, match="num_cat=0 is needed"):
        read_walk(lightgbm.train(QUIET, rows, 3).model_to_string())


@pytest.mark.parametrize(
    ("parameters", "needed"),
    [
        ({"linear_tree": True}, "is_linear=0 is needed"),
        ({"boosting": "rf", "bagging_fraction": 0.5, "bagging_freq": 1}, "adds its trees up"),
        ({"objective": "multiclass", "num_class": 3}, "num_class=1 is needed"),
    ],
)
def test_trees_of_a_kind_that_no_member_grows_are_refused(parameters, needed: str) -> None:
    generator = np.random.default_rng(1)
    X, y = generator.normal(size=(300, 2)), generator.integers(0, 3, 300).astype(np.float64)
    rows = lightgbm.Dataset(X, y, params={**QUIET, **parameters})
    with pytest.raises(ValueError, match=needed):
        read_walk(lightgbm.train({**QUIET, **parameters}, rows, 3).model_to_string())


@pytest.mark.parametrize(
    ("part", "other"),
    [
        ("end of trees", "end of"),
        ("version=v4", "version=v3"),
        ("num_leaves=15", "num_leaves=16"),
        ("num_leaves=15", "num_leaves="),
        ("split_feature=", "split_feature=99 "),
        ("left_child=", "left_child=0 "),
        ("decision_type=", "decision_type=14 "),
        ("Tree=1\n", "Branch=1\n"),
    ],
)
def test_damaged_text_is_refused(part: str, other: str) -> None:
    text = grown(1, 5, 3, num_leaves=15).model_to_string()
    assert part in text
    with pytest.raises(ValueError, match=r"needed|damaged|invalid literal"):
        read_walk(text.replace(part, other, 1))


@pytest.mark.parametrize(
    ("line", "number", "told"),
    [
        ("split_feature", "5", "beyond the 5"),
        ("left_child", "0", "no later split"),
        ("right_child", "-99", "no leaf"),
    ],
)
def test_splits_that_lead_nowhere_are_refused(line: str, number: str, told: str) -> None:
    text = grown(1, 5, 3, num_leaves=15).model_to_string()
    start = text.index(f"{line}=") + len(line) + 1
    with pytest.raises(ValueError, match=told):
        read_walk(text[:start] + number + text[text.index(" ", start) :])


def test_a_member_answers_as_its_booster_does_on_rows_beside_its_splits() -> None:
    rows = made_up_rows(400, signal=0.5, seed=9)
    coarse = replace(rows, X=np.round(rows.X, 3))
    member = LightGbm(patience=None, max_rounds=40).fit(coarse)
    X = np.concatenate([coarse.X, rows_beside_splits(member.trees_.walk, 500)])
    lift = member.trees_.booster.predict(X, num_threads=1, raw_score=True)
    assert member.predict(X).tobytes() == (member.mean_ + lift).tobytes()
