"""The comparison with other libraries: the same rows for all, a purge for all, and nobody looks ahead."""

from dataclasses import replace

import numpy as np
import pytest

from benchmarks import quality
from benchmarks.peers.held_back import hold_back
from benchmarks.peers.judged import (
    Fold,
    Market,
    Rows,
    Told,
    demand_all,
    read_answers,
    read_rows,
    write_answers,
    write_rows,
)
from benchmarks.peers.simple import ewma, naive
from benchmarks.quality_ours import walked
from benchmarks.quality_rows import judged_case
from benchmarks.quality_scores import NAIVE, distances, reliability, score
from forecasting.candles import Candles
from forecasting.horizons import load_horizons
from forecasting.types import DAY_MS

DAYS = 700
WEEK = load_horizons()["7d"].model_copy(update={"members": ("naive", "ridge")})
needs_peers = pytest.mark.skipif(not quality.PEER_PYTHON.exists(), reason="no peers: run make peers")


def candles(symbol, seed, days=DAYS):
    rng = np.random.default_rng(seed)
    close = 100 * np.exp(np.cumsum(0.03 * rng.standard_normal(days)))
    times = 1_600_000_000_000 // DAY_MS * DAY_MS + DAY_MS * np.arange(days)
    return Candles(symbol, "1d", times, close, close, close, close, np.ones(days))


@pytest.fixture(scope="module")
def series():
    return {name: candles(name, seed) for seed, name in enumerate(("AAA/USDT", "BBB/USDT"))}


@pytest.fixture(scope="module")
def case(series):
    return judged_case(WEEK, series, 30, "final")


def changed_after(series, moment_ms):
    """The same candles with everything later multiplied by ten."""

    def spoiled(each):
        close = np.where(each.close_time_ms > moment_ms, 10 * each.close, each.close)
        return replace(each, open=close, high=close, low=close, close=close)

    return {name: spoiled(each) for name, each in series.items()}


def test_the_final_phase_judges_the_last_fifth_of_the_time(series, case):
    closes = series["AAA/USDT"].close_time_ms
    start_ms = closes[-1] - round(0.2 * (closes[-1] - closes[0]))
    assert case.judged.as_of_ms.min() >= start_ms > case.judged.as_of_ms.min() - DAY_MS
    assert case.judged.label_end_ms.max() == closes[-1]


def test_development_knows_no_label_of_the_last_fifth(series, case):
    development = judged_case(WEEK, series, 30, "development")
    assert development.data.label_end_ms.max() <= case.judged.as_of_ms.min()
    assert development.judged.as_of_ms.max() < case.judged.as_of_ms.min()


def test_a_series_that_ends_before_the_judged_time_or_has_just_begun_is_judged_for_nobody(series):
    old, whole = candles("OLD/USDT", 5, days=300), candles("NEW/USDT", 6)
    more = {**series, "OLD/USDT": old, "NEW/USDT": whole.between(int(whole.open_time_ms[500]), None)}
    assert judged_case(WEEK, more, 30, "final").data.symbols == ("AAA/USDT", "BBB/USDT")


def test_peers_are_given_the_rows_that_judge_us_in_our_order(tmp_path, case):
    write_rows(tmp_path / "rows.npz", case.for_peers())
    given, judged = read_rows(tmp_path / "rows.npz"), case.judged
    np.testing.assert_array_equal(given.as_of_ms[given.judged], judged.as_of_ms)
    np.testing.assert_array_equal(given.symbol[given.judged], judged.symbol)
    np.testing.assert_array_equal(given.X[given.judged], judged.X)


def test_no_label_that_a_contender_is_fitted_on_reaches_the_refit(case):
    for refit in case.refits:
        embargo_ms = WEEK.look_ahead_ms
        assert case.data.label_end_ms[refit.train].max() + embargo_ms <= refit.start_ms
        assert case.data.as_of_ms[refit.test].min() >= refit.start_ms


def test_labels_that_nobody_is_fitted_on_are_not_handed_to_peers(tmp_path, case):
    write_rows(tmp_path / "rows.npz", case.for_peers())
    given = read_rows(tmp_path / "rows.npz")
    last = given.folds[-1]
    assert np.isnan(given.y[last.test]).all()
    assert np.isfinite(given.y[last.train]).all()


def test_what_peers_hold_back_begins_after_the_fitted_labels_have_ended(case):
    rows = case.for_peers()
    for fold in rows.folds:
        parts = hold_back(rows, fold.train)
        begin_ms = rows.as_of_ms[parts.held].min()
        assert rows.label_end_ms[parts.fitted].max() + WEEK.look_ahead_ms <= begin_ms
        assert 0.08 < len(parts.held) / len(fold.train) < 0.12


@pytest.mark.parametrize("broken", [np.array([0.1, np.nan]), np.array([0.1])])
def test_a_contender_that_does_not_answer_every_row_is_refused(broken):
    fine = np.array([0.1, 0.2])
    demand_all("all", Told(fine, fine, fine, fine), 2)
    with pytest.raises(ValueError, match="some: p_up was given for 1 rows, 2 are judged"):
        demand_all("some", Told(fine, broken, fine, fine), 2)


def test_answers_survive_the_way_between_the_processes(tmp_path):
    told = Told(*np.random.default_rng(1).normal(size=(4, 9)))
    write_answers(tmp_path / "answers.npz", {"a b": told})
    found = read_answers(tmp_path / "answers.npz", 9)
    assert list(found) == ["a b"]
    np.testing.assert_array_equal(found["a b"].high, told.high)


def test_a_hole_in_the_candles_keeps_the_last_close():
    market = Market.on_grid(np.array([10, 20, 50]), np.array([1.0, 2.0, 3.0]), 10)
    np.testing.assert_array_equal(market.close, [1, 2, 2, 2, 3])
    np.testing.assert_array_equal(market.place(np.array([20, 50])), [1, 4])


def rows_of(series):
    rows = judged_case(WEEK, series, 30, "final").for_peers()
    grids = {name: Market.on_grid(each.close_ms, each.close, DAY_MS) for name, each in rows.markets.items()}
    return replace(rows, markets=grids)


@pytest.mark.parametrize("peer", [naive, ewma])
def test_a_simple_peer_does_not_know_what_comes_later(series, peer):
    rows = rows_of(series)
    fold = rows.folds[1]
    moment_ms = int(np.median(rows.as_of_ms[fold.test]))
    known = rows.as_of_ms[fold.test] <= moment_ms
    spoiled = rows_of(changed_after(series, moment_ms))
    np.testing.assert_array_equal(peer(rows, fold).pred_return[known], peer(spoiled, fold).pred_return[known])


@needs_peers
def test_no_library_knows_what_comes_later(series):
    names = ("AutoARIMA", "mlforecast lags", "LightGBM alone")
    whole = judged_case(WEEK, series, 70, "final")
    moment_ms = int(np.median(whole.judged.as_of_ms))
    known = whole.judged.as_of_ms <= moment_ms
    first, second = (
        quality.peers(judged_case(WEEK, each, 70, "final"), names)
        for each in (series, changed_after(series, moment_ms))
    )
    for name in names:
        np.testing.assert_array_equal(first[name].pred_return[known], second[name].pred_return[known])
        assert np.ptp(first[name].pred_return) > 0
        # Those that look at prices move with them.
        assert (first[name].pred_return[~known] != second[name].pred_return[~known]).any()


def test_ours_does_not_know_what_comes_later(series, case):
    moment_ms = int(np.median(case.judged.as_of_ms))
    known = case.judged.as_of_ms <= moment_ms
    spoiled = judged_case(WEEK, changed_after(series, moment_ms), 30, "final")
    first, second = walked(case, WEEK).told, walked(spoiled, WEEK).told
    for field in ("pred_return", "p_up", "low", "high"):
        np.testing.assert_array_equal(getattr(first, field)[known], getattr(second, field)[known])


def told_of(forecast, p_up, reach=0.1):
    return Told(forecast, p_up, forecast - reach, forecast + reach)


def test_scores_are_taken_against_naive(case):
    rows, n = case.judged, len(case.judged)
    silent = told_of(np.zeros(n), np.full(n, 0.5))
    knowing = told_of(0.5 * rows.y, np.where(rows.y > 0, 0.75, 0.25))
    assert score(rows, silent, silent).r2 == 0.0
    assert score(rows, silent, silent).p_value is None
    found = score(rows, knowing, silent)
    assert found.r2 == pytest.approx(0.75)
    assert found.rank_ic == pytest.approx(1.0)
    assert found.brier_skill == pytest.approx(0.75)
    assert found.right == 1.0
    assert found.coverage == pytest.approx(np.mean(np.abs(0.5 * rows.y) <= 0.1))


def test_the_distance_is_to_the_best_rival_of_each_score(case):
    rows, n = case.judged, len(case.judged)
    silent = told_of(np.zeros(n), np.full(n, 0.5))
    knowing = told_of(0.5 * rows.y, np.full(n, 0.5))
    sure = told_of(-0.1 * rows.y, np.where(rows.y > 0, 0.75, 0.25))
    found = {
        each.score: each for each in distances(rows, silent, {NAIVE: silent, "knows": knowing, "sure": sure})
    }
    assert (found["R2"].rival, found["rank IC"].rival, found["Brier skill"].rival) == (
        "knows",
        "knows",
        "sure",
    )
    assert found["R2"].mean == pytest.approx(-0.75)
    assert found["rank IC"].mean == pytest.approx(-1.0)
    assert found["Brier skill"].mean == pytest.approx(-0.75)
    assert all(each.low <= each.mean <= each.high < 0 for each in found.values())


def test_the_error_of_a_share_counts_labels_that_do_not_overlap(case):
    rows = case.judged
    conf = np.linspace(0.5, 0.6, len(rows))
    found = reliability(rows, np.ones(len(rows)), conf, bins=2)
    assert [part.rows for part in found] == [len(rows) // 2, len(rows) - len(rows) // 2]
    for part in found:
        # Two symbols, a row a day, labels of seven days.
        assert part.labels == pytest.approx(part.rows / 14, abs=1)
        assert part.standard_error == pytest.approx(np.sqrt(0.25 / part.labels), rel=0.05)
    assert sum(part.right * part.rows for part in found) == pytest.approx(np.sum(rows.y > 0))


def test_few_labels_allow_two_standard_errors_and_many_two_points(case):
    rows, n = case.judged, len(case.judged)
    silent = told_of(np.zeros(n), np.full(n, 0.5))
    few = score(rows, silent, silent)
    assert quality._coverage(few)[2] == pytest.approx(200 * np.sqrt(0.09 / few.labels))
    assert quality._coverage(replace(few, labels=500))[2] == 2.0


def test_rows_are_read_as_they_were_written(tmp_path):
    rows = Rows(
        ("f",), ("A",), 10, 1, np.arange(4) * 10, np.arange(4) * 10 + 10, np.zeros(4, np.int64),
        np.ones((4, 1)), np.arange(4.0), (Fold(20, np.array([0]), np.array([2, 3])),),
        {"A": Market(np.arange(5) * 10, np.arange(1.0, 6.0))},
    )  # fmt: skip
    write_rows(tmp_path / "rows.npz", rows)
    found = read_rows(tmp_path / "rows.npz")
    assert (found.feature_names, found.symbols, found.bars, found.step_ms) == (("f",), ("A",), 1, 10)
    np.testing.assert_array_equal(found.y, [0, np.nan, np.nan, np.nan])
    np.testing.assert_array_equal(found.markets["A"].close, [1, 2, 3, 4, 5])


@pytest.mark.parametrize("recipe", quality.RECIPES)
@pytest.mark.parametrize("name", ["1m", "1h", "1d", "7d", "30d"])
def test_every_recipe_is_one_that_a_horizon_can_have(name, recipe):
    horizon = load_horizons()[name]
    type(horizon)(**{**horizon.model_dump(), **quality.RECIPES[recipe]})
