"""A recipe walked forward: every late row judged once, by a model that had not seen it."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pytest

from forecasting.errors import NotEnoughHistory
from forecasting.evaluation.intervals import interval_ends
from forecasting.forecaster.forecaster import Forecaster
from forecasting.horizons import load_horizons
from forecasting.metrics import directional_accuracy, r2_against
from forecasting.studies.contenders import right_signs
from forecasting.studies.walk_forward import WalkedForward, cadence_ms, walk_forward
from forecasting.studies.walk_groups import confidence_bins
from forecasting.studies.walk_scores import WalkScores, score_walk
from forecasting.types import DAY_MS
from tests.forecasting.rows import hourly_horizon, hourly_spec, made_up_rows

ROWS = replace(made_up_rows(1_200, signal=0.6), volatility=np.full(2_400, 0.01))


@pytest.fixture(scope="module")
def walked() -> WalkedForward:
    return walk_forward(ROWS, hourly_horizon(), hourly_spec(), refits=3)


@pytest.fixture(scope="module")
def scores(walked: WalkedForward) -> WalkScores:
    return score_walk(walked, 0.0, np.where(walked.rows.y > 0, "uptrend", "chop").tolist())


def test_the_last_three_days_are_judged_once_by_three_models(walked: WalkedForward) -> None:
    last = ROWS.take(ROWS.as_of_ms > ROWS.as_of_ms.max() - 3 * DAY_MS)
    assert walked.refits == 3
    assert walked.rows.fingerprint() == last.fingerprint()


def last_month(labels_times_ten_where: np.ndarray) -> np.ndarray:
    """Forecasts of 30 of 50 days, by one model that is fitted before them."""
    rows = replace(ROWS, y=np.where(labels_times_ten_where, 10 * ROWS.y, ROWS.y))
    monthly = hourly_horizon().model_copy(update={"retrain_cron": "0 5 1 * *"})
    return walk_forward(rows, monthly, hourly_spec(), refits=1).returns["ensemble"]


def test_labels_that_a_refit_could_not_know_do_not_change_its_forecasts() -> None:
    refit_ms = int(ROWS.as_of_ms.max()) + 1 - 30 * DAY_MS
    honest = last_month(np.zeros(len(ROWS), dtype=np.bool_))
    assert np.array_equal(last_month(ROWS.label_end_ms > refit_ms), honest)
    assert not np.array_equal(last_month(ROWS.label_end_ms < refit_ms - 10 * DAY_MS), honest)


def test_a_planted_signal_is_found_against_drift(scores: WalkScores) -> None:
    by_name = {each.name: each for each in scores.contenders}
    knowing = {test.name: test.p_value for test in by_name["lgbm"].tests}
    assert knowing["Clark-West"] < 0.05
    assert by_name["lgbm"].rank_ic > 0.2


def test_naive_is_what_the_others_are_held_against(scores: WalkScores) -> None:
    (naive,) = [each for each in scores.contenders if each.name == "naive"]
    assert (naive.r2, naive.tests) == (0.0, ())


def test_labels_are_counted_in_time_and_not_by_symbol(scores: WalkScores) -> None:
    assert (scores.rows, scores.labels) == (144, 72)
    assert {test.labels for each in scores.contenders for test in each.tests} == {72}
    assert scores.best.labels == scores.equals.labels == 72


def test_all_contenders_but_naive_are_counted_as_tried(scores: WalkScores) -> None:
    assert scores.best.contenders == len(scores.contenders) - 1


def test_the_parts_of_the_brier_score_sum_to_it(scores: WalkScores) -> None:
    parts = scores.probability
    assert parts.miscalibration - parts.discrimination + parts.uncertainty == pytest.approx(parts.brier)


def test_a_ratio_of_fewer_than_six_months_is_not_told(scores: WalkScores) -> None:
    assert {each.monthly_icir for each in scores.contenders} == {None}


def test_the_document_is_plain_json(scores: WalkScores) -> None:
    document = json.loads(json.dumps(scores.to_document(), allow_nan=False))
    assert document["contenders"][0]["name"] == "ensemble"
    assert [each["name"] for each in document["symbols"]] == ["AAA/SIM", "BBB/SIM"]
    assert set(document["regimes"][0]["score"]["coverage"]) == {"80%", "90%"}


def test_each_group_is_scored_on_its_own_rows(walked: WalkedForward, scores: WalkScores) -> None:
    ours, naive = walked.returns["ensemble"], walked.returns["naive"]
    chop = next(each for each in scores.regimes if each.name == "chop")
    chosen = walked.rows.y <= 0
    assert chop.rows == chosen.sum()
    assert chop.score.directional_accuracy == directional_accuracy(walked.rows.y[chosen], ours[chosen])
    assert chop.score.r2 == r2_against(walked.rows.y[chosen], ours[chosen], naive[chosen])
    assert chop.score.mae == np.mean(np.abs(walked.rows.y[chosen] - ours[chosen]))
    assert chop.score.brier == np.mean(walked.p_up[chosen] ** 2)


def test_symbols_regimes_and_months_each_have_all_rows(scores: WalkScores) -> None:
    for groups in (scores.symbols, scores.regimes, scores.months):
        assert sum(each.rows for each in groups) == 144


def test_regimes_are_left_out_where_nobody_knows_them(walked: WalkedForward) -> None:
    assert score_walk(walked, 0.0).regimes == ()


def test_the_bins_of_confidence_hold_every_row_that_moved(walked: WalkedForward, scores: WalkScores) -> None:
    assert sum(each.rows for each in scores.reliability) == np.count_nonzero(walked.rows.y)
    told = [each.forecast for each in scores.reliability]
    assert told == sorted(told)
    assert walked.conf.min() <= told[0] <= told[-1] <= walked.conf.max()
    assert all(each.labels <= each.rows for each in scores.reliability)


def test_a_confidence_is_laid_beside_its_own_sign() -> None:
    right = np.random.default_rng(4).random(len(ROWS)) < 0.7
    forecast = np.where(right, ROWS.y, -ROWS.y)
    bins = confidence_bins(ROWS, forecast, np.where(right, 0.8, 0.3))
    assert [(each.forecast, each.realised) for each in bins] == [
        (pytest.approx(0.3), 0.0),
        (pytest.approx(0.8), 1.0),
    ]
    assert [each.rows for each in bins] == [np.count_nonzero(~right), np.count_nonzero(right)]


def test_intervals_are_those_that_each_refit_would_have_served(walked: WalkedForward) -> None:
    refit_ms = int(ROWS.as_of_ms.max()) + 1 - DAY_MS
    known = ROWS.take(ROWS.label_end_ms <= refit_ms - hourly_horizon().look_ahead_ms)
    fitted = Forecaster(hourly_horizon(), hourly_spec()).fit(known)
    last = walked.rows.take(walked.rows.as_of_ms >= refit_ms)
    served = interval_ends(fitted, last, fitted.predict(last.X).pred_return)
    assert np.array_equal(walked.intervals[-len(last) :], served)


def test_how_often_intervals_held_is_counted(walked: WalkedForward, scores: WalkScores) -> None:
    low, high = walked.intervals[:, 1].T
    ninety = scores.intervals[1]
    assert (ninety.level, ninety.rows, ninety.non_overlapping_labels) == (0.9, 144, 72)
    assert ninety.coverage == np.mean((low <= walked.rows.y) & (walked.rows.y <= high))


def test_the_right_signs_have_an_interval_of_what_chance_can_do(scores: WalkScores) -> None:
    (ensemble, *_) = scores.contenders
    assert scores.right is not None
    assert scores.right.mean == ensemble.directional_accuracy
    assert 0 <= scores.right.low < scores.right.mean < scores.right.high <= 1
    assert scores.right.labels == 72


def test_prices_that_stand_still_have_no_right_signs() -> None:
    assert right_signs(replace(ROWS, y=np.zeros(len(ROWS))), ROWS.y) is None


def test_rows_without_volatility_have_no_intervals_and_all_other_scores() -> None:
    rows = made_up_rows(700)
    found = score_walk(walk_forward(rows, hourly_horizon(), hourly_spec(), refits=1), 0.0)
    assert (found.intervals, found.quantiles) == ((), None)
    assert found.symbols[0].score.coverage == {}


def test_another_cadence_can_be_asked_for() -> None:
    walked = walk_forward(ROWS, hourly_horizon(), hourly_spec(), refits=2, every_ms=2 * DAY_MS)
    assert (walked.refits, len(walked.rows)) == (2, 4 * 24 * 2)


def test_progress_counts_the_refits() -> None:
    told: list[tuple[int, int]] = []
    walk_forward(
        made_up_rows(700),
        hourly_horizon(),
        hourly_spec(),
        refits=2,
        on_progress=lambda *step: told.append(step),
    )
    assert told == [(0, 2), (1, 2)]


@pytest.mark.parametrize(("horizon", "days"), [("1h", 1), ("1d", 7), ("30d", 30)])
def test_the_cadence_is_that_of_the_schedule(horizon: str, days: int) -> None:
    assert cadence_ms(load_horizons()[horizon]) == days * DAY_MS


def test_more_refits_than_the_history_allows_are_told() -> None:
    with pytest.raises(NotEnoughHistory, match="start later or use more history"):
        walk_forward(ROWS, hourly_horizon(), hourly_spec(), refits=51)
