"""One suite on one table through the real Great Expectations."""

import json
import logging
import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from forecasting.adapters.expectations.suites import run_suite
from forecasting.errors import UnreadableFile

PROJECT = Path(__file__).resolve().parents[4]
CANDLES = PROJECT / "expectations" / "candles.json"
TABLE = pd.DataFrame({"price": [1.0, -2.0, 3.0, np.nan, -5.0], "name": list("abcde")})


def between(column="price", minimum: object = 0, severity="critical", **meta):
    return {
        "type": "expect_column_values_to_be_between",
        "kwargs": {"column": column, "min_value": minimum},
        "severity": severity,
        "meta": meta,
    }


@pytest.fixture
def suite(tmp_path):
    """Write expectations as a suite."""

    def write(*expectations):
        path = tmp_path / "small.json"
        path.write_text(json.dumps({"name": "small", "expectations": expectations}))
        return path

    return write


def only(run):
    (result,) = run.results
    return result


def test_all_failing_rows_are_given_by_position_whatever_the_index(suite):
    result = only(run_suite(suite(between(scope="row")), TABLE.set_index(pd.Index(range(100, 105)))))
    assert (result.passed, result.unexpected_count, result.failing.tolist()) == (False, 2, [1, 4])


def test_a_missing_value_is_judged_only_by_a_check_of_missing_values(suite):
    path = suite(
        between(scope="row"), {"type": "expect_column_values_to_not_be_null", "kwargs": {"column": "price"}}
    )
    assert [result.failing.tolist() for result in run_suite(path, TABLE).results] == [[1, 4], [3]]


def test_a_check_of_the_table_says_what_was_found_and_what_is_needed(suite):
    shortest = {"type": "expect_table_row_count_to_be_between", "kwargs": {"min_value": 6}}
    result = only(run_suite(suite(shortest), TABLE))
    assert (result.found, result.unexpected_count) == ("5, at least 6 is needed", 0)


def test_a_column_that_is_absent_fails_its_check_and_says_so(suite):
    result = only(run_suite(suite(between("volume")), TABLE))
    assert not result.passed
    assert "does not exist" in result.found


def test_severity_scope_and_columns_to_show_come_from_the_suite(suite):
    path = suite(
        between(name="a", severity="warning", scope="row", show=["name", "price"]),
        between(name="b", severity="info"),
        between(name="c"),
    )
    assert [(each.severity, each.scope, each.show) for each in run_suite(path, TABLE).results] == [
        ("warn", "row", ("name", "price")),
        ("warn", "table", ("price",)),
        ("stop", "table", ("price",)),
    ]


def test_an_expectation_without_a_name_is_called_by_column_and_type(suite):
    entry = {"type": "expect_column_values_to_not_be_null", "kwargs": {"column": "name"}}
    result = only(run_suite(suite(entry), TABLE))
    assert (result.name, result.severity) == ("name.expect_column_values_to_not_be_null", "stop")


def test_parameters_are_filled_in(suite):
    path = suite(between(minimum={"$PARAMETER": "least"}))
    assert only(run_suite(path, TABLE, {"least": -3})).failing.tolist() == [4]


def test_a_check_with_a_condition_is_made_only_where_it_holds(suite):
    path = suite(between(name="always"), between(name="sometimes", when="live"))
    assert [each.name for each in run_suite(path, TABLE).results] == ["always"]
    assert [each.name for each in run_suite(path, TABLE, conditions={"live"}).results] == [
        "always",
        "sometimes",
    ]


def test_two_conditions_may_each_have_a_check_of_one_name(suite):
    path = suite(between(name="a", when="stored", severity="warning"), between(name="a", when="delivered"))
    severities = [
        only(run_suite(path, TABLE, conditions={each})).severity for each in ("stored", "delivered")
    ]
    assert severities == ["warn", "stop"]


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
    path = tmp_path / "broken.json"
    if content is not None:
        path.write_text(content)
    with pytest.raises(UnreadableFile, match=message) as failure:
        run_suite(path, TABLE)
    assert "\n" not in str(failure.value)


def test_threads_may_run_suites_at_the_same_time(suite):
    path = suite(between())
    tables = [pd.DataFrame({"price": np.where(np.arange(500) == row, -1.0, 1.0)}) for row in range(4)]
    with ThreadPoolExecutor(4) as pool:
        runs = list(pool.map(lambda table: run_suite(path, table), tables))
    assert [only(run).failing.tolist() for run in runs] == [[0], [1], [2], [3]]


def test_nothing_is_printed_logged_or_written_anywhere(tmp_path):
    script = (
        "import sys; from pathlib import Path; import numpy as np\n"
        "from forecasting.adapters.expectations.candles import check_stored\n"
        "from forecasting.candles import Candles\n"
        "one = np.ones(3); times = np.arange(3, dtype=np.int64) * 3_600_000\n"
        "candles = Candles('A/B', '1h', times, one, one, one, -one, one)\n"
        "check_stored(candles, Path(sys.argv[1]), 10**13)\n"
    )
    home, work = tmp_path / "home", tmp_path / "work"
    home.mkdir()
    work.mkdir()
    environment = {**os.environ, "HOME": str(home), "PYTHONPATH": str(PROJECT), "TMPDIR": str(work)}
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", script, str(CANDLES)],
        cwd=work, env=environment, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    assert list(home.iterdir()) == list(work.iterdir()) == []


def test_analytics_stay_off(suite):
    run_suite(suite(between()), TABLE)
    assert os.environ["GX_ANALYTICS_ENABLED"] == "false"
    assert logging.getLogger("great_expectations").handlers == []
