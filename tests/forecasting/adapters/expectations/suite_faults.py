"""Planted faults: each check of a suite finds its own fault and nothing else."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pandas as pd

from forecasting.adapters.expectations.suites import SuiteRun, run_suite

SUITES = Path(__file__).resolve().parents[4] / "expectations"


def entries(suite: str) -> list[dict[str, Any]]:
    """Expectations of a suite, as its file has them."""
    return json.loads((SUITES / f"{suite}.json").read_text())["expectations"]


def severities(suite: str, condition: str | None = None) -> dict[str, str]:
    """Severity of each check that is made where the condition holds."""
    made = [each for each in entries(suite) if each["meta"].get("when") in (None, condition)]
    return {each["meta"]["name"]: each["severity"] for each in made}


def names(suite: str, scope: str | None = None) -> set[str]:
    """Checks of a suite, of one scope or of both."""
    return {each["meta"]["name"] for each in entries(suite) if scope in (None, each["meta"]["scope"])}


def run(suite: str, table: pd.DataFrame, parameters=None, conditions=()) -> SuiteRun:
    return run_suite(SUITES / f"{suite}.json", table, parameters, conditions)


def failed(result: SuiteRun) -> dict[str, list[int]]:
    """Rows that fail, by the name of the check; none for a check of the whole table."""
    return {each.name: each.failing.tolist() for each in result.results if not each.passed}


def with_faults(table: pd.DataFrame, faults: Mapping[str, tuple[str, object]]) -> pd.DataFrame:
    """Plant one fault in each row, in the order given, from the third row on."""
    planted = table.copy()
    for row, (column, value) in enumerate(faults.values(), start=2):
        if not isinstance(value, int) and planted[column].dtype == "int64":
            planted[column] = planted[column].astype("float64")
        planted.loc[row, column] = value
    return planted


def expected_rows(faults: Mapping[str, tuple[str, object]]) -> dict[str, list[int]]:
    return {name: [row] for row, name in enumerate(faults, start=2)}


def columns(suite: str) -> set[str]:
    """Every column that a suite names: to judge, to show, or in a condition on rows."""
    named = set()
    for each in entries(suite):
        named |= {each["kwargs"]["column"]} if "column" in each["kwargs"] else set()
        named |= set(each["meta"].get("show", []))
    return named


def demand_columns(suite: str, table: pd.DataFrame) -> None:
    """The suite names no column that is not there, all of them in their order, and finds another order."""
    assert columns(suite) <= set(table.columns)
    assert entries(suite)[0]["kwargs"]["column_list"] == list(table.columns)
    assert list(failed(run(suite, table[table.columns[::-1]]))) == ["columns_in_order"]
