"""The limits that faults are measured with are those that Great Expectations applies."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pytest

from benchmarks.faults import SUITE
from benchmarks.limits import broken_by_column, read_limits
from forecasting.adapters.expectations.candles import check_rows
from forecasting.adapters.expectations.checked_rows import CheckedRows
from forecasting.quality import evidence
from forecasting.quality.raw import RawCandles
from tests.forecasting.quality.market import LATE_MS, raw_of, walk

COLUMNS = {
    entry["meta"]["name"]: entry["kwargs"].get("column")
    for entry in json.loads(SUITE.read_text(encoding="utf-8"))["expectations"]
}


LIMITS = {"0": (0, 0), ">= 0": (0, None)} | {
    f"<= {text}": (None, most)
    for text, most in {"0.2": 0.2, "sqrt(10)": np.sqrt(10), "20": 20, "5": 5, "3": 3}.items()
}
BREACHES = {
    "row fault": ("critical", "row"),
    "table fault": ("critical", "table"),
    "warning": ("warning", "row"),
}


def documented() -> dict[str, tuple[str, str]]:
    """By column: limit and breach as the docstring of the evidence says."""
    assert evidence.__doc__ is not None
    lines = evidence.__doc__.splitlines()
    rule = next(line for line in lines if line.startswith("==="))
    starts = [0, *(place + 2 for place in range(len(rule)) if rule[place : place + 3] == "  =")]
    cells = [
        [line[start:stop].strip() for start, stop in zip(starts, [*starts[1:], None], strict=True)]
        for line in lines
    ]
    return {name: (limit, breach) for name, _, limit, breach in cells if name in evidence.EVIDENCE_COLUMNS}


def test_the_suite_bounds_what_the_evidence_documents() -> None:
    bounds: dict[str, set[tuple[float, str, tuple[str, str]]]] = {}
    for entry in json.loads(SUITE.read_text(encoding="utf-8"))["expectations"]:
        column, released = entry["kwargs"].get("column"), entry["severity"] == "warning"
        if column in evidence.EVIDENCE_COLUMNS[6:] and not (
            released and entry["meta"].get("when") == "stored"
        ):
            for side in ("min_value", "max_value"):
                if side in entry["kwargs"]:
                    breach = (entry["severity"], entry["meta"]["scope"])
                    bounds.setdefault(column, set()).add((entry["kwargs"][side], side, breach))
    expected = {
        column: {
            (bound, side, BREACHES[breach])
            for bound, side in zip(LIMITS[limit], ("min_value", "max_value"), strict=True)
            if bound is not None
        }
        for column, (limit, breach) in documented().items()
        if limit != "none"
    }
    assert bounds == expected


def ruined() -> RawCandles:
    """Hours with nearly every fault that there is."""
    raw = raw_of(walk(400))
    values, times = raw.values, raw.open_time_ms
    for row, column, value in ((3, 0, np.nan), (5, 1, 0.0), (7, 2, -1.0), (9, 3, np.inf), (11, 4, -1.0)):
        values[row, column] = value
    values[20, 1] *= 10
    values[30, [1, 2]] = values[30, [2, 1]]
    values[40:50] = [*[values[39, 3]] * 4, 0.0]
    values[60:75] = values[59]
    values[200:, :4] *= 1000
    times[100], times[101] = times[101], times[100] + 1
    times[120] = times[119]
    times[-1] = LATE_MS
    return raw


@pytest.fixture(scope="module")
def checked() -> CheckedRows:
    stored = walk(400)
    late = replace(stored, open_time_ms=stored.open_time_ms - 3_600_000)
    return check_rows(ruined(), SUITE, LATE_MS, context=stored.take(slice(0, 50)), references={"B": late})


def test_rows_that_break_a_limit_are_those_that_great_expectations_names(checked: CheckedRows) -> None:
    ours = broken_by_column(checked.table, read_limits(SUITE))
    theirs = {column: np.zeros(len(checked.table), dtype=np.bool_) for column in ours}
    for result in checked.run.results:
        if result.scope == "row" and COLUMNS[result.name] in theirs:
            theirs[COLUMNS[result.name]][result.failing] = True
    rows = {column for column in ours if theirs[column].any()}
    assert rows >= {"open", "volume", "behind_ms", "spike_ratio", "flat_run_surprise", "stuck_run_surprise"}
    assert {column: np.flatnonzero(ours[column]).tolist() for column in rows} == {
        column: np.flatnonzero(theirs[column]).tolist() for column in rows
    }


def test_a_table_is_refused_where_any_row_breaks_a_limit(checked: CheckedRows) -> None:
    ours = broken_by_column(checked.table, read_limits(SUITE))
    refused = {each.name: not each.passed for each in checked.run.results if each.scope == "table"}
    bounded = {
        name: COLUMNS[name] for name in refused if COLUMNS[name] in {"level_ratio", "stamp_shift_bars"}
    }
    assert {bounded[name] for name in bounded if refused[name]} == {
        column for column in bounded.values() if ours[column].any()
    }
    assert sorted(set(bounded.values())) == ["level_ratio", "stamp_shift_bars"]
    assert all(ours[column].any() for column in bounded.values())
