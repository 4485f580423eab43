"""The rule's promises on noise and drift, and how the runs of a regime are measured."""

import math

import numpy as np
import pytest

from benchmarks import regimes as benchmark
from forecasting.features.regime import Regime
from forecasting.types import HOUR_MS

UP, DOWN, CHOP = Regime.UPTREND, Regime.DOWNTREND, Regime.CHOP


@pytest.fixture
def fewer_bars(monkeypatch):
    monkeypatch.setattr(benchmark, "BARS", 100_000)


def values(figures):
    return {figure.name: figure.value for figure in figures}


@pytest.mark.usefixtures("fewer_bars")
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_noise_is_called_a_trend_in_one_window_of_five_at_most(seed):
    sizes = values(benchmark.size_figures(seed))
    # 100,000 windows of 30 bars are 3,333 independent ones: a standard error of 0.7 points.
    for noise in benchmark.NOISES:
        assert sizes[f"{noise}: called a trend"] < 22.5
        assert sizes[f"{noise}: called an uptrend"] == pytest.approx(
            sizes[f"{noise}: called a trend"] / 2, abs=1.6
        )
    assert sizes["normal noise: called a trend"] == pytest.approx(20.0, abs=2.5)


@pytest.mark.usefixtures("fewer_bars")
def test_a_stronger_drift_is_found_more_often_and_hardly_ever_taken_for_a_fall():
    found = values(benchmark.power_figures())
    for noise in ("normal noise", "GARCH-t noise"):
        ups = [
            found[f"{noise}, drift of {drift} deviations a bar: called an uptrend"]
            for drift in benchmark.DRIFTS
        ]
        downs = [
            found[f"{noise}, drift of {drift} deviations a bar: called a downtrend"]
            for drift in benchmark.DRIFTS
        ]
        assert ups == sorted(ups)
        assert downs == sorted(downs, reverse=True)
        assert ups[-1] > 90.0
        assert downs[2] < 1.0


@pytest.mark.parametrize("name", benchmark.NOISES)
def test_the_noises_have_no_drift_and_a_deviation_of_about_one(name):
    returns = benchmark.NOISES[name](np.random.default_rng(4), 100_000)
    assert len(returns) == 100_000
    assert abs(returns.mean()) < 0.02
    assert returns.std() == pytest.approx(1.0, abs=0.15)


def test_runs_are_measured_within_each_series():
    series = [[UP, UP, CHOP, UP], [UP, CHOP, CHOP]]
    assert benchmark.mean_bars(series, UP) == pytest.approx(4 / 3)
    assert benchmark.mean_bars(series, CHOP) == 1.5
    assert math.isnan(benchmark.mean_bars(series, DOWN))


def test_a_folder_of_files_is_told_by_regime(tmp_path):
    returns = 100 * np.random.default_rng(5).standard_normal(300)
    for name in ("AAA", "BBB"):
        table = benchmark.priced(returns).to_frame().rename(columns={"open_time_ms": "timestamp"})
        table["timestamp"] += 450_000 * HOUR_MS
        table.to_csv(tmp_path / f"{name}_USDT-1h.csv", index=False)
    told = values(benchmark.file_figures(tmp_path))
    assert told[f"{tmp_path.name}: windows"] == 2 * 271
    shares = [told[f"{tmp_path.name}: {regime.value}"] for regime in (UP, DOWN, CHOP)]
    assert sum(shares) == pytest.approx(100.0)
    assert f"{tmp_path.name}: unknown" not in told
