"""A table held against its suite: the report for people, and the rows that may not be used."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pandas as pd

from forecasting.adapters.expectations.suites import SuiteResult, SuiteRun
from forecasting.adapters.expectations.validation_report import Check, ValidationReport
from forecasting.types import IntArray, utc_iso

NAMED_ROWS = 5


@dataclass(frozen=True, slots=True, eq=False)
class CheckedRows:
    """A report, and which rows may not be used although the table may.

    Attributes
    ----------
    report
        What came of every check.
    table
        What was checked, derived columns included.
    run
        What Great Expectations gave.
    """

    report: ValidationReport
    table: pd.DataFrame
    run: SuiteRun

    @property
    def failing(self) -> dict[str, IntArray]:
        """Rows that may not be used.

        By the name of each failed check of severity `stop` that judges rows one by one: the positions of the
        rows that fail it, shape (m,), increasing.
        """
        return {
            result.name: result.failing
            for result in self.run.results
            if result.severity == "stop" and result.scope == "row" and len(result.failing)
        }

    def reason(self, name: str, row: int) -> str:
        """Say on one line what a check finds wrong with a row."""
        result = next(each for each in self.run.results if each.name == name)
        needed = f" ({result.description.rstrip('.')})" if result.description else ""
        return _values(self.table, row, result.show) + needed


def checks_of(run: SuiteRun, table: pd.DataFrame, row_name: Callable[[int], str]) -> tuple[Check, ...]:
    """Sum up each result for people.

    Parameters
    ----------
    run
        What came of a suite.
    table
        What it ran on.
    row_name
        What a person calls the row at a position, as in `2025-01-01T20:00:00Z`.
    """
    return tuple(_check(result, table, row_name) for result in run.results)


def moment_name(moment_ms: int) -> str:
    """UTC text of a moment in epoch milliseconds, which may lie beyond the calendar."""
    try:
        return utc_iso(moment_ms)
    except (ValueError, OverflowError, OSError):
        return "no valid time"


def _check(result: SuiteResult, table: pd.DataFrame, row_name: Callable[[int], str]) -> Check:
    rows = result.failing[:NAMED_ROWS].tolist()
    return Check(
        result.name,
        result.severity,
        result.scope,
        result.passed,
        result.unexpected_count,
        tuple(f"{row_name(row)} (row {row}): {_values(table, row, result.show)}" for row in rows),
        result.found,
    )


def _values(table: pd.DataFrame, row: int, columns: tuple[str, ...]) -> str:
    return ", ".join(f"{name} {_plain(table[name].iloc[row])}" for name in columns)


def _plain(value: Any) -> str:
    if not isinstance(value, float):
        return str(value)
    return str(int(value)) if value.is_integer() else f"{value:.8g}"
