"""Candles against the real suite through the real Great Expectations."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from forecasting.adapters.expectations.candles import check_rows, check_stored
from forecasting.adapters.expectations.validation_report import ValidationReport
from forecasting.candles import CANDLE_COLUMNS, Candles, find_gaps, validate_candles
from forecasting.errors import InvalidCandles
from forecasting.quality.raw import RawCandles, SourceFile
from forecasting.types import HOUR_MS, utc_iso

PROJECT = Path(__file__).resolve().parents[4]
SUITE = PROJECT / "expectations" / "candles.json"
START_MS = 1_735_689_600_000
LATER_MS = START_MS + 10_000_000 * HOUR_MS


def hourly(rows: int, seed: int = 7) -> Candles:
    draw = np.random.default_rng(seed)
    closes = 100 * np.exp(np.cumsum(draw.normal(0, 0.005, rows)))
    opens = np.r_[100.0, closes[:-1]]
    return Candles(
        "BTC/USDT",
        "1h",
        START_MS + HOUR_MS * np.arange(rows, dtype=np.int64),
        opens,
        np.maximum(opens, closes) * 1.002,
        np.minimum(opens, closes) * 0.998,
        closes,
        draw.uniform(0, 10, rows),
    )


def validate(candles: Candles, suite: Path, now_ms: int) -> ValidationReport:
    return check_stored(candles, suite, now_ms).report


def with_value(candles: Candles, column: str, row: int, value: float) -> Candles:
    changed = getattr(candles, column).copy()
    changed[row] = value
    return replace(candles, **{column: changed})


def failed_names(report: ValidationReport) -> list[str]:
    return [check.name for check in report.checks if not check.passed]


def check_of(report: ValidationReport, name: str):
    return next(check for check in report.checks if check.name == name)


def test_whole_candles_pass_every_check_in_the_order_of_the_suite():
    report = validate(hourly(100), SUITE, LATER_MS)
    entries = [entry["meta"] for entry in json.loads(SUITE.read_text())["expectations"]]
    names = [meta["name"] for meta in entries if meta.get("when") in (None, "stored")]
    assert report.success
    assert [check.name for check in report.checks] == names
    assert failed_names(report) == []
    assert report.reason == ""


@pytest.mark.parametrize(
    ("column", "value", "check"),
    [
        ("close", np.nan, "close_not_null"),
        ("open", 0.0, "open_positive_and_finite"),
        ("high", np.inf, "high_positive_and_finite"),
        ("volume", -1.0, "volume_not_negative_and_finite"),
        ("volume", np.inf, "volume_not_negative_and_finite"),
        ("high", 50.0, "high_not_below_body"),
        ("low", 500.0, "low_not_above_body"),
    ],
)
def test_a_broken_value_stops_the_table_and_is_named_by_time_and_value(column, value, check):
    candles = with_value(hourly(50), column, 20, value)
    report = validate(candles, SUITE, LATER_MS)
    assert not report.success
    assert check in failed_names(report)
    shown = str(int(value)) if np.isfinite(value) else str(value)
    moment = utc_iso(START_MS + 20 * HOUR_MS)
    assert check_of(report, check).failing_rows[0].startswith(f"{moment} (row 20): {column} {shown}")


def test_a_candle_off_the_utc_grid_stops_the_table():
    candles = with_value(hourly(50), "open_time_ms", 49, START_MS + 49 * HOUR_MS + 30_000)
    report = validate(candles, SUITE, LATER_MS)
    assert failed_names(report) == ["open_time_on_grid"]
    assert check_of(report, "open_time_on_grid").failing_rows == (
        f"{utc_iso(START_MS + 49 * HOUR_MS + 30_000)} (row 49): off_grid_ms 30000",
    )


def test_two_candles_of_one_moment_stop_the_table():
    candles = hourly(50).take(np.array([0, 1, 2, 2, 3]))
    report = validate(candles, SUITE, LATER_MS)
    assert failed_names(report) == ["open_time_unique"]
    assert check_of(report, "open_time_unique").unexpected_count == 2


def test_newest_first_stops_the_table():
    report = validate(hourly(50).take(slice(None, None, -1)), SUITE, LATER_MS)
    assert failed_names(report) == ["open_time_increasing"]
    assert check_of(report, "open_time_increasing").unexpected_count == 49


def test_a_candle_that_closes_after_now_stops_the_table():
    report = validate(hourly(50), SUITE, now_ms=START_MS + 50 * HOUR_MS - 1)
    assert failed_names(report) == ["closed_by_now"]


def test_a_candle_that_closes_exactly_now_is_closed():
    assert validate(hourly(50), SUITE, now_ms=START_MS + 50 * HOUR_MS).success


def test_gaps_warn_and_are_counted_as_the_domain_counts_them():
    candles = hourly(100).take(np.r_[0:30, 33:60, 61:100])
    report = validate(candles, SUITE, LATER_MS)
    gaps = check_of(report, "no_gap")
    assert report.success
    assert failed_names(report) == ["no_gap"]
    assert gaps.severity == "warn"
    assert gaps.unexpected_count == len(find_gaps(candles)) == 2
    assert gaps.failing_rows[0].endswith("absent_candles_before 3")
    assert report.absent_share == pytest.approx(0.04)


@pytest.mark.parametrize(("absent", "success"), [(20, True), (21, False)])
def test_more_than_a_fifth_absent_stops_the_table(absent, success):
    report = validate(hourly(100).take(np.r_[0:10, 10 + absent : 100]), SUITE, LATER_MS)
    assert report.success is success
    assert ("few_absent_candles" in failed_names(report)) is not success


def test_no_candles_at_all_stop_the_table():
    report = validate(Candles.empty("BTC/USDT", "1h"), SUITE, LATER_MS)
    assert not report.success
    assert "at_least_one_candle" in failed_names(report)


def test_a_time_beyond_the_calendar_is_named_without_one():
    candles = with_value(hourly(3), "open_time_ms", 2, START_MS * 1_000_000)
    report = validate(candles, SUITE, LATER_MS)
    assert check_of(report, "closed_by_now").failing_rows[0].startswith("no valid time (row 2)")


def test_at_most_five_rows_are_named_and_all_are_counted():
    candles = replace(hourly(50), close=-hourly(50).close)
    check = check_of(validate(candles, SUITE, LATER_MS), "close_positive_and_finite")
    assert len(check.failing_rows) == 5
    assert check.unexpected_count == 50
    assert check.explanation.endswith("and 45 more rows")


def test_the_reason_of_a_stop_is_one_line_with_the_first_row_of_each_check():
    report = validate(with_value(hourly(50), "close", 20, np.nan), SUITE, LATER_MS)
    assert report.reason == (
        "BTC/USDT 1h: 1 failed check stops it: "
        "close_not_null (2025-01-01T20:00:00Z (row 20): close nan; 1 such rows)"
    )


def test_the_report_carries_the_fingerprint_of_the_candles():
    candles = hourly(50)
    assert validate(candles, SUITE, LATER_MS).fingerprint == candles.fingerprint()


def test_the_document_is_plain_json_and_keeps_every_fact():
    report = validate(with_value(hourly(50), "close", 20, np.nan), SUITE, LATER_MS)
    document = report.to_document()
    assert json.loads(json.dumps(document, allow_nan=False)) == document
    assert document["_id"] == f"candles|BTC/USDT 1h|{LATER_MS}|{report.fingerprint[:12]}"
    assert document["success"] is False
    assert len(document["checks"]) == len(report.checks)


def test_a_passed_check_has_nothing_to_explain():
    check = validate(hourly(5), SUITE, LATER_MS).checks[0]
    assert (check.outcome, check.explanation, check.briefly) == ("passed", "", "")


def test_the_markdown_shows_failed_checks_first():
    lines = validate(with_value(hourly(50), "close", 20, np.nan), SUITE, LATER_MS).to_markdown().splitlines()
    assert lines[0].startswith("**BTC/USDT 1h** may not be used: 50 candles")
    assert lines[4].startswith("| close_not_null | stop | 2025-01-01T20:00:00Z")
    assert all(line.endswith("|") for line in lines[2:])


FAULTS = st.sampled_from([np.nan, 0.0, -1.0, np.inf, 50.0, 200.0])


@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    faults=st.lists(st.tuples(st.sampled_from(CANDLE_COLUMNS[1:]), st.integers(0, 19), FAULTS), max_size=3),
    swapped=st.none() | st.integers(0, 18),
    shift_ms=st.sampled_from([0, 0, 0, 1, HOUR_MS // 2]),
)
def test_the_suite_stops_exactly_what_the_domain_refuses(faults, swapped, shift_ms):
    candles = hourly(20)
    for column, row, value in faults:
        candles = with_value(candles, column, row, value)
    if swapped is not None:
        order = np.arange(20)
        order[[swapped, swapped + 1]] = order[[swapped + 1, swapped]]
        candles = candles.take(order)
    candles = replace(candles, open_time_ms=candles.open_time_ms + shift_ms)
    try:
        validate_candles(candles)
        valid = True
    except InvalidCandles:
        valid = False
    assert validate(candles, SUITE, LATER_MS).success is valid


def raw_rows(candles: Candles) -> RawCandles:
    return RawCandles.of(candles, SourceFile("btc.csv", "line"))


def test_rows_that_fail_a_critical_row_check_are_all_named_by_position():
    candles = hourly(200)
    close, volume = candles.close.copy(), candles.volume.copy()
    close[10:100], volume[150] = np.nan, -1.0
    checked = check_rows(raw_rows(replace(candles, close=close, volume=volume)), SUITE, LATER_MS)
    assert {name: rows.tolist() for name, rows in checked.failing.items()} == {
        "close_not_null": list(range(10, 100)),
        "volume_not_negative_and_finite": [150],
    }
    assert checked.reason("close_not_null", 12) == "close nan (No value is missing)"


def test_a_failed_critical_table_check_takes_no_row_out():
    checked = check_rows(replace(raw_rows(hourly(100)), symbol="bitcoin"), SUITE, LATER_MS)
    assert checked.failing == {}
    assert [(check.name, check.scope) for check in checked.report.failed("stop")] == [
        ("symbol_known", "table")
    ]


def test_a_delivery_may_have_gaps_that_stop_what_is_stored():
    candles = hourly(100).take(np.r_[0:10, 60:100])
    assert check_rows(raw_rows(candles), SUITE, LATER_MS).report.success
    assert [check.name for check in validate(candles, SUITE, LATER_MS).failed("stop")] == [
        "few_absent_candles"
    ]


def test_what_only_looks_wrong_is_kept_out_of_a_delivery_and_only_told_of_what_is_stored():
    candles = hourly(100)
    tick = replace(candles, high=np.where(np.arange(100) == 40, candles.high * 10, candles.high))
    assert {
        name: rows.tolist() for name, rows in check_rows(raw_rows(tick), SUITE, LATER_MS).failing.items()
    } == {"no_wrong_tick": [40]}
    report = validate(tick, SUITE, LATER_MS)
    assert report.success
    assert "no_wrong_tick" in [check.name for check in report.failed("warn")]


def test_a_warning_keeps_no_row_out():
    checked = check_rows(raw_rows(hourly(50).take(np.r_[0:10, 12:50])), SUITE, LATER_MS)
    assert failed_names(checked.report) == ["no_gap"]
    assert checked.failing == {}
