"""Days of a window: what is trained on is known before the first scored day."""

from __future__ import annotations

import numpy as np
import pytest

from forecasting.dataset import Dataset
from forecasting.errors import NotEnoughHistory
from forecasting.events import Events
from forecasting.features.specification import feature_spec
from forecasting.horizons import load_horizons
from forecasting.studies.overlap_windows import consecutive_windows, source_rows, spread_windows
from forecasting.studies.source_model import source_horizon
from forecasting.types import DAY_MS
from tests.forecasting.studies.market import SYMBOLS, daily_walks

HORIZON = source_horizon(load_horizons()["7d"])
EVENTS = feature_spec(HORIZON, SYMBOLS).event_names


@pytest.fixture(scope="module")
def rows() -> Dataset:
    return source_rows(daily_walks(600), HORIZON)


def test_what_is_made_of_prices_is_known_on_every_row(rows: Dataset) -> None:
    known = np.isfinite(rows.X).all(axis=0)
    assert [name for name, there in zip(rows.feature_names, known, strict=True) if not there] == list(EVENTS)


def test_events_fill_their_columns() -> None:
    walks = daily_walks(600)
    days = walks["BTC/USD"].open_time_ms
    events = Events(
        days[::2] + 1, np.zeros(300, np.int64), np.zeros(300, np.bool_), int(days[0]), int(days[-1]) + DAY_MS
    )
    told = source_rows(walks, HORIZON, dict.fromkeys(walks, events))
    assert np.isfinite(told.X).all()


def test_no_label_that_is_trained_on_reaches_a_scored_day(rows: Dataset) -> None:
    for window in spread_windows(rows, 20):
        assert rows.label_end_ms[window.known].max() <= rows.as_of_ms[window.scored].min()


def test_the_scored_days_are_the_last_57_of_169(rows: Dataset) -> None:
    for window in consecutive_windows(rows):
        assert len(np.unique(rows.as_of_ms[window.whole])) == 169
        assert np.array_equal(window.scored, window.whole[-57 * 3 :])


def test_spread_windows_reach_from_the_first_to_the_last_day(rows: Dataset) -> None:
    windows = spread_windows(rows, 5)
    assert windows[0].whole[0] == 0
    assert windows[-1].whole[-1] == len(rows) - 1


def test_a_window_that_an_outage_emptied_is_left_out(rows: Dataset) -> None:
    first = rows.as_of_ms[0]
    outage = (rows.as_of_ms >= first + 290 * DAY_MS) & (rows.as_of_ms < first + 335 * DAY_MS)
    assert len(consecutive_windows(rows)) == 3
    assert len(consecutive_windows(rows.take(~outage))) == 3
    outage = (rows.as_of_ms >= first + 270 * DAY_MS) & (rows.as_of_ms < first + 335 * DAY_MS)
    assert len(consecutive_windows(rows.take(~outage))) == 2


def test_a_history_of_outages_is_told(rows: Dataset) -> None:
    ends = rows.take(np.r_[0:3, len(rows) - 3 : len(rows)])
    with pytest.raises(NotEnoughHistory, match="outages leave none of 3 windows"):
        consecutive_windows(ends)
