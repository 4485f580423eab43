"""Prices that leap and come back."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from forecasting.candles import PRICE_COLUMNS, Candles
from forecasting.quality.spikes import in_local_sigmas, local_sigmas, spike_distances
from tests.forecasting.quality.market import line_of, walk

RATIO = np.log(np.sqrt(10))


def flagged(candles: Candles) -> list[int]:
    return np.flatnonzero(spike_distances(line_of(candles)) > RATIO).tolist()


@pytest.mark.parametrize("row", [0, 1, 2, 30, 57, 58, 59])
@pytest.mark.parametrize("name", PRICE_COLUMNS)
@pytest.mark.parametrize("factor", [10, 0.1])
def test_one_wrong_price_names_its_row_and_no_other(row: int, name: str, factor: float) -> None:
    candles = walk()
    getattr(candles, name)[row] *= factor
    assert flagged(candles) == [row]


def test_a_burst_of_three_wrong_rows_cannot_hide_itself() -> None:
    candles = walk()
    for name in PRICE_COLUMNS:
        getattr(candles, name)[20:23] *= 10
    assert flagged(candles) == [20, 21, 22]


def test_a_market_that_multiplies_for_good_is_no_spike() -> None:
    candles = walk()
    for name in PRICE_COLUMNS:
        getattr(candles, name)[30:] *= 1000
    assert flagged(candles) == []


def test_the_distance_is_from_the_nearer_level() -> None:
    candles = walk()
    for name in PRICE_COLUMNS:
        getattr(candles, name)[:] = 100.0
        getattr(candles, name)[31:] = 200.0
    candles.high[30] = 800.0
    assert spike_distances(line_of(candles))[30] == pytest.approx(np.log(4))


def test_impossible_prices_are_no_spikes_of_their_own_or_of_others() -> None:
    candles = walk()
    candles.close[10], candles.low[11], candles.high[12], candles.open[13] = np.nan, 0, np.inf, -1
    assert flagged(candles) == []


def test_a_missing_value_does_not_hide_the_wrong_price_beside_it() -> None:
    candles = walk()
    candles.high[30], candles.low[30] = candles.high[30] * 10, np.nan
    assert flagged(candles) == [30]


def test_a_context_is_the_level_of_the_first_row() -> None:
    whole = walk()
    rows = whole.take(slice(59, 60))
    for name in PRICE_COLUMNS:
        getattr(rows, name)[:] = getattr(whole, name)[59:60] * 10
    found = spike_distances(line_of(rows, whole.take(slice(0, 59))))
    assert np.flatnonzero(found > RATIO).tolist() == [59]


@given(st.floats(1e-3, 1e3))
def test_the_unit_of_prices_does_not_matter(unit: float) -> None:
    candles, scaled = walk(), walk()
    for name in PRICE_COLUMNS:
        getattr(scaled, name)[:] *= unit
    left, right = line_of(candles), line_of(scaled)
    assert spike_distances(right) == pytest.approx(spike_distances(left), abs=1e-9)
    assert local_sigmas(right) == pytest.approx(local_sigmas(left), rel=1e-6)


@pytest.mark.parametrize("row", [0, 59])
def test_news_in_the_newest_row_are_no_spike_in_sigmas(row: int) -> None:
    candles = walk()
    candles.high[row] *= 3
    line = line_of(candles)
    distances = spike_distances(line)
    assert distances[row] > 1
    assert in_local_sigmas(line, distances)[row] == 0


def test_a_price_that_came_back_in_the_next_row_is_a_spike_in_sigmas() -> None:
    candles = walk()
    candles.high[58] *= 3
    line = line_of(candles)
    assert in_local_sigmas(line, spike_distances(line))[58] > 50


def test_local_sigma_is_that_of_a_normal_walk() -> None:
    candles = walk(5000)
    assert np.median(local_sigmas(line_of(candles))) == pytest.approx(0.01, rel=0.1)


def test_a_spike_does_not_raise_the_bar_for_itself() -> None:
    candles = walk(200)
    before = local_sigmas(line_of(candles))[100]
    candles.close[100] *= 10
    assert local_sigmas(line_of(candles))[100] < 1.3 * before


def test_a_market_that_stands_still_has_a_sigma() -> None:
    candles = walk(50)
    candles.close[:] = 7.0
    assert (local_sigmas(line_of(candles)) > 0).all()
