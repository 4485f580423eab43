"""The overlap study on real daily candles of BTC, ETH and XMR: the ranges that docs/overlap.md speaks of."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from forecasting.adapters.daily_candles import daily_of_folder
from forecasting.horizons import load_horizons
from forecasting.studies.overlap import study_overlap

pytestmark = pytest.mark.real_data

PROJECT = Path(__file__).parents[3]
HORIZON = load_horizons()["7d"]


@pytest.fixture(scope="module")
def candles():
    data = Path(os.environ.get("FORETICK_TEST_DATA", PROJECT / ".." / "shared" / "data"))
    if not data.is_dir():
        pytest.skip(f"the market data folder {data} is absent: name one in FORETICK_TEST_DATA")
    return daily_of_folder(data / "candles" / "day-yahoo-2014-2023")


def test_the_flattering_figure_is_80_to_100_percent_and_the_honest_one_is_near_a_coin(candles) -> None:
    found = study_overlap(candles, HORIZON, asks=0)
    assert found.symbols == ("BTC/USD", "ETH/USD", "XMR/USD")
    assert len(found.windows) == 11
    assert all(0.80 <= each.overlapping <= 1.0 for each in found.windows)
    assert all(each.purged < 0.75 for each in found.windows)
    assert 0.45 <= found.honest.mean <= 0.60
    assert found.honest.mean < sum(each.majority for each in found.windows) / 11


def test_the_gate_refuses_50_of_50_overlapping_models(candles) -> None:
    asked = study_overlap(candles, HORIZON, trees=60).asked
    assert (asked.times, asked.refused, asked.refused_disguised) == (50, 50, 50)
    assert asked.unmet["leak certificate"] == 50
    assert asked.unmet_disguised["believable correlation"] == 50
