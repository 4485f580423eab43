"""The forest of the source material."""

from __future__ import annotations

import numpy as np
import pytest

from forecasting.horizons import load_horizons
from forecasting.studies.overlap_windows import source_rows
from forecasting.studies.source_forest import SourceForest
from tests.forecasting.studies.market import daily_walks


@pytest.fixture(scope="module")
def rows():
    return source_rows(daily_walks(210), load_horizons()["7d"])


def test_it_has_300_trees_of_depth_8_with_5_rows_a_leaf(rows) -> None:
    forest = SourceForest().fit(rows).forest_
    assert (len(forest.estimators_), forest.max_depth, forest.min_samples_leaf) == (300, 8, 5)
    assert forest.random_state == 42


def test_forecasts_of_one_seed_agree_to_the_last_bit(rows) -> None:
    first, second = (SourceForest(trees=30).fit(rows).p_up(rows.X) for _ in range(2))
    assert np.array_equal(first, second)


def test_a_forecast_is_on_the_side_that_most_trees_vote_for(rows) -> None:
    forest = SourceForest(trees=30).fit(rows)
    assert np.array_equal(np.sign(forest.pred_return(rows.X)), np.sign(forest.p_up(rows.X) - 0.5))


@pytest.mark.parametrize(("up", "share"), [(True, 1.0), (False, 0.0)])
def test_training_rows_of_one_direction_give_a_certainty(rows, up: bool, share: float) -> None:
    one_sided = rows.take((rows.y > 0) == up)
    assert (SourceForest(trees=5).fit(one_sided).p_up(rows.X) == share).all()
