"""The script that training is held against: it must be made on our rows and columns, or the times say nothing."""

import copy

import numpy as np
import pandas as pd
import pytest

from benchmarks import training
from benchmarks.peers.clock import Clock
from benchmarks.peers.training_rows import HORIZONS, in_days, pooled_rows, read_hours, split
from forecasting.candles import Candles, resample
from forecasting.features.market import MarketData
from forecasting.features.pooled import build_dataset
from forecasting.features.specification import feature_spec
from forecasting.horizons import load_horizons
from forecasting.splits import time_ordered_split
from forecasting.types import HOUR_MS

BARS = 24 * 90
START_MS = 1_600_128_000_000  # midnight
MADE = {"1h": {"rows": 9, "columns": 2, "parts": [5, 2, 2], "means": [0.5, None], "y": 0.1}}


def candles(symbol, seed):
    rng = np.random.default_rng(seed)
    close = 100 * np.exp(np.cumsum(0.01 * rng.standard_normal(BARS)))
    kept = np.ones(BARS, dtype=bool)
    kept[700:703] = False  # an outage
    times = (START_MS + HOUR_MS * np.arange(BARS))[kept]
    close = close[kept]
    return Candles(symbol, "1h", times, close, close, close, close, np.ones(len(close)))


@pytest.fixture(scope="module")
def series():
    return {name: candles(name, seed) for seed, name in enumerate(("AAA/USDT", "BBB/USDT"))}


@pytest.fixture(scope="module")
def hours(series, tmp_path_factory):
    folder = tmp_path_factory.mktemp("hours")
    for name, each in series.items():
        date = pd.to_datetime(each.open_time_ms, unit="ms", utc=True)
        table = pd.DataFrame({"date": date, "close": each.close})
        table.to_feather(folder / f"{name.replace('/', '_')}-1h.feather")
    return read_hours(folder)


@pytest.mark.parametrize("name", HORIZONS)
def test_the_script_has_our_rows_features_labels_and_parts(series, hours, name):
    horizon, (bars, periods, days, of_days) = load_horizons()[name], HORIZONS[name]
    assert (bars, periods, days) == (horizon.look_ahead_bars, horizon.periods, horizon.train_window_days)
    markets = {
        symbol: MarketData(resample(each, horizon.base_interval) if of_days else each)
        for symbol, each in series.items()
    }
    ours = build_dataset(markets, horizon, feature_spec(horizon, tuple(markets)))
    closes = {symbol: in_days(each) if of_days else each for symbol, each in hours.items()}
    theirs = pooled_rows(closes, bars, periods, pd.Timestamp(0, tz="UTC"))
    columns = theirs.drop(columns=["as_of", "label_end", "number", "y"])
    np.testing.assert_array_equal(_ms(theirs["as_of"]), ours.as_of_ms)
    np.testing.assert_array_equal(_ms(theirs["label_end"]), ours.label_end_ms)
    np.testing.assert_array_equal(theirs["number"], ours.symbol)
    np.testing.assert_allclose(theirs["y"], ours.y, rtol=1e-12)
    np.testing.assert_allclose(columns.to_numpy(dtype=float), ours.X, rtol=1e-9, atol=1e-12)
    if len(ours) > 1000:
        cut = time_ordered_split(ours.as_of_ms, ours.label_end_ms)
        assert [len(part) for part in split(theirs)] == [len(cut.train), len(cut.validation), len(cut.test)]


def _ms(times):
    return times.dt.as_unit("ms").astype("int64").to_numpy()


def test_equal_trainings_may_be_compared():
    training.demand_same(MADE, copy.deepcopy(MADE))


@pytest.mark.parametrize(
    ("fact", "other"), [("rows", 8), ("columns", 3), ("parts", [6, 1, 2]), ("means", [0.6, None]), ("y", 0.2)]
)
def test_trainings_on_other_rows_are_not_compared(fact, other):
    changed = {"1h": {**MADE["1h"], fact: other}}
    with pytest.raises(ValueError, match="1h: "):
        training.demand_same(MADE, changed)


def test_what_a_user_pays_once_is_told_and_not_counted():
    seconds = {"rows": 1.0, "imports": 5.0, "storing the candles": 7.0, "report": 2.0}
    assert training.Run(seconds, seconds, {}, None).counted(seconds) == 3.0


def test_a_step_that_runs_again_is_added_up():
    clock = Clock()
    assert clock.time("step", lambda: 3) == 3
    first = clock.wall["step"]
    clock.time("step", lambda: sum(range(10_000)))
    assert clock.wall["step"] > first
    assert clock.processor.keys() == {"step"}
