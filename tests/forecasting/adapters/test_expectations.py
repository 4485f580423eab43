"""Candles against the real suite through the real Great Expectations."""

import json
import logging
import os
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from forecasting.adapters.expectations import validate, validate_table
from forecasting.adapters.validation_report import ValidationReport
from forecasting.candles import CANDLE_COLUMNS, Candles, find_gaps, validate_candles
from forecasting.errors import InvalidCandles, UnknownInterval, UnreadableFile
from forecasting.types import HOUR_MS, utc_iso

PROJECT = Path(__file__).resolve().parents[3]
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
    names = [entry["meta"]["name"] for entry in json.loads(SUITE.read_text())["expectations"]]
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
    assert failed_names(report) == ["open_time_unique", "open_time_increasing"]
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


def test_columns_of_unequal_length_are_reported():
    candles = hourly(50)
    report = validate(replace(candles, close=candles.close[:-1]), SUITE, LATER_MS)
    assert "close_not_null" in failed_names(report)


def test_a_raw_table_without_a_column_is_stopped():
    table = hourly(50).to_frame().drop(columns="low")
    report = validate_table(table, "BTC/USDT", "1h", SUITE, LATER_MS)
    assert not report.success
    assert "columns_in_order" in failed_names(report)
    assert "does not exist" in check_of(report, "low_not_null").found


def test_a_raw_table_with_columns_in_another_order_is_stopped():
    table = hourly(50).to_frame()[["open_time_ms", "close", "open", "high", "low", "volume"]]
    assert failed_names(validate_table(table, "BTC/USDT", "1h", SUITE, LATER_MS)) == ["columns_in_order"]


def test_a_raw_table_with_a_column_twice_is_stopped():
    table = hourly(50).to_frame()
    twice = pd.concat([table, table[["close"]]], axis=1)
    assert "columns_in_order" in failed_names(validate_table(twice, "BTC/USDT", "1h", SUITE, LATER_MS))


def test_text_among_the_numbers_is_stopped():
    table = hourly(50).to_frame().astype({"close": object})
    table.loc[3, "close"] = "n/a"
    report = validate_table(table, "BTC/USDT", "1h", SUITE, LATER_MS)
    assert "close_is_a_number" in failed_names(report)


def test_times_that_are_not_epoch_milliseconds_are_stopped():
    table = hourly(50).to_frame()
    table["open_time_ms"] = pd.to_datetime(table["open_time_ms"], unit="ms", utc=True)
    report = validate_table(table, "BTC/USDT", "1h", SUITE, LATER_MS)
    assert "open_time_ms_is_a_number" in failed_names(report)


def test_a_time_beyond_the_calendar_is_named_without_one():
    candles = with_value(hourly(3), "open_time_ms", 2, START_MS * 1_000_000)
    report = validate(candles, SUITE, LATER_MS)
    assert check_of(report, "closed_by_now").failing_rows[0].startswith("no valid time (row 2)")


def test_the_rows_of_a_raw_table_are_numbered_by_position():
    table = hourly(50).to_frame().set_index(pd.Index(range(1000, 1050)))
    table.loc[1002, "close"] = -1.0
    report = validate_table(table, "BTC/USDT", "1h", SUITE, LATER_MS)
    assert "(row 2)" in check_of(report, "close_positive_and_finite").failing_rows[0]


def test_an_unknown_interval_is_an_error():
    with pytest.raises(UnknownInterval):
        validate_table(hourly(5).to_frame(), "BTC/USDT", "7h", SUITE, LATER_MS)


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


def test_raw_tables_that_differ_have_different_fingerprints():
    tables = [hourly(20, seed).to_frame() for seed in (1, 1, 2)]
    prints = [validate_table(table, "A/B", "1h", SUITE, LATER_MS).fingerprint for table in tables]
    assert prints[0] == prints[1] != prints[2]


def test_the_document_is_plain_json_and_keeps_every_fact():
    report = validate(with_value(hourly(50), "close", 20, np.nan), SUITE, LATER_MS)
    document = report.to_document()
    assert json.loads(json.dumps(document, allow_nan=False)) == document
    assert document["_id"] == f"BTC/USDT|1h|{LATER_MS}|{report.fingerprint[:12]}"
    assert document["success"] is False
    assert len(document["checks"]) == len(report.checks)


def test_a_passed_check_has_nothing_to_explain():
    check = validate(hourly(5), SUITE, LATER_MS).checks[0]
    assert (check.outcome, check.explanation, check.briefly) == ("passed", "", "")


def test_the_markdown_shows_failed_checks_first():
    lines = validate(with_value(hourly(50), "close", 20, np.nan), SUITE, LATER_MS).to_markdown().splitlines()
    assert lines[0].startswith("**BTC/USDT 1h** is stopped: 50 candles")
    assert lines[4].startswith("| close_not_null | stop | 2025-01-01T20:00:00Z")
    assert all(line.endswith("|") for line in lines[2:])


def test_a_failed_warning_does_not_stop_the_table(tmp_path):
    content = json.loads(SUITE.read_text())
    for entry in content["expectations"]:
        entry["severity"] = "info"
    lenient = tmp_path / "lenient.json"
    lenient.write_text(json.dumps(content))
    assert validate(with_value(hourly(50), "close", 20, -1.0), lenient, LATER_MS).success


def test_an_expectation_without_a_name_is_called_by_column_and_type(tmp_path):
    entry = {"type": "expect_column_values_to_not_be_null", "kwargs": {"column": "close"}}
    suite = tmp_path / "short.json"
    suite.write_text(json.dumps({"name": "short", "expectations": [entry]}))
    report = validate(hourly(5), suite, LATER_MS)
    assert [check.name for check in report.checks] == ["close.expect_column_values_to_not_be_null"]
    assert report.checks[0].severity == "stop"


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (None, "cannot be read: No such file or directory"),
        ("{", "is not a Great Expectations suite in JSON"),
        (
            '{"name": "x", "expectations": [{"type": "expect_column_values_to_be_unique", "kwargs": {}}]}',
            "cannot be used: 1 validation error for ExpectColumnValuesToBeUnique column field required",
        ),
        ("[1]", "is not a Great Expectations suite in JSON"),
        ('{"name": "x", "expectations": ["a"]}', "is not a Great Expectations suite in JSON"),
        ('{"name": "x"}', "is not a Great Expectations suite in JSON"),
        (
            '{"name": "x", "expectations": [{"type": "expect_magic", "kwargs": {}}]}',
            "unknown expectations: table.expect_magic",
        ),
        (
            '{"name": "x", "expectations": [{"type": "a", "kwargs": {}}, {"type": "a", "kwargs": {}}]}',
            "two expectations of one name",
        ),
    ],
)
def test_an_unusable_suite_is_one_clear_line(tmp_path, content, message):
    suite = tmp_path / "broken.json"
    if content is not None:
        suite.write_text(content)
    with pytest.raises(UnreadableFile, match=message) as failure:
        validate(hourly(5), suite, LATER_MS)
    assert "\n" not in str(failure.value)


FAULTS = st.sampled_from([np.nan, 0.0, -1.0, np.inf, 50.0, 200.0])


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.too_slow])
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


def test_threads_may_validate_at_the_same_time():
    tables = [with_value(hourly(200), "close", row, -1.0) for row in range(4)]
    with ThreadPoolExecutor(4) as pool:
        reports = list(pool.map(lambda candles: validate(candles, SUITE, LATER_MS), tables))
    rows = [check_of(report, "close_positive_and_finite").failing_rows[0] for report in reports]
    assert [f"(row {row})" in text for row, text in enumerate(rows)] == [True] * 4


def test_a_hundred_and_thirty_thousand_rows_take_well_under_a_second_even_when_all_fail():
    candles = hourly(130_000)
    broken = replace(candles, close=-candles.close, open_time_ms=candles.open_time_ms[::-1])
    validate(hourly(10), SUITE, LATER_MS)
    for table in (candles, broken):
        seconds = []
        for _ in range(2):
            began = time.perf_counter()
            validate(table, SUITE, LATER_MS)
            seconds.append(time.perf_counter() - began)
        assert min(seconds) < 1.0


def test_nothing_is_printed_logged_or_written_elsewhere(tmp_path):
    script = (
        "import sys; from pathlib import Path; import numpy as np\n"
        "from forecasting.adapters.expectations import validate\n"
        "from forecasting.candles import Candles\n"
        "one = np.ones(3); times = np.arange(3, dtype=np.int64) * 3_600_000\n"
        "candles = Candles('A/B', '1h', times, one, one, one, -one, one)\n"
        "validate(candles, Path(sys.argv[1]), 10**13)\n"
    )
    home, work = tmp_path / "home", tmp_path / "work"
    home.mkdir()
    work.mkdir()
    environment = {**os.environ, "HOME": str(home), "PYTHONPATH": str(PROJECT), "TMPDIR": str(work)}
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", script, str(SUITE)],
        cwd=work, env=environment, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    assert list(home.iterdir()) == list(work.iterdir()) == []


def test_analytics_stay_off():
    validate(hourly(5), SUITE, LATER_MS)
    assert os.environ["GX_ANALYTICS_ENABLED"] == "false"
    assert logging.getLogger("great_expectations").handlers == []
