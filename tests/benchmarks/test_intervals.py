"""The measurements of intervals: what they demand, on few paths and on a folder of made-up candles."""

import numpy as np
import pytest

from benchmarks import intervals as benchmark
from benchmarks.interval_market import garch_returns, trial
from benchmarks.real_intervals import HORIZONS
from benchmarks.real_series import data_folder
from forecasting.types import DAY_MS


def values(figures):
    return {figure.name: figure.value for figure in figures}


def test_one_bar_intervals_hold_through_a_shock_that_breaks_the_others():
    figures = benchmark.simulated(1, paths=10)
    told = values(figures)
    assert all(figure.met for figure in figures)
    assert told["1 bars, static: after the shock"] < 60
    assert told["1 bars, plain ACI: after the shock"] < told["1 bars, ours: after the shock"] - 3


def test_intervals_of_overlapping_labels_hold_through_a_shock():
    told = values(benchmark.simulated(24, paths=20))
    # Twenty paths: standard errors of 0.4 and 0.9 points.
    assert told["24 bars, ours: steady"] == pytest.approx(90, abs=2)
    assert told["24 bars, ours: after the shock"] > 86


@pytest.mark.parametrize("look_ahead", [1, 24])
def test_a_trial_judges_steady_labels_before_the_shock_and_five_hundred_rows_after_it(look_ahead):
    case = trial(np.random.default_rng(1), look_ahead)
    rows = case.rows
    assert case.steady.sum() == 2000
    assert case.shaken.sum() == 500
    assert rows.label_end_ms[case.steady].max() <= rows.as_of_ms[case.shaken].min()
    ratio = np.std(rows.y[case.shaken]) / np.std(rows.y[case.steady])
    assert 2.0 < ratio < 5.0


def test_the_simulated_returns_have_a_deviation_of_about_one():
    returns = garch_returns(np.random.default_rng(2), 100_000)
    assert abs(returns.mean()) < 0.02
    assert returns.std() == pytest.approx(1.0, abs=0.1)


def test_a_folder_of_candles_is_told_by_horizon_and_symbol(tmp_path):
    rng = np.random.default_rng(3)
    for name in ("AAA", "BBB"):
        close = 100 * np.exp(np.cumsum(0.02 * garch_returns(rng, 900)))
        times = 1_600_000_000_000 // DAY_MS * DAY_MS + DAY_MS * np.arange(900)
        lines = [
            f"{time},{price},{price},{price},{price},1.0" for time, price in zip(times, close, strict=True)
        ]
        header = "timestamp,open,high,low,close,volume"
        (tmp_path / f"{name}_USDT-1d.csv").write_text("\n".join([header, *lines]))
    figures = benchmark.measured("1d", tmp_path)
    told = values(figures)
    assert all(figure.met for figure in figures)
    # The first fit has a year, the intervals 30 labels of two symbols.
    assert 450 < told["1d: labels that do not overlap"] < 510
    assert told["1d: 80 % interval"] == pytest.approx(80, abs=4)
    assert told["1d AAA/USDT: 90 % interval"] == pytest.approx(90, abs=3)


@pytest.mark.real_data
@pytest.mark.parametrize("name", [name for name, each in HORIZONS.items() if each.base_interval == "1d"])
def test_the_intervals_of_real_days_hold_what_they_say(name):
    folder = data_folder() / "candles" / "day-2020-2025"
    if not folder.is_dir():
        pytest.skip(f"the market data folder {folder} is absent: name one in FORETICK_TEST_DATA")
    figures = benchmark.measured(name, folder)
    assert all(figure.met for figure in figures)
