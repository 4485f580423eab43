"""Changes of the unit that prices are in."""

from __future__ import annotations

import numpy as np
import pytest

from forecasting.candles import PRICE_COLUMNS, Candles
from forecasting.quality.levels import level_changes
from tests.forecasting.quality.market import line_of, walk

LIMIT = np.log(5)


def multiplied(start: int, stop: int | None = None, factor: float = 1000.0) -> Candles:
    candles = walk()
    for name in PRICE_COLUMNS:
        getattr(candles, name)[start:stop] *= factor
    return candles


def flagged(candles: Candles) -> list[int]:
    return np.flatnonzero(level_changes(line_of(candles)) > LIMIT).tolist()


@pytest.mark.parametrize("row", [2, 3, 30, 57, 58])
@pytest.mark.parametrize("factor", [1000, 0.001, 10, 0.1])
def test_the_first_row_of_the_new_unit_is_named_alone(row: int, factor: float) -> None:
    assert flagged(multiplied(row, factor=factor)) == [row]


@pytest.mark.parametrize("row", [0, 1, 30, 58, 59])
def test_one_wrong_row_is_no_change_of_the_unit(row: int) -> None:
    assert flagged(multiplied(row, row + 1)) == []


def test_two_wrong_rows_in_the_middle_are_no_change_of_the_unit() -> None:
    assert flagged(multiplied(30, 32)) == []


def test_a_crash_that_was_traded_is_no_change_of_the_unit() -> None:
    candles = multiplied(30, factor=0.001)
    candles.open[30] = candles.close[29]
    assert flagged(candles) == []


def test_the_change_is_measured() -> None:
    candles = walk()
    for name in PRICE_COLUMNS:
        getattr(candles, name)[:30], getattr(candles, name)[30:] = 1.0, 50.0
    assert level_changes(line_of(candles))[30] == pytest.approx(np.log(50))


def test_over_absent_days_prices_may_travel() -> None:
    candles = multiplied(30, factor=8)
    held = np.r_[0:30, 30 : len(candles)]
    later = candles.take(held)
    later.open_time_ms[30:] += 100 * 24 * 3_600_000
    assert flagged(candles) == [30]
    assert flagged(later) == []


@pytest.mark.parametrize("rows", range(4))
def test_too_few_rows_have_no_level(rows: int) -> None:
    assert level_changes(line_of(walk(60).take(slice(0, rows)))).tolist() == [0.0] * rows


def test_a_context_shows_the_change_at_the_first_new_row() -> None:
    whole = multiplied(50)
    line = line_of(whole.take(slice(50, 60)), whole.take(slice(0, 50)))
    assert np.flatnonzero(level_changes(line) > LIMIT).tolist() == [50]
