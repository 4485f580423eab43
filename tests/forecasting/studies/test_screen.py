"""Members on combinatorial purged folds of the older rows."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pytest

from forecasting.errors import NotEnoughHistory
from forecasting.studies.screen import ScreenStudy, screen_members
from tests.forecasting.rows import hourly_horizon, hourly_spec, made_up_rows

ROWS = made_up_rows(600, signal=0.6)
HORIZON = hourly_horizon().model_copy(update={"members": ("naive", "persistence", "ridge", "rf")})


@pytest.fixture(scope="module")
def found() -> ScreenStudy:
    return screen_members(ROWS, HORIZON, hourly_spec(), groups=4)


def test_each_pair_of_groups_judges_once(found: ScreenStudy) -> None:
    assert found.folds == 6
    assert [(each.name, len(each.r2), len(each.rank_ic)) for each in found.members] == [
        ("persistence", 6, 6),
        ("ridge", 6, 6),
        ("rf", 6, 6),
    ]


def test_a_planted_signal_is_better_than_naive_in_every_fold(found: ScreenStudy) -> None:
    assert {each.name: each.better for each in found.members}["ridge"] == 6


def test_the_newest_fifth_is_not_touched(found: ScreenStudy) -> None:
    newest = ROWS.label_end_ms > found.kept_from_ms
    assert newest.mean() == pytest.approx(0.2, abs=0.01)
    assert found.rows == np.count_nonzero(~newest)
    changed = replace(ROWS, y=np.where(newest, 1.0, ROWS.y))
    assert screen_members(changed, HORIZON, hourly_spec(), groups=4) == found


def test_the_document_is_plain_json_without_a_p_value(found: ScreenStudy) -> None:
    text = json.dumps(found.to_document(), allow_nan=False)
    assert "p_value" not in text
    assert json.loads(text)["members"][0]["name"] == "persistence"


def test_progress_counts_the_folds() -> None:
    told: list[tuple[int, int]] = []
    bare = HORIZON.model_copy(update={"members": ("naive", "ridge")})
    screen_members(ROWS, bare, hourly_spec(), groups=3, on_progress=lambda *step: told.append(step))
    assert told == [(0, 3), (1, 3), (2, 3)]


def test_too_few_rows_are_told() -> None:
    with pytest.raises(NotEnoughHistory, match="use fewer groups or more history"):
        screen_members(ROWS.take(slice(0, 60)), HORIZON, hourly_spec())
