"""One recipe trained on windows of several lengths, all judged on the very same rows."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pytest

from forecasting.dataset import Dataset
from forecasting.errors import NotEnoughHistory
from forecasting.studies.walk_forward import walk_forward
from forecasting.studies.windows import WindowStudy, study_windows
from forecasting.types import DAY_MS
from tests.forecasting.rows import hourly_horizon, hourly_spec, made_up_rows

HORIZON = hourly_horizon().with_window(40)


def _independent(rows: Dataset) -> Dataset:
    """The same rows with what persistence reads made of a return that has nothing to do with the label."""
    X = rows.X.copy()
    X[:, rows.feature_names.index("return_1h")] = np.random.default_rng(9).permutation(rows.y)
    return replace(rows, X=X)


ROWS = _independent(made_up_rows(1_200))


@pytest.fixture(scope="module")
def found() -> WindowStudy:
    return study_windows(ROWS, HORIZON, hourly_spec(), windows_days=(10, 20, 300), refits=3, every_days=2)


def test_the_horizons_own_window_is_added(found: WindowStudy) -> None:
    assert [each.days for each in found.windows] == [10, 20, 40]
    assert found.own_days == 40


def test_a_window_that_reaches_before_the_first_row_is_left_out_and_named(found: WindowStudy) -> None:
    (left,) = found.left_out
    assert left.name == "300 days"
    assert left.reason == "the first refit has 44 days of rows before it"


def test_all_windows_are_judged_on_the_same_rows(found: WindowStudy) -> None:
    assert (found.rows, found.labels, found.refits) == (6 * 24 * 2, 6 * 24, 3)
    # Persistence looks at the row alone, so other rows would give it another error.
    assert len({each.of("persistence").rmse for each in found.windows}) == 1
    assert len({each.of("naive").rmse for each in found.windows}) == 3


def test_each_window_is_what_the_recipe_gives_when_it_is_trained_on_it(found: WindowStudy) -> None:
    walked = walk_forward(ROWS, HORIZON.with_window(10), hourly_spec(), refits=3, every_ms=2 * DAY_MS)
    error = walked.rows.y - walked.returns["ensemble"]
    assert found.windows[0].of("ensemble").rmse == pytest.approx(np.sqrt(np.mean(error**2)), rel=1e-12)


def test_beating_persistence_says_nothing_where_nothing_can_be_known(found: WindowStudy) -> None:
    for each in found.windows:
        assert each.of("persistence").r2 == pytest.approx(-1, abs=0.35)
        assert each.ensemble_against_persistence.p_value < 0.001
        assert each.naive_against_persistence.p_value < 0.001
        assert each.of("ensemble").tests[0].p_value > 0.05


def test_every_p_value_has_the_number_of_independent_labels(found: WindowStudy) -> None:
    for each in found.windows:
        assert each.ensemble_against_persistence.labels == each.of("lgbm").tests[0].labels == 144


def test_the_best_single_member_is_neither_the_opponents_nor_the_ensemble(found: WindowStudy) -> None:
    for each in found.windows:
        others = [each.of(name).rmse for name in ("ewma", "lgbm", "rf")]
        assert each.best_single is not None
        assert each.best_single.rmse == min(others)


def test_a_recipe_of_baselines_alone_has_no_best_single_member() -> None:
    bare = HORIZON.model_copy(update={"members": ("naive", "persistence")})
    alone = study_windows(ROWS, bare, hourly_spec(), windows_days=(), refits=1)
    assert alone.windows[0].best_single is None


def test_an_own_window_longer_than_history_tells_what_there_was() -> None:
    found = study_windows(ROWS, hourly_horizon(), hourly_spec(), windows_days=(), refits=1)
    (own,) = found.windows
    assert own.days == 730
    assert own.history_days == pytest.approx(49, abs=0.1)


def test_the_document_is_plain_json(found: WindowStudy) -> None:
    document = json.loads(json.dumps(found.to_document(), allow_nan=False))
    assert document["windows"][0]["days"] == 10
    assert document["left_out"][0]["name"] == "300 days"
    assert document["first"] < document["last"]


def test_progress_names_the_window() -> None:
    told: list[tuple[str, int, int]] = []
    study_windows(
        ROWS, HORIZON, hourly_spec(), windows_days=(), refits=1, on_progress=lambda *step: told.append(step)
    )
    assert told == [("40 days", 0, 1)]


def test_a_window_without_enough_rows_is_left_out_and_told() -> None:
    found = study_windows(ROWS, HORIZON, hourly_spec(), windows_days=(1,), refits=1)
    assert [each.days for each in found.windows] == [40]
    assert found.left_out[0].name == "1 days"


def test_rows_that_allow_no_window_are_told() -> None:
    with pytest.raises(NotEnoughHistory, match="40 days: the refit at"):
        study_windows(ROWS, HORIZON, hourly_spec(), windows_days=(), refits=51)


def test_persistence_is_judged_beside_a_recipe_that_has_none() -> None:
    bare = HORIZON.model_copy(update={"members": ("naive", "lgbm")})
    found = study_windows(ROWS, bare, hourly_spec(), windows_days=(), refits=2).windows[0]
    assert [each.name for each in found.contenders] == ["ensemble", "naive", "lgbm", "persistence"]
