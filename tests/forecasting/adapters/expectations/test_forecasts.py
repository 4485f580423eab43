"""Served forecasts against the real suite through the real Great Expectations."""

import numpy as np
import pytest

from forecasting.adapters.expectations.forecasts import check_forecasts
from forecasting.horizons import load_horizons
from forecasting.types import parse_utc
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

SUITE = SUITES / "forecasts.json"
HORIZONS = load_horizons(None)
NOW_MS = parse_utc("2025-09-20")
ML = {
    "symbol": "BTC/USDT",
    "horizon": "1h",
    "timestamp": "2025-09-19T22:00:30Z",
    "pred_return": 0.00042,
    "conf": 0.531,
    "p_up": 0.531,
    "model_id": "1h-3f1c0a9b7d2e",
    "model_type": "ml",
    "as_of": "2025-09-19T22:00:00Z",
    "fallback_reason": None,
}
NAIVE = ML | {"model_id": "naive-1h", "model_type": "naive", "fallback_reason": "no production model for 1h"}
ROW_FAULTS = {
    **{f"{name}_there": (name, np.nan) for name in ("pred_return", "p_up", "conf", "as_of_ms", "issued_ms")},
    "symbol_known": ("symbol_known", 0),
    "horizon_known": ("horizon_known", 0),
    "source_of_answer_there": ("sourced", 0),
    "return_possible": ("pred_return", -1.0),
    "return_plausible": ("daily_return", -0.31),
    "p_up_is_a_probability": ("p_up", 1.01),
    "conf_is_a_probability": ("conf", -0.01),
    "return_in_its_interval": ("outside_interval", 1e-9),
    "as_of_not_after_issue": ("early_ms", 1.0),
    "not_from_the_future": ("future_ms", 1.0),
    "fresh": ("age_look_aheads", 1.01),
}


def check(*forecasts):
    return check_forecasts(forecasts, SUITE, NOW_MS, HORIZONS, {"BTC/USDT"})


@pytest.fixture(scope="module")
def table():
    return check(*[ML] * 20).table


def test_forecasts_as_the_api_answers_them_pass():
    report = check(ML, NAIVE, ML | {"interval_90": [-0.01, 0.01]}, ML | {"interval_90": None}).report
    assert [each.name for each in report.checks if not each.passed] == []
    assert (report.subject, report.rows) == ("forecasts", 4)


def test_each_check_of_the_suite_has_a_planted_fault():
    assert set(ROW_FAULTS) | {"columns_in_order"} == names("forecasts")


def test_each_check_finds_its_own_row_and_no_other(table):
    assert failed(run("forecasts", with_faults(table, ROW_FAULTS))) == expected_rows(ROW_FAULTS)


def test_the_suite_and_the_table_agree_on_the_columns(table):
    demand_columns("forecasts", table)


def test_only_what_may_be_true_is_a_warning():
    warnings = {name for name, severity in severities("forecasts").items() if severity == "warning"}
    assert warnings == {"return_plausible", "fresh"}
    assert names("forecasts", "row") == set(ROW_FAULTS)


@pytest.mark.parametrize(
    ("change", "name"),
    [
        ({"pred_return": None}, "pred_return_there"),
        ({"pred_return": "0.1"}, "pred_return_there"),
        ({"p_up": 1.5}, "p_up_is_a_probability"),
        ({"conf": float("nan")}, "conf_there"),
        ({"as_of": "yesterday"}, "as_of_ms_there"),
        ({"timestamp": None}, "issued_ms_there"),
        ({"symbol": "ETH/USDT"}, "symbol_known"),
        ({"horizon": "2h"}, "horizon_known"),
        ({"model_id": None}, "source_of_answer_there"),
        ({"model_type": "naive"}, "source_of_answer_there"),
        ({"interval_90": [0.001, 0.002]}, "return_in_its_interval"),
        ({"interval_90": [-0.002, -0.001]}, "return_in_its_interval"),
        ({"as_of": "2025-09-19T22:00:31Z"}, "as_of_not_after_issue"),
        ({"timestamp": "2025-09-20T00:00:01Z", "as_of": "2025-09-20T00:00:00Z"}, "not_from_the_future"),
        ({"as_of": "2025-09-19T21:00:00Z"}, "fresh"),
        ({"pred_return": 0.1}, "return_plausible"),
        ({"pred_return": 2.0, "horizon": "30d"}, "return_plausible"),
        ({"p_up": True}, "p_up_there"),
    ],
)
def test_a_fault_is_found_in_its_forecast(change, name):
    assert failed(check(ML, ML | change).run) == {name: [1]}


def test_an_infinite_return_is_impossible():
    assert "return_possible" in failed(check(ML | {"pred_return": float("inf")}).run)


def test_a_longer_horizon_may_forecast_a_larger_return():
    month = ML | {"horizon": "30d", "pred_return": 0.1}
    assert failed(check(month).run) == {}


def test_a_failing_forecast_is_named_by_the_moment_that_was_asked_about():
    (found,) = check(ML | {"p_up": 2}).report.failed("stop")
    assert found.explanation == "2025-09-19T22:00:30Z (row 0): symbol BTC/USDT, horizon 1h, p_up 2"


def test_forecasts_that_differ_have_different_fingerprints():
    prints = [check(each).report.fingerprint for each in (ML, ML, NAIVE)]
    assert prints[0] == prints[1] != prints[2]
