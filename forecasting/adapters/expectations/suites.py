"""Great Expectations suites that are JSON files, run on one table each.

Of each expectation Great Expectations' own `severity` says what a failure means: `critical` stops, `warning` and
`info` only warn. `meta` says the rest:

    name    of the check; column and type of the expectation when it is left out. Two checks may share a name
            when no table meets the conditions of both
    scope   `row`: the failing rows alone are at fault. `table` (also when left out): the table as a whole is
    show    columns to quote of a failing row; its own column when left out
    when    a condition that the caller must name for the check to be made at all, as in `live`

A suite may name parameters, `{"$PARAMETER": "now_ms"}`, which the caller gives.
"""

from __future__ import annotations

import json
import logging
import os
import threading
import warnings
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import numpy as np
import pandas as pd

from forecasting.errors import UnreadableFile
from forecasting.types import IntArray

Severity = Literal["stop", "warn"]
Scope = Literal["row", "table"]

# Great Expectations keeps the context in use in a process-wide variable.
_one_at_a_time = threading.Lock()


@dataclass(frozen=True, slots=True, eq=False)
class SuiteResult:
    """What came of one expectation.

    Attributes
    ----------
    name, scope, show, description
        As the suite says.
    severity
        `stop`: what fails may not be used. `warn`: it may, and a person should know.
    passed
        Whether the table keeps it.
    unexpected_count
        Rows that break it; 0 for a check of the whole table.
    failing
        Shape (m,): positions of all those rows, increasing.
    found
        What was seen instead, for a check of the whole table or one that could not be made; else empty.
    """

    name: str
    severity: Severity
    scope: Scope
    show: tuple[str, ...]
    description: str
    passed: bool
    unexpected_count: int
    failing: IntArray
    found: str


@dataclass(frozen=True, slots=True, eq=False)
class SuiteRun:
    """All results of the suite of that name, in its order, and Great Expectations' own, which its Data Docs are made of."""

    suite: str
    results: tuple[SuiteResult, ...]
    outcome: Any


def run_suite(
    path: Path,
    table: pd.DataFrame,
    parameters: Mapping[str, float] | None = None,
    conditions: Collection[str] = (),
) -> SuiteRun:
    """Hold a table against a suite; what fails is reported, never raised.

    Parameters
    ----------
    path
        JSON file of the suite.
    table
        One row each of what is checked; its index is ignored.
    parameters
        Values for the parameters that the suite names.
    conditions
        What holds of the table: checks whose `when` is not among them are left out.

    Raises
    ------
    UnreadableFile
        The suite is missing, is not JSON, or has an expectation that Great Expectations does not know.
    """
    name, entries = _read_suite(path, {None, *conditions})
    outcome = _run(path, name, entries, table.reset_index(drop=True), parameters or {})
    found = {_check_name(each.expectation_config.to_json_dict()): each for each in outcome.results}
    names = [_check_name(entry) for entry in entries]
    if skipped := [each for each in names if each not in found]:
        # Great Expectations only logs that it leaves an expectation out.
        raise UnreadableFile(f"the suite {path} has unknown expectations: {', '.join(skipped)}")
    results = tuple(_as_result(entry, found[_check_name(entry)]) for entry in entries)
    return SuiteRun(name, results, outcome)


def _read_suite(path: Path, conditions: set[str | None]) -> tuple[str, list[Any]]:
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
        made = [entry for entry in content["expectations"] if _meta(entry).get("when") in conditions]
        names = [_check_name(entry) for entry in made]
    except OSError as error:
        raise UnreadableFile(f"the suite {path} cannot be read: {error.strerror}") from error
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise UnreadableFile(
            f"the suite {path} is not a Great Expectations suite in JSON: {error!r}"
        ) from error
    if len(set(names)) < len(names):
        raise UnreadableFile(
            f"the suite {path} has two expectations of one name: meta.name must tell them apart"
        )
    return str(content.get("name") or path.stem), made


def _meta(entry: Mapping[str, Any]) -> Mapping[str, Any]:
    return entry.get("meta") or {}


def _check_name(entry: Mapping[str, Any]) -> str:
    return str(_meta(entry).get("name") or f"{entry['kwargs'].get('column', 'table')}.{entry['type']}")


def _run(
    path: Path, name: str, entries: list[Any], table: pd.DataFrame, parameters: Mapping[str, float]
) -> Any:
    os.environ.setdefault("GX_ANALYTICS_ENABLED", "false")
    logging.getLogger("great_expectations").setLevel(logging.CRITICAL)
    with _one_at_a_time, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import great_expectations as gx

        context = gx.get_context(mode="ephemeral")
        context.variables.progress_bars = {"globally": False}
        asset = context.data_sources.add_pandas(name).add_dataframe_asset(name)
        whole = asset.add_batch_definition_whole_dataframe(name)
        try:
            # A batch validates without keeping the result in a store, which would cost ten times the checks.
            return whole.get_batch({"dataframe": table}).validate(
                gx.ExpectationSuite(name=name, expectations=entries),
                expectation_parameters=dict(parameters),
                result_format={
                    "result_format": "COMPLETE",
                    "exclude_unexpected_values": True,
                    "return_unexpected_index_query": False,
                },
            )
        except (ValueError, gx.exceptions.GreatExpectationsError) as error:
            raise UnreadableFile(f"the suite {path} cannot be used: {_one_line(error)}") from error


def _as_result(entry: Mapping[str, Any], result: Any) -> SuiteResult:
    facts, meta = result.result, _meta(entry)
    column = entry["kwargs"].get("column")
    return SuiteResult(
        name=_check_name(entry),
        severity="stop" if entry.get("severity", "critical") == "critical" else "warn",
        scope="row" if meta.get("scope") == "row" else "table",
        show=tuple(meta.get("show") or [column]),
        description=str(entry.get("description") or ""),
        passed=bool(result.success),
        unexpected_count=int(facts.get("unexpected_count") or 0),
        failing=np.sort(np.asarray(facts.get("unexpected_index_list") or [], dtype=np.int64)),
        found="" if result.success else _found(result) + _needed(result.expectation_config.kwargs),
    )


def _found(result: Any) -> str:
    faults = [fault for fault in _exceptions(result.exception_info or {}) if fault]
    if faults:
        return f"could not be checked: {_one_line(faults[0])}"
    observed = result.result.get("observed_value", "")
    if observed is None:
        return "no value"
    return ", ".join(map(str, observed)) if isinstance(observed, list) else str(observed)


def _needed(bounds: Mapping[str, Any]) -> str:
    """Return the limits of an expectation that has some, in words."""
    words = [
        f"{word} {bounds[name]}"
        for name, word in (("min_value", "at least"), ("max_value", "at most"))
        if isinstance(bounds.get(name), int | float)
    ]
    return f", {' and '.join(words)} is needed" if words else ""


def _exceptions(info: Mapping[str, Any]) -> list[str | None]:
    entries = [info] if "exception_message" in info else list(info.values())
    return [entry.get("exception_message") for entry in entries if isinstance(entry, Mapping)]


def _one_line(fault: object) -> str:
    return " ".join(str(fault).split())[:200] or repr(fault)
