"""The study's model is the recipe that anyone trains with `foretick train --recipe source-7d-forest`."""

from __future__ import annotations

import numpy as np
import pytest

from forecasting.dataset import Dataset
from forecasting.errors import InvalidSettings
from forecasting.horizons import Horizon, load_horizons
from forecasting.recipes import find_recipe, with_recipe
from forecasting.studies.overlap_windows import source_rows
from forecasting.studies.source_model import RECIPE, SourceModel, source_horizon
from tests.forecasting.studies.market import daily_walks

WEEK = load_horizons()["7d"]
SMALL = source_horizon(WEEK, trees=30)


@pytest.fixture(scope="module")
def rows() -> Dataset:
    return source_rows(daily_walks(210), SMALL)


def test_it_has_the_recipes_settings() -> None:
    assert source_horizon(WEEK) == with_recipe(WEEK, RECIPE)
    assert source_horizon(WEEK).member_settings == find_recipe(RECIPE).fields["member_settings"]


def test_it_trains_300_trees_of_depth_8_with_5_rows_a_leaf_from_seed_42(rows: Dataset) -> None:
    member = SourceModel(source_horizon(WEEK)).fit(rows).member_
    assert (member.trees, member.max_depth, member.least_leaf_rows) == (300, 8, 5)
    assert member.random_state == 42
    assert len(member.forest_.roots) == 300


def test_it_may_ask_about_20_features_of_three_symbols(rows: Dataset) -> None:
    member = SourceModel(SMALL).fit(rows).member_
    assert len(rows.feature_names) - len({member.left_out}) == 20


def test_another_horizon_is_refused() -> None:
    with pytest.raises(InvalidSettings, match="forecasts 7d, 1d was asked for"):
        source_horizon(load_horizons()["1d"])


def test_forecasts_of_one_seed_agree_to_the_last_bit(rows: Dataset) -> None:
    first, second = (SourceModel(SMALL).fit(rows).p_up(rows.X) for _ in range(2))
    assert np.array_equal(first, second)


def test_another_seed_draws_other_rows(rows: Dataset) -> None:
    other: Horizon = source_horizon(WEEK, random_state=1, trees=30)
    first, second = (SourceModel(each).fit(rows).pred_return(rows.X) for each in (SMALL, other))
    assert not np.array_equal(first, second)


def test_a_higher_forecast_is_a_likelier_rise(rows: Dataset) -> None:
    model = SourceModel(SMALL).fit(rows)
    order = np.argsort(model.pred_return(rows.X))
    assert (np.diff(model.p_up(rows.X)[order]) >= 0).all()


@pytest.mark.parametrize(("up", "least", "most"), [(True, 0.9, 1.0), (False, 0.0, 0.1)])
def test_training_rows_of_one_direction_give_next_to_certainty(
    rows: Dataset, up: bool, least: float, most: float
) -> None:
    one_sided = rows.take((rows.y > 0) == up)
    p_up = SourceModel(SMALL).fit(one_sided).p_up(rows.X)
    assert least < p_up.min() <= p_up.max() < most
