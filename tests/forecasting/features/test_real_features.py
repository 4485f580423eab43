"""All sets on real candles, around real outages, against the slow clear versions."""

import os
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from forecasting.adapters.files import read_candles_folder
from forecasting.features.definitions.higher import higher_intervals
from forecasting.features.market import markets_of
from forecasting.features.specification import FeatureSpec
from forecasting.features.table import feature_table, latest_features
from forecasting.quality.settling import settle
from forecasting.types import DAY_MS, HOUR_MS, parse_utc
from tests.oracles.pandas_extended import pandas_extended, pandas_higher
from tests.oracles.pandas_features import pandas_features

pytestmark = pytest.mark.real_data

PROJECT = Path(__file__).parents[3]
OUTAGE_MS = parse_utc("2021-09-29T07:00:00Z")


@pytest.fixture(scope="module")
def data():
    folder = Path(os.environ.get("FORETICK_TEST_DATA", PROJECT / ".." / "shared" / "data"))
    if not folder.is_dir():
        pytest.skip(f"the market data folder {folder} is absent: name one in FORETICK_TEST_DATA")
    return folder / "candles"


def candles_of(folder, start_ms, stop_ms):
    found = {
        each.symbol: settle(each.rows, "first").rows.to_candles() for each in read_candles_folder(folder)
    }
    return {symbol: candles.between(start_ms, stop_ms) for symbol, candles in found.items()}


@pytest.mark.parametrize(
    ("folder", "interval", "sets", "bounds_ms"),
    [
        (
            "minute-outage-2021",
            "1m",
            ("base", "extended"),
            (OUTAGE_MS - 6 * HOUR_MS, OUTAGE_MS + 8 * HOUR_MS),
        ),
        (
            "hour-2020-2025",
            "1h",
            ("base", "extended", "higher"),
            (parse_utc("2021-03-20"), parse_utc("2021-03-20") + 50 * DAY_MS),
        ),
    ],
)
def test_every_column_equals_the_plain_pandas_version(data, folder, interval, sets, bounds_ms):
    markets = markets_of(candles_of(data / folder, *bounds_ms))
    spec = FeatureSpec(interval, tuple(sorted(markets)), (1, 3, 7, 14, 30), sets)
    market = markets["ETH/USDT"]
    expected = pandas_features(market.candles, None, replace(spec, feature_sets=("base",)))
    expected = expected.join(pandas_extended(market, spec))
    for longer in higher_intervals(interval) if "higher" in sets else ():
        expected = expected.join(pandas_higher(market.candles, longer))
    table = feature_table(market, spec)
    assert np.diff(market.candles.open_time_ms).max() > market.candles.interval_ms
    for name, values in zip(table.names, table.values.T, strict=True):
        np.testing.assert_allclose(values, expected[name], rtol=1e-9, atol=1e-11, err_msg=name)
    for row in np.flatnonzero(table.ready)[::41]:
        latest = latest_features(market, spec, int(table.as_of_ms[row]))[1]
        assert latest.tobytes() == table.values[row].tobytes()
