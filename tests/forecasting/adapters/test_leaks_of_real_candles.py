"""The features on candles of real exchanges, with their real outages: clean; with a planted leak: named."""

import os
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from forecasting.adapters.files import read_candles_folder
from forecasting.features.own import OwnFeatures, feature
from forecasting.features.specification import feature_spec
from forecasting.horizons import load_horizons
from forecasting.leakage.certification import certify
from forecasting.leakage.market import Market
from forecasting.leakage.specified import specified_features
from forecasting.quality.settling import settle

pytestmark = pytest.mark.real_data

PROJECT = Path(__file__).parents[3]


@pytest.fixture(scope="module")
def data() -> Path:
    folder = Path(os.environ.get("FORETICK_TEST_DATA", PROJECT / ".." / "shared" / "data"))
    if not folder.is_dir():
        pytest.skip(f"the market data folder {folder} is absent: name one in FORETICK_TEST_DATA")
    return folder / "candles"


def market(folder: Path, *symbols: str) -> Market:
    reports = [each for each in read_candles_folder(folder) if each.symbol in symbols]
    return Market({each.symbol: settle(each.rows, "first").rows.to_candles() for each in reports})


@pytest.mark.parametrize(
    ("folder", "horizon", "symbols"),
    [
        ("hour-2020-2025", "1h", ("BTC/USDT", "XMR/USD")),
        ("minute-outage-2021", "1m", ("BTC/USDT", "ETH/USDT")),
        ("day-2020-2025", "7d", ("BTC/USDT", "ETH/USDT", "SOL/USDT")),
    ],
)
def test_every_feature_of_a_horizon_is_clean_on_real_candles(data, folder, horizon, symbols):
    chosen = load_horizons()[horizon]
    spec = replace(feature_spec(chosen, symbols), feature_sets=("base", "extended"))
    found = certify(
        specified_features(spec, symbols), market(data / folder, *symbols), look_ahead_ms=chosen.look_ahead_ms
    )
    assert found.reasons == ()
    assert found.symbols == tuple(sorted(symbols))


def test_gaps_filled_backwards_are_named_on_the_real_outages_of_five_years(data):
    def filled(bars):
        known = np.r_[np.nan, np.where(np.diff(bars.bar) == 1, bars.close[1:] / bars.close[:-1] - 1, np.nan)]
        later = np.minimum.accumulate(np.where(np.isfinite(known), np.arange(len(known)), len(known))[::-1])[
            ::-1
        ]
        return np.append(known, np.nan)[later]

    chosen, symbols = load_horizons()["1h"], ("BTC/USDT",)
    own = OwnFeatures("0" * 64, (feature(unit="fraction", formula="bfill", bars=2)(filled),))
    found = certify(
        specified_features(replace(feature_spec(chosen, symbols), own=own), symbols),
        market(data / "hour-2020-2025", *symbols),
        look_ahead_ms=chosen.look_ahead_ms,
    )
    assert {leak.feature for leak in found.leaks} == {"filled"}
    assert {leak.check for leak in found.leaks} >= {"truncation", "poison"}
