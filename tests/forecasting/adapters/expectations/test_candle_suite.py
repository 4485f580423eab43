"""Every check of expectations/candles.json on the columns that are derived of candles."""

from dataclasses import replace

import numpy as np
import pytest

from forecasting.adapters.expectations.candles import check_rows
from tests.forecasting.adapters.expectations.suite_faults import (
    SUITES,
    demand_columns,
    expected_rows,
    failed,
    names,
    run,
    severities,
    with_faults,
)
from tests.forecasting.adapters.expectations.test_candles import LATER_MS, hourly, raw_rows

PRICES = ("open", "high", "low", "close")
ROW_FAULTS = {
    **{f"{name}_not_null": (name, np.nan) for name in (*PRICES, "volume")},
    **{f"{name}_positive_and_finite": (name, value) for name, value in zip(PRICES, (0.0, np.inf, -1.0, 0.0), strict=True)},
    "volume_not_negative_and_finite": ("volume", -1e-9),
    "closed_by_now": ("unclosed_ms", 1),
    "open_time_on_grid": ("off_grid_ms", 1),
    "open_time_unique": ("same_time_rows", 1),
    "one_truth_of_a_moment": ("conflicting_rows", 1),
    "open_time_increasing": ("behind_ms", 1),
    "high_not_below_body": ("high_minus_body", -1e-9),
    "low_not_above_body": ("body_minus_low", -1e-9),
    "no_wrong_tick": ("spike_ratio", 3.2),
    "no_violent_spike": ("spike_sigmas", 1e6),
    "no_flat_filling": ("flat_run_surprise", 3.1),
    "feed_not_stuck": ("stuck_run_surprise", 3.1),
    "no_gap": ("absent_candles_before", 1),
    "no_revision": ("revision_size", 1e-9),
}  # fmt: skip
TABLE_FAULTS = {
    "symbol_known": ("symbol_known", 0),
    "stamps_not_early": ("stamp_shift_bars", -8),
    "stamps_not_late": ("stamp_shift_bars", 8),
    "one_denomination": ("level_ratio", 1000.0),
    "few_absent_candles": ("absent_share", 0.21),
    "fresh": ("age_intervals", 3.1),
}
WARNINGS = {"no_violent_spike", "no_gap", "no_revision", "fresh"}
RELEASED = {"one_denomination", "no_wrong_tick", "no_flat_filling", "feed_not_stuck"}
SCHEMA = {"columns_in_order", "at_least_one_candle", "open_time_ms_not_null"} | {
    f"{name}_is_a_number" for name in ("open_time_ms", *PRICES, "volume")
}


@pytest.fixture(scope="module")
def evidence():
    return check_rows(raw_rows(hourly(100)), SUITES / "candles.json", LATER_MS).table.assign(
        age_intervals=1.0
    )


def test_each_check_of_the_suite_has_a_planted_fault():
    assert set(ROW_FAULTS) | set(TABLE_FAULTS) | SCHEMA == names("candles")


@pytest.mark.parametrize("condition", ["delivered", "stored"])
def test_each_check_of_rows_finds_its_own_row_and_no_other(evidence, condition):
    found = run("candles", with_faults(evidence, ROW_FAULTS), {"now_ms": LATER_MS}, {condition})
    assert failed(found) == expected_rows(ROW_FAULTS)


def test_each_check_of_the_table_finds_its_own_fault(evidence):
    found = run("candles", with_faults(evidence, TABLE_FAULTS), {"now_ms": LATER_MS}, {"stored", "live"})
    assert set(failed(found)) == set(TABLE_FAULTS)


def test_rows_are_to_blame_for_what_is_wrong_with_them_and_the_table_for_the_rest():
    assert names("candles", "row") == {*ROW_FAULTS, "open_time_ms_not_null"}


def test_only_what_may_be_true_of_a_market_is_a_warning():
    delivered = severities("candles", "delivered") | severities("candles", "live")
    assert {name for name, severity in delivered.items() if severity == "warning"} == WARNINGS


def test_what_a_person_may_have_released_is_a_warning_once_it_is_stored():
    delivered, stored = severities("candles", "delivered"), severities("candles", "stored")
    assert {name for name, severity in delivered.items() if stored[name] != severity} == RELEASED


def test_the_suite_and_the_evidence_agree_on_the_columns(evidence):
    demand_columns("candles", evidence)


def test_text_in_place_of_numbers_is_found(evidence):
    text = evidence.astype(dict.fromkeys(("open_time_ms", *PRICES, "volume"), "str"))
    assert {f"{name}_is_a_number" for name in ("open_time_ms", *PRICES, "volume")} <= set(
        failed(run("candles", text))
    )


def test_a_missing_time_is_found(evidence):
    timeless = with_faults(evidence, {"open_time_ms_not_null": ("open_time_ms", np.nan)})
    assert set(failed(run("candles", timeless))) == {"open_time_ms_not_null", "open_time_ms_is_a_number"}


def test_the_age_of_the_last_candle_is_judged_only_where_the_source_is_live():
    rows, suite = raw_rows(hourly(50)), SUITES / "candles.json"
    now_ms = int(rows.open_time_ms[-1]) + 5 * rows.interval_ms
    kinds = [check_rows(rows, suite, now_ms, live=live).report.failed("warn") for live in (False, True)]
    assert [[check.name for check in warnings] for warnings in kinds] == [[], ["fresh"]]


def test_a_market_that_is_no_pair_is_refused():
    rows = raw_rows(hourly(5))
    report = check_rows(replace(rows, symbol="bitcoin"), SUITES / "candles.json", LATER_MS).report
    assert [check.name for check in report.failed("stop")] == ["symbol_known"]
