from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from forecasting.events import Events, validate_events
from forecasting.features.market import MarketData
from forecasting.features.specification import FeatureSpec
from forecasting.features.table import feature_table, latest_features
from forecasting.types import DAY_MS, HOUR_MS
from tests.forecasting.features.markets import same_bits, walk

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
    values = feature_table(MarketData(CANDLES, events), SPEC).values[-1]
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
    table = feature_table(MarketData(CANDLES, events_of(20 * DAY_MS, 5 * DAY_MS, source=[3, 3])), SPEC)
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


def with_hole(events, begins_ago_ms, ends_ago_ms):
    return replace(events, holes_ms=np.array([[NOW - begins_ago_ms, NOW - ends_ago_ms]]))


def test_a_window_that_touches_a_hole_is_missing_and_a_shorter_one_is_counted():
    row = features(with_hole(events_of(5 * DAY_MS, 10), 4 * DAY_MS, 3 * DAY_MS))
    assert [row["events_1d"], row["events_3d"]] == [1, 1]
    assert np.isnan([row["events_7d"], row["event_sources_7d"], row["ai_event_share_7d"]]).all()


def test_a_hole_of_a_millisecond_is_not_bridged():
    assert np.isnan(features(with_hole(events_of(10), DAY_MS, DAY_MS - 1))["events_1d"])
    assert features(with_hole(events_of(10), DAY_MS + 1, DAY_MS))["events_1d"] == 1


def test_a_moment_in_a_hole_knows_nothing():
    row = features(with_hole(events_of(2 * DAY_MS), DAY_MS, -10))
    assert np.isnan([row[name] for name in SPEC.event_names]).all()


def test_an_event_before_a_hole_is_not_taken_for_the_last_one():
    assert np.isnan(features(with_hole(events_of(3 * DAY_MS), 2 * DAY_MS, DAY_MS))["hours_since_event"])
    assert features(with_hole(events_of(DAY_MS), 3 * DAY_MS, DAY_MS))["hours_since_event"] == 24


def test_rows_after_a_hole_are_those_of_the_span_they_lie_in():
    events = events_of(40 * DAY_MS, 30 * DAY_MS, 12 * DAY_MS, 3 * DAY_MS, 10)
    hole = NOW - np.array([[25, 20]]) * DAY_MS
    table = feature_table(MarketData(CANDLES, replace(events, holes_ms=hole)), SPEC)
    before = feature_table(MarketData(CANDLES, replace(events, covered_until_ms=int(hole[0, 0]))), SPEC)
    after = feature_table(MarketData(CANDLES, replace(events, covered_from_ms=int(hole[0, 1]))), SPEC)
    split = np.searchsorted(table.as_of_ms, hole[0, 0], side="right")
    assert same_bits(table.values[:split], before.values[:split])
    count = SPEC.names.index("hours_since_event")
    assert same_bits(table.values[split:, :count], after.values[split:, :count])
    assert np.isnan(table.values[split : split + 5, count]).all()


@settings(max_examples=30, deadline=None)
@given(st.lists(st.integers(1, 50 * 24), min_size=2, max_size=8, unique=True), st.integers(0, 99))
def test_each_row_is_that_of_the_span_it_lies_in(hours, seed):
    edges = NOW - 50 * DAY_MS + np.sort(hours[: len(hours) // 2 * 2]).reshape(-1, 2) * HOUR_MS
    rng = np.random.default_rng(seed)
    whole = Events(
        np.sort(rng.integers(NOW - 50 * DAY_MS, NOW, 80)),
        rng.integers(0, 5, 80),
        rng.random(80) < 0.3,
        NOW - 50 * DAY_MS,
        NOW,
    )
    outside = (
        (whole.timestamp_ms[:, None] <= edges[:, 0]) | (whole.timestamp_ms[:, None] >= edges[:, 1])
    ).all(1)
    holed = validate_events(replace(chosen(whole, outside), holes_ms=edges))
    values = feature_table(MarketData(CANDLES, holed), SPEC).values
    for begins, ends in np.array([whole.covered_from_ms, *edges.ravel(), NOW]).reshape(-1, 2):
        inside = (holed.timestamp_ms >= begins) & (holed.timestamp_ms <= ends)
        alone = replace(
            chosen(holed, inside),
            covered_from_ms=begins,
            covered_until_ms=ends,
            holes_ms=np.empty((0, 2), int),
        )
        rows = (CANDLES.close_time_ms > begins) & (CANDLES.close_time_ms <= ends)
        assert same_bits(values[rows], feature_table(MarketData(CANDLES, alone), SPEC).values[rows])


def chosen(events, rows):
    return replace(
        events,
        timestamp_ms=events.timestamp_ms[rows],
        source=events.source[rows],
        ai_related=events.ai_related[rows],
    )


def test_an_event_at_the_moment_changes_no_bit_of_the_batch_row_nor_of_the_latest_row():
    without, with_some = events_of(DAY_MS, 7), events_of(DAY_MS, 7, 0, 0, source=[0, 0, 2, 2])
    expected = feature_table(MarketData(CANDLES, without), SPEC).values[-1]
    assert same_bits(feature_table(MarketData(CANDLES, with_some), SPEC).values[-1], expected)
    assert same_bits(latest_features(MarketData(CANDLES, with_some), SPEC, NOW)[1], expected)
