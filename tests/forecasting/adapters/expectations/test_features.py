"""Rows of training against the real suite through the real Great Expectations."""

from dataclasses import replace

import numpy as np
import pytest

from forecasting.adapters.expectations.features import check_features
from forecasting.dataset import Dataset
from forecasting.types import HOUR_MS
from tests.forecasting.adapters.expectations.suite_faults import (
    SUITES,
    demand_columns,
    failed,
    names,
    run,
    severities,
)

SUITE = SUITES / "features.json"
NOW_MS = 1_800_000_000_000
NAMES = (
    "n_points_30h", "return_1h", "return_3h", "volatility_7h", "max_drawdown_30h", "on_1d_max_drawdown_30d", "rsi_14h",
    "events_1h", "ai_event_share_7h", "hours_since_event", "time_of_day_sin", "regime_score_30h", "symbol_BTC/USDT",
    "symbol_7d/USDT",
)  # fmt: skip
CELLS = {
    "names_unique": ("return_3h", "same_name", 1),
    "no_infinite_value": ("return_3h", "infinite", 1),
    "labels_there": ("label", "missing_share", 0.001),
    "prices_there": ("return_1h", "missing_share", 0.51),
    "few_missing_values": ("rsi_14h", "missing_share", 0.21),
    "not_constant": ("volatility_7h", "spread", 0.0),
    "not_below_zero": ("hours_since_event", "lowest", -1.0),
    "not_above_one": ("ai_event_share_7h", "highest", 1.1),
    "not_below_minus_one": ("regime_score_30h", "lowest", -1.1),
    "drawdown_not_above_zero": ("on_1d_max_drawdown_30d", "highest", 0.1),
    "rsi_not_above_hundred": ("rsi_14h", "highest", 101.0),
    "label_plausible": ("label", "highest", 21.0),
    "at_least_one_row": (None, "rows", 0),
    "labels_after_features": (None, "late_labels", 1),
    "rows_in_order": (None, "unordered", 1),
    "symbols_known": (None, "unknown_symbols", 1),
}
WARNINGS = {"few_missing_values", "not_constant", "label_plausible"}


def training_rows(count: int = 500) -> Dataset:
    draw = np.random.default_rng(3)
    share = draw.uniform(size=count)
    features = {
        "n_points_30h": np.full(count, 30.0),
        "return_1h": draw.normal(0, 0.01, count),
        "return_3h": draw.normal(0, 0.02, count),
        "volatility_7h": 0.01 * share,
        "max_drawdown_30h": -share,
        "on_1d_max_drawdown_30d": -share,
        "rsi_14h": 100 * share,
        "events_1h": np.full(count, np.nan),
        "ai_event_share_7h": share,
        "hours_since_event": 10 * share,
        "time_of_day_sin": np.zeros(count),
        "regime_score_30h": 2 * share - 1,
        "symbol_BTC/USDT": np.ones(count),
        "symbol_7d/USDT": np.zeros(count),
    }
    as_of_ms = HOUR_MS * np.arange(count, dtype=np.int64)
    return Dataset(
        NAMES,
        ("BTC/USDT", "7d/USDT"),
        as_of_ms,
        as_of_ms + HOUR_MS,
        np.zeros(count, dtype=np.int64),
        np.column_stack([features[name] for name in NAMES]),
        draw.normal(0, 0.01, count),
    )


def with_values(rows: Dataset, feature: str, where, value: float) -> Dataset:
    X = rows.X.copy()
    X[where, NAMES.index(feature)] = value
    return replace(rows, X=X)


def failing(rows: Dataset) -> dict[str, tuple[str, ...]]:
    report = check_features(rows, SUITE, NOW_MS, "features of 1h").report
    return {
        check.name: tuple(row.split(" ")[0] for row in check.failing_rows)
        for check in report.checks
        if not check.passed
    }


@pytest.fixture(scope="module")
def measured():
    return check_features(training_rows(), SUITE, NOW_MS, "features of 1h").table


def test_sound_rows_pass_although_some_features_are_constant_or_missing_by_nature():
    assert failing(training_rows()) == {}


def test_each_check_finds_its_own_fault_and_no_other(measured):
    faulty, expected = measured.copy(), {}
    for check, (feature, column, value) in CELLS.items():
        where = faulty["feature"] == feature if feature else faulty["feature"].notna()
        faulty[column] = faulty[column].mask(where, value)
        expected[check] = np.flatnonzero(where).tolist() if feature else []
    expected["few_missing_values"] = expected["prices_there"] + expected["few_missing_values"]
    assert failed(run("features", faulty)) == expected


def test_each_check_of_the_suite_has_a_planted_fault():
    assert set(CELLS) | {"columns_in_order"} == names("features")


def test_a_fault_of_a_feature_is_one_of_the_whole_table():
    assert names("features", "row") == set()


def test_only_what_may_be_true_of_a_market_is_a_warning():
    assert {name for name, severity in severities("features").items() if severity == "warning"} == WARNINGS


def test_the_suite_and_the_table_agree_on_the_columns(measured):
    demand_columns("features", measured)


def test_the_kind_of_a_feature_is_its_name_without_the_time(measured):
    kinds = dict(zip(measured["feature"], measured["kind"], strict=True))
    assert [kinds[name] for name in ("return_3h", "on_1d_max_drawdown_30d", "hours_since_event")] == [
        "return",
        "max_drawdown",
        "hours_since_event",
    ]
    assert kinds["symbol_BTC/USDT"] == kinds["symbol_7d/USDT"] == "symbol"


@pytest.mark.parametrize(
    ("feature", "where", "value", "check"),
    [
        ("return_1h", [7], np.inf, "no_infinite_value"),
        ("return_3h", [7], -np.inf, "no_infinite_value"),
        ("return_1h", slice(0, 300), np.nan, "prices_there"),
        ("rsi_14h", slice(0, 101), np.nan, "few_missing_values"),
        ("volatility_7h", slice(None), 0.01, "not_constant"),
        ("max_drawdown_30h", [3], 0.01, "drawdown_not_above_zero"),
        ("ai_event_share_7h", [3], 1.5, "not_above_one"),
        ("volatility_7h", [3], -0.1, "not_below_zero"),
    ],
)
def test_a_value_that_cannot_be_is_named_by_its_feature(feature, where, value, check):
    assert feature in failing(with_values(training_rows(), feature, where, value))[check]


def test_events_that_nobody_collected_are_no_fault():
    rows = with_values(training_rows(), "hours_since_event", slice(None), np.nan)
    assert failing(rows) == {}


def test_a_missing_label_is_found():
    y = training_rows().y.copy()
    y[5] = np.nan
    assert failing(replace(training_rows(), y=y)) == {"labels_there": ("label",)}


def test_rows_out_of_order_are_found():
    assert list(failing(training_rows().take(slice(None, None, -1)))) == ["rows_in_order"]


def test_a_label_that_ends_with_its_row_is_found():
    rows = training_rows()
    assert list(failing(replace(rows, label_end_ms=rows.as_of_ms))) == ["labels_after_features"]


def test_a_row_of_no_symbol_is_found():
    rows = training_rows()
    unknown = np.full(len(rows), len(rows.symbols), dtype=np.int64)
    assert list(failing(replace(rows, symbol=unknown))) == ["symbols_known"]


def test_no_row_of_the_training_is_to_blame_for_a_feature():
    checked = check_features(
        with_values(training_rows(), "return_1h", [7], np.inf), SUITE, NOW_MS, "features of 1h"
    )
    assert not checked.report.success
    assert checked.failing == {}


def test_a_name_that_is_there_twice_is_found():
    rows = replace(training_rows(), feature_names=("n_points_30h", "return_3h", *NAMES[2:]))
    assert failing(rows) == {"names_unique": ("return_3h", "return_3h")}


def test_no_rows_at_all_are_found():
    assert "at_least_one_row" in failing(training_rows().take(slice(0)))


def test_the_report_is_of_the_features_and_carries_the_fingerprint_of_the_rows():
    report = check_features(training_rows(), SUITE, NOW_MS, "features of 1h").report
    assert (report.suite, report.rows, report.fingerprint) == (
        "features",
        len(NAMES) + 1,
        training_rows().fingerprint(),
    )
    assert report.to_markdown().startswith(
        "**features of 1h** may be used: 15 features checked at 2027-01-15T08:00:00Z, 0 stops, 0 warnings."
    )
