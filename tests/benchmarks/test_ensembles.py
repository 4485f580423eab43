"""The windows on which ways to weigh are compared leave the rows alone that are kept for final tables."""

from itertools import pairwise

import pytest

from benchmarks import ensembles
from forecasting.adapters.simulator import simulate_market
from forecasting.candles import resample
from forecasting.horizons import load_horizons
from forecasting.types import DAY_MS


@pytest.fixture(scope="module")
def days():
    candles = simulate_market(3, hours=3 * 8766, symbols=("AAA/SIM",)).candles["AAA/SIM"]
    return {"AAA/SIM": resample(candles, "1d")}


@pytest.fixture
def windows(days, monkeypatch):
    monkeypatch.setattr(ensembles.Window, "of", lambda *parts: parts[-1])
    return lambda step_days: list(ensembles._windows(days, load_horizons()["1d"], step_days))


def test_no_window_reaches_into_the_last_fifth_of_the_series(windows, days):
    close_ms = next(iter(days.values())).close_time_ms
    found = windows(30)
    assert max(rows.label_end_ms.max() for rows in found) <= close_ms[0] + 0.81 * (close_ms[-1] - close_ms[0])
    assert len(found) > 1


def test_windows_are_two_years_long_and_a_step_apart(windows):
    ends = [int(rows.label_end_ms.max()) for rows in windows(30)]
    # A bar that lacks an hour is left out, so an end may lie a day or two before the step's.
    assert {round((later - earlier) / (30 * DAY_MS), 0) for earlier, later in pairwise(ends)} == {1.0}


def test_a_step_as_long_as_a_window_takes_the_newest_rows_whole(windows, days):
    (rows,) = windows(730)
    assert rows.label_end_ms.max() == next(iter(days.values())).close_time_ms[-1]
