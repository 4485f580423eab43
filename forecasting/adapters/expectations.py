"""Candle tables against a Great Expectations suite that is a JSON file.

Great Expectations compares columns with constants. Where the contract compares rows or columns with each
other, the adapter derives a column and the suite says what it must be:

    close_time_ms           open time + interval
    off_grid_ms             distance from the interval's UTC grid, milliseconds
    absent_candles_before   candles absent between a row and the row before it; 0 for the first
    high_minus_body         high - max(open, close), quote currency
    body_minus_low          min(open, close) - low, quote currency
    absent_share            candles absent between first and last as a share of those that should be there,
                            a fraction, the same in each row

The suite may name the parameter `now_ms`: the moment of the check, epoch milliseconds UTC. Its severity
`critical` stops a table, `warning` and `info` only warn. Of each expectation, `meta.name` is the name of the
check and `meta.show` the columns to quote of a failing row.
"""

from __future__ import annotations

import hashlib
import json
import logging
import os
import threading
import warnings
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from forecasting.adapters.validation_report import Check, ValidationReport
from forecasting.candles import CANDLE_COLUMNS, OPEN_TIME, Candles
from forecasting.errors import UnreadableFile
from forecasting.types import FloatArray, interval_ms, utc_iso

NAMED_ROWS = 5

# Great Expectations keeps the context in use in a process-wide variable.
_one_at_a_time = threading.Lock()


def validate(candles: Candles, suite_path: Path, now_ms: int) -> ValidationReport:
    """Check candles against a suite; broken ones are reported, never raised.

    Parameters
    ----------
    candles
        The series, as stored or imported; nothing about it is assumed.
    suite_path
        JSON file of the suite.
    now_ms
        Candles that close later than this are from the future, epoch milliseconds UTC.

    Raises
    ------
    UnreadableFile
        The suite is missing, is not JSON, or has an expectation that Great Expectations does not know.
    """
    # Series, because columns of unequal length are one of the faults to be reported.
    table = pd.DataFrame({name: pd.Series(getattr(candles, name)) for name in CANDLE_COLUMNS})
    return _report(table, candles.symbol, candles.interval, suite_path, now_ms, candles.fingerprint())


def validate_table(
    table: pd.DataFrame, symbol: str, interval: str, suite_path: Path, now_ms: int
) -> ValidationReport:
    """Check a raw table, which may lack columns, hold text or be in any order; see `validate`.

    Raises
    ------
    UnreadableFile
        As `validate` does.
    UnknownInterval
        The interval is not one of ours.
    """
    fingerprint = hashlib.sha256(f"{symbol}|{interval}|{list(table.columns)}".encode())
    fingerprint.update(pd.util.hash_pandas_object(table, index=False).to_numpy().tobytes())
    return _report(
        table.reset_index(drop=True), symbol, interval, suite_path, now_ms, fingerprint.hexdigest()
    )


def _report(
    table: pd.DataFrame, symbol: str, interval: str, suite_path: Path, now_ms: int, fingerprint: str
) -> ValidationReport:
    step_ms = interval_ms(interval)
    absent_share = _absent_share(_numbers(table, OPEN_TIME), step_ms)
    table = _with_derived_columns(table, step_ms, absent_share)
    content = _read_suite(suite_path)
    results = _run_suite(content, table, now_ms, suite_path)
    found = {_check_name(result["expectation_config"]): result for result in results}
    names = [_check_name(entry) for entry in content["expectations"]]
    skipped = [name for name in names if name not in found]
    if skipped:
        # Great Expectations only logs that it leaves an expectation out.
        raise UnreadableFile(f"the suite {suite_path} has unknown expectations: {', '.join(skipped)}")
    checks = tuple(_as_check(found[name], table) for name in names)
    return ValidationReport(symbol, interval, len(table), fingerprint, now_ms, absent_share, checks)


def _with_derived_columns(table: pd.DataFrame, step_ms: int, absent_share: float) -> pd.DataFrame:
    times = _numbers(table, OPEN_TIME)
    opens, highs, lows, closes = (_numbers(table, name) for name in ("open", "high", "low", "close"))
    jumps = np.diff(times, prepend=times[:1] - step_ms)
    with np.errstate(invalid="ignore"):
        return table.assign(
            close_time_ms=times + step_ms,
            off_grid_ms=times % step_ms,
            absent_candles_before=np.maximum(jumps // step_ms - 1, 0),
            high_minus_body=highs - np.maximum(opens, closes),
            body_minus_low=np.minimum(opens, closes) - lows,
            absent_share=absent_share,
        )


def _numbers(table: pd.DataFrame, name: str) -> FloatArray:
    named = [column for label, column in table.items() if label == name]
    if len(named) != 1 or pd.api.types.is_datetime64_any_dtype(named[0]):
        return np.full(len(table), np.nan)
    return pd.to_numeric(named[0], errors="coerce").to_numpy(dtype=np.float64, na_value=np.nan)


def _absent_share(times: FloatArray, step_ms: int) -> float:
    there = np.unique(times[np.isfinite(times)])
    if not len(there):
        return 0.0
    expected = (there[-1] - there[0]) // step_ms + 1
    return max(0.0, 1.0 - len(there) / float(expected))


def _read_suite(path: Path) -> dict[str, Any]:
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
        names = [_check_name(entry) for entry in content["expectations"]]
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
    return dict(content)


def _check_name(entry: Mapping[str, Any]) -> str:
    named = (entry.get("meta") or {}).get("name")
    return str(named or f"{entry['kwargs'].get('column', 'table')}.{entry['type']}")


def _run_suite(content: Mapping[str, Any], table: pd.DataFrame, now_ms: int, path: Path) -> list[Any]:
    os.environ.setdefault("GX_ANALYTICS_ENABLED", "false")
    logging.getLogger("great_expectations").setLevel(logging.CRITICAL)
    with _one_at_a_time, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import great_expectations as gx

        context = gx.get_context(mode="ephemeral")
        context.variables.progress_bars = {"globally": False}
        asset = context.data_sources.add_pandas("candles").add_dataframe_asset("candles")
        batch = asset.add_batch_definition_whole_dataframe("whole")
        try:
            suite = gx.ExpectationSuite(name="candles", expectations=content["expectations"])
            definition = gx.ValidationDefinition(name="candles", data=batch, suite=context.suites.add(suite))
            outcome = definition.run(
                batch_parameters={"dataframe": table},
                expectation_parameters={"now_ms": now_ms},
                # Anything more costs seconds on a table where every row fails.
                result_format={"result_format": "SUMMARY", "partial_unexpected_count": NAMED_ROWS},
            )
        except (ValueError, gx.exceptions.GreatExpectationsError) as error:
            raise UnreadableFile(f"the suite {path} cannot be used: {_one_line(error)}") from error
    return [result.to_json_dict() for result in outcome.results]


def _as_check(result: Mapping[str, Any], table: pd.DataFrame) -> Check:
    expectation, facts = result["expectation_config"], result["result"]
    rows = facts.get("partial_unexpected_index_list") or []
    column = expectation["kwargs"].get("column")
    shown = (expectation.get("meta") or {}).get("show") or [column]
    return Check(
        name=_check_name(expectation),
        severity="stop" if expectation.get("severity", "critical") == "critical" else "warn",
        passed=bool(result["success"]),
        unexpected_count=int(facts.get("unexpected_count") or 0),
        failing_rows=tuple(_name_row(table, int(row), shown) for row in rows[:NAMED_ROWS]),
        found="" if result["success"] else _found(result) + _needed(expectation["kwargs"]),
    )


def _name_row(table: pd.DataFrame, row: int, columns: list[str]) -> str:
    values = ", ".join(f"{name} {_plain(table[name].iloc[row])}" for name in columns)
    return f"{_moment(table, row)} (row {row}): {values}"


def _moment(table: pd.DataFrame, row: int) -> str:
    time = _numbers(table.iloc[[row]], OPEN_TIME)[0]
    try:
        return utc_iso(int(time))
    except (ValueError, OverflowError, OSError):
        return "no valid time"


def _plain(value: Any) -> str:
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value)


def _found(result: Mapping[str, Any]) -> str:
    faults = [fault for fault in _exceptions(result.get("exception_info") or {}) if fault]
    if faults:
        return f"could not be checked: {_one_line(faults[0])}"
    observed = result["result"].get("observed_value", "")
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
