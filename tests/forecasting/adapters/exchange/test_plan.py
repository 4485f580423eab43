import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from forecasting.adapters.exchange.plan import (
    NEAR_BARS,
    OVERLAP_BARS,
    Absence,
    Wanted,
    absent_runs,
    plan_download,
    without_runs,
)
from forecasting.candles import Gap
from forecasting.types import DAY_MS, HOUR_MS, parse_utc

START = parse_utc("2025-01-01")
NOW = START + 1_000 * HOUR_MS
FIRST = START + 200 * HOUR_MS
STORED = np.arange(200, 900)


def times(hours):
    return START + HOUR_MS * np.asarray(hours, dtype=np.int64)


def at(hour):
    return START + int(hour) * HOUR_MS


def plan(stored=STORED, since=FIRST, now=NOW, known=()):
    return plan_download(times(stored), "1h", since, now, known)


def of(reason, planned):
    return [span for span in planned.spans if span.reason == reason]


def run(hour, bars):
    return Gap(at(hour), bars)


def test_of_nothing_stored_everything_is_new():
    (span,) = plan(stored=[]).spans
    assert span == Wanted("new", START + 200 * HOUR_MS, NOW, (run(200, 800),))


def test_a_start_inside_a_candle_begins_with_the_next_and_an_open_candle_is_not_asked_for():
    (span,) = plan(stored=[], since=START + 1, now=NOW + HOUR_MS - 1).spans
    assert (span.start_ms, span.stop_ms) == (at(1), NOW)


def test_the_newest_stored_candles_are_asked_for_again():
    (span,) = plan().spans
    assert span == Wanted("new", at(900 - OVERLAP_BARS), NOW, (run(900, 100),))


def test_the_newest_are_looked_at_even_when_nothing_is_new():
    (span,) = plan(now=at(900)).spans
    assert (span.start_ms, span.stop_ms, span.bars) == (at(900 - OVERLAP_BARS), at(900), 0)


def test_a_clock_behind_the_store_asks_for_nothing_older():
    (span,) = plan(now=at(850)).spans
    assert (span.start_ms, span.stop_ms, span.bars) == (at(897), at(900), 0)


def test_a_short_series_is_asked_for_again_whole():
    (span,) = plan(stored=[500], since=at(500)).spans
    assert span.start_ms == at(500)


def test_absent_candles_inside_are_asked_for():
    planned = plan(stored=np.delete(STORED, [10, 11, 400]))
    assert of("gap", planned) == [
        Wanted("gap", at(210), at(212), (run(210, 2),)),
        Wanted("gap", at(600), at(601), (run(600, 1),)),
    ]
    assert planned.asked("gap") == 3


def test_gaps_that_lie_near_each_other_are_asked_for_together():
    near, far = (
        plan(stored=np.delete(STORED, [10, 11 + NEAR_BARS])),
        plan(stored=np.delete(STORED, [10, 12 + NEAR_BARS])),
    )
    assert of("gap", near) == [Wanted("gap", at(210), at(312), (run(210, 1), run(311, 1)))]
    assert len(of("gap", far)) == 2


def test_history_is_asked_for_when_it_is_wanted_from_earlier():
    assert of("history", plan(since=START)) == [Wanted("history", START, at(200), (run(0, 200),))]
    assert of("history", plan(since=at(300))) == []


def test_new_candles_come_first_and_history_last():
    planned = plan(stored=np.delete(STORED, [10]), since=START)
    assert [span.reason for span in planned.spans] == ["new", "gap", "history"]


def test_what_the_source_is_known_not_to_have_is_left_out_and_counted():
    known = [Absence(at(210), 2, NOW), Absence(START - DAY_MS, 24 + 150, NOW)]
    planned = plan(stored=np.delete(STORED, [10, 11, 400]), since=START, known=known)
    assert [span.absent for span in of("gap", planned)] == [(run(600, 1),)]
    assert of("history", planned) == [Wanted("history", at(150), at(200), (run(150, 50),))]
    assert planned.left_out == 152


def test_an_answer_of_the_first_day_is_believed_for_an_hour():
    young = Absence(at(800), 5, asked_ms=at(806))
    old = Absence(at(800), 5, asked_ms=at(805) + DAY_MS)
    assert young.is_believed(at(806), HOUR_MS)
    assert not young.is_believed(at(807), HOUR_MS)
    assert old.is_believed(NOW + 999 * DAY_MS, HOUR_MS)


hours = st.sets(st.integers(0, 60))


@given(hours, hours)
def test_taking_runs_away_is_the_difference_of_sets(wanted, taken):
    def runs(chosen):
        return absent_runs(times(sorted(set(range(61)) - chosen)), HOUR_MS, START, at(61))

    def members(gaps):
        return {(gap.start_ms - START) // HOUR_MS + bar for gap in gaps for bar in range(gap.bars)}

    rest = without_runs(runs(wanted), runs(taken), HOUR_MS)
    assert members(rest) == wanted - taken
    assert rest == sorted(rest, key=lambda gap: gap.start_ms)


@given(hours, st.lists(st.tuples(st.integers(0, 60), st.integers(1, 30))))
def test_runs_that_overlap_are_taken_away_once(wanted, taken):
    runs = absent_runs(times(sorted(set(range(61)) - wanted)), HOUR_MS, START, at(61))
    rest = without_runs(runs, [run(hour, bars) for hour, bars in taken], HOUR_MS)
    left = {(gap.start_ms - START) // HOUR_MS + bar for gap in rest for bar in range(gap.bars)}
    assert left == wanted - {hour + bar for hour, bars in taken for bar in range(bars)}


@given(hours.filter(bool), st.integers(-20, 80))
def test_everything_that_is_absent_is_asked_for_once(stored, since):
    planned = plan_download(times(sorted(stored)), "1h", at(since), at(70))
    asked = [
        gap.start_ms + bar * HOUR_MS
        for span in planned.spans
        for gap in span.absent
        for bar in range(gap.bars)
    ]
    absent = set(range(min(since, min(stored)), 70)) - stored
    assert sorted(asked) == [at(hour) for hour in sorted(absent)]
    assert all(span.start_ms <= gap.start_ms < span.stop_ms for span in planned.spans for gap in span.absent)
