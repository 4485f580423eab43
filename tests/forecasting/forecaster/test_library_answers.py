from __future__ import annotations

from collections.abc import Callable
from copy import copy
from dataclasses import replace

import numpy as np
import pytest

from forecasting.errors import DamagedBundle
from forecasting.forecaster.forecaster import Forecaster
from forecasting.forecaster.library_answers import demand_library_answers, rows_beside_splits
from forecasting.models.walk import TreeWalk
from tests.forecasting.rows import hourly_horizon, hourly_spec, made_up_rows

ROWS = made_up_rows(500, signal=0.5, seed=61)
TREES = ("lgbm", "lgbm_huber", "lgbm_quantile", "lgbm_up", "rf", "rf_up")


@pytest.fixture(scope="module")
def fitted() -> Forecaster:
    grown = {name: {"patience": None, "max_rounds": 20} for name in ("lgbm", "lgbm_huber", "lgbm_quantile")}
    grown["lgbm_huber"]["volatility_scaled"] = True
    horizon = hourly_horizon().model_copy(update={"members": ("naive", *TREES), "member_settings": grown})
    return Forecaster(horizon, hourly_spec()).fit(ROWS)


def strict(walk: TreeWalk) -> TreeWalk:
    """Send a value that equals a threshold to the other side."""
    nodes = walk.nodes.copy()
    nodes["threshold"] = np.nextafter(nodes["threshold"], -np.inf)
    return replace(walk, nodes=nodes)


def nudged(walk: TreeWalk) -> TreeWalk:
    """Add the least to what each leaf adds."""
    return replace(walk, values=np.nextafter(walk.values, np.inf))


def with_walk(fitted: Forecaster, name: str, change: Callable[[TreeWalk], TreeWalk]) -> Forecaster:
    """Return a copy of the forecaster in which one member walks its trees otherwise."""
    changed, member = copy(fitted), copy(fitted.members_[name])
    changed.members_ = {**fitted.members_, name: member}
    holder = member
    for inner in ("learner", "classifier_"):
        if hasattr(holder, inner):
            setattr(holder, inner, copy(getattr(holder, inner)))
            holder = getattr(holder, inner)
    if name == "lgbm_quantile":
        first, *others = holder.levels_
        holder.levels_ = (replace(first, walk=change(first.walk)), *others)
    elif name.startswith("rf"):
        holder.walk_ = change(holder.walk_)
    else:
        holder.trees_ = replace(holder.trees_, walk=change(holder.trees_.walk))
    return changed


def test_every_kind_of_tree_answers_as_its_library_does(fitted: Forecaster) -> None:
    demand_library_answers(fitted, ROWS.X[:50])


@pytest.mark.parametrize("change", [strict, nudged])
@pytest.mark.parametrize("name", TREES)
def test_trees_that_answer_otherwise_are_refused(fitted: Forecaster, name: str, change) -> None:
    with pytest.raises(DamagedBundle, match=f"{name}: our answers and the library's differ in .* rows"):
        demand_library_answers(with_walk(fitted, name, change), ROWS.X[:50])


def test_rows_lie_on_thresholds_and_right_beside_them(fitted: Forecaster) -> None:
    walk = fitted.members_["lgbm"].trees_.walk
    inner = walk.nodes["column"] < 4 * walk.features
    feature, threshold = walk.nodes["column"][inner] % walk.features, walk.nodes["threshold"][inner]
    rows = rows_beside_splits(walk, 1000)
    most_asked = int(np.bincount(feature).argmax())
    own = np.unique(threshold[feature == most_asked])
    for beside in (own, np.nextafter(own, np.inf), np.nextafter(own, -np.inf)):
        assert np.isin(beside, rows[:, most_asked]).mean() > 0.9
    assert np.isnan(rows).any()
    assert not np.isinf(rows).any()
