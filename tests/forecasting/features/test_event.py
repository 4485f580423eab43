from dataclasses import replace

import numpy as np
import pytest

from forecasting.events import Events
from forecasting.features.specification import FeatureSpec
from forecasting.features.table import feature_table
from forecasting.types import DAY_MS
from tests.forecasting.features.markets import walk

SPEC = FeatureSpec("1d", (), (1, 3, 7, 14, 30))
CANDLES = walk(np.ones(60, dtype=bool), 1, "1d")
NOW = int(CANDLES.close_time_ms[-1])


def events_of(*ages_ms, source=None, ai=None):
    """Events so many milliseconds before NOW, oldest first; covered over all candles."""
    count = len(ages_ms)
    return Events(
        NOW - np.array(ages_ms, dtype=np.int64),
        np.array(source or [0] * count, dtype=np.int64),
        np.array(ai or [False] * count, dtype=bool),
        0,
        NOW + DAY_MS,
    )


def features(events):
    values = feature_table(CANDLES, events, SPEC).values[-1]
    return dict(zip(SPEC.names, values, strict=True))


def test_events_are_counted_over_one_three_and_seven_candles():
    row = features(events_of(6 * DAY_MS, 2 * DAY_MS, 2 * DAY_MS, 10))
    assert [row["events_1d"], row["events_3d"], row["events_7d"]] == [1, 3, 4]


def test_an_event_at_the_moment_itself_is_not_known_yet():
    row = features(events_of(1, 0))
    assert row["events_1d"] == 1
    assert row["hours_since_event"] == pytest.approx(1 / 3_600_000)


@pytest.mark.parametrize("days", [1, 3, 7])
def test_a_window_includes_its_first_millisecond_and_nothing_older(days):
    assert features(events_of(days * DAY_MS))[f"events_{days}d"] == 1
    assert features(events_of(days * DAY_MS + 1))[f"events_{days}d"] == 0


def test_a_covered_window_without_events_counts_zero():
    row = features(events_of())
    assert [row["events_1d"], row["events_7d"], row["event_sources_7d"]] == [0, 0, 0]


def test_without_events_in_the_window_there_is_no_ai_share():
    assert np.isnan(features(events_of(8 * DAY_MS))["ai_event_share_7d"])


def test_the_ai_share_is_taken_over_seven_candles():
    row = features(events_of(8 * DAY_MS, 6 * DAY_MS, 5, 4, 3, ai=[True, True, False, False, False]))
    assert row["ai_event_share_7d"] == 0.25


def test_publishers_are_counted_once():
    row = features(events_of(9 * DAY_MS, 6 * DAY_MS, 5, 4, 3, source=[4, -8, 70, 70, -8]))
    assert row["event_sources_7d"] == 2


def test_a_publisher_that_left_the_window_and_came_back_counts_again():
    table = feature_table(CANDLES, events_of(20 * DAY_MS, 5 * DAY_MS, source=[3, 3]), SPEC)
    sources = table.values[:, SPEC.names.index("event_sources_7d")]
    np.testing.assert_array_equal(sources[[-21, -14, -13, -6, -1]], [0, 1, 0, 0, 1])


def test_hours_count_from_the_last_event():
    assert features(events_of(9 * DAY_MS, 3 * DAY_MS))["hours_since_event"] == 72.0


def test_an_event_beyond_the_declared_history_is_out_of_sight():
    assert features(events_of(SPEC.history_ms))["hours_since_event"] == 24 * SPEC.history_bars
    assert np.isnan(features(events_of(SPEC.history_ms + 1))["hours_since_event"])


def test_nobody_collected_events_so_all_columns_are_missing():
    row = features(None)
    assert np.isnan([row[name] for name in SPEC.event_names]).all()


def test_a_window_that_begins_before_the_coverage_is_missing_not_zero():
    row = features(replace(events_of(5), covered_from_ms=NOW - 7 * DAY_MS + 1))
    assert [row["events_1d"], row["events_3d"]] == [1, 1]
    assert np.isnan([row["events_7d"], row["event_sources_7d"], row["ai_event_share_7d"]]).all()
    assert np.isfinite(row["hours_since_event"])


def test_a_window_that_begins_with_the_coverage_is_counted():
    assert features(replace(events_of(5), covered_from_ms=NOW - 7 * DAY_MS))["events_7d"] == 1


def test_a_moment_after_the_coverage_knows_nothing():
    row = features(replace(events_of(5), covered_until_ms=NOW - 1))
    assert np.isnan([row[name] for name in SPEC.event_names]).all()


def test_the_moment_at_which_the_coverage_ends_is_covered():
    assert features(replace(events_of(5), covered_until_ms=NOW))["events_7d"] == 1
