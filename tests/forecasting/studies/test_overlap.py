"""The overlap study on random walks, where the honest figure is known to be a coin."""

from __future__ import annotations

import json

import numpy as np
import pytest

from forecasting.errors import NotEnoughHistory
from forecasting.horizons import load_horizons
from forecasting.studies.overlap import OverlapStudy, overlap_document, study_overlap
from forecasting.types import DAY_MS
from tests.forecasting.studies.market import SYMBOLS, daily_walks

HORIZON = load_horizons()["7d"]


@pytest.fixture(scope="module")
def found() -> OverlapStudy:
    return study_overlap(daily_walks(900), HORIZON, asks=4, trees=40)


def test_days_that_it_was_trained_on_flatter_it(found: OverlapStudy) -> None:
    assert min(each.overlapping for each in found.windows) > 0.8


def test_a_shuffled_split_flatters_it_too(found: OverlapStudy) -> None:
    shuffled = np.mean([each.shuffled for each in found.windows])
    assert np.mean([each.purged for each in found.windows]) + 0.1 < shuffled


def test_on_a_random_walk_the_honest_figure_is_a_coin(found: OverlapStudy) -> None:
    # 45 independent weeks: two standard errors of fair coins are 15 points.
    assert found.honest.mean == pytest.approx(0.5, abs=0.15)
    assert found.honest.low < found.honest.mean < found.honest.high


def test_on_a_random_walk_directions_do_not_go_together(found: OverlapStudy) -> None:
    assert found.together.labels == 45
    assert found.together.p_value is not None
    assert found.together.p_value > 0.05


def test_each_window_has_nine_independent_weeks(found: OverlapStudy) -> None:
    assert [(each.rows, each.weeks) for each in found.windows] == [(171, 9)] * 5
    assert found.honest.labels == 45


def test_windows_follow_each_other(found: OverlapStudy) -> None:
    begins = [each.begin_ms for each in found.windows]
    assert np.diff(begins).tolist() == [169 * DAY_MS] * 4
    assert {each.end_ms - each.scored_ms for each in found.windows} == {57 * DAY_MS}


def test_the_gate_refuses_every_overlapping_model_by_its_leak_certificate(found: OverlapStudy) -> None:
    assert found.asked.refused == found.asked.times == 4
    assert found.asked.unmet["leak certificate"] == found.asked.unmet["numbers complete"] == 4


def test_in_disguise_it_is_too_good_to_be_true(found: OverlapStudy) -> None:
    assert found.asked.refused_disguised == 4
    assert found.asked.unmet_disguised["believable correlation"] == 4
    assert found.asked.unmet_disguised["leak certificate"] == 0


def test_the_same_seed_gives_the_same_figures(found: OverlapStudy) -> None:
    assert study_overlap(daily_walks(900), HORIZON, asks=4, trees=40) == found


def test_progress_names_each_window_and_each_question() -> None:
    told: list[tuple[str, int, int]] = []
    study_overlap(daily_walks(210), HORIZON, asks=2, trees=5, on_progress=lambda *step: told.append(step))
    assert told == [("windows", 0, 1), ("gate", 0, 2), ("gate", 1, 2)]


def test_the_document_is_plain_json_without_criteria_that_all_met(found: OverlapStudy) -> None:
    document = json.loads(json.dumps(overlap_document(found), allow_nan=False))
    assert document["symbols"] == list(SYMBOLS)
    assert document["windows"][0]["independent_weeks"] == 9
    assert "members" not in document["gate"]["unmet"]


def test_too_few_shared_days_are_told() -> None:
    with pytest.raises(NotEnoughHistory, match=r"share 168 days .* 169 are needed"):
        study_overlap(daily_walks(168 + 30 + 7), HORIZON)


def test_symbols_without_a_shared_day_are_told() -> None:
    walks, later = daily_walks(300), daily_walks(300, first_day=400)
    with pytest.raises(NotEnoughHistory, match="share 0 days"):
        study_overlap({**walks, "XMR/USD": later["XMR/USD"]}, HORIZON)
