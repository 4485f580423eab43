"""Candles against the suite `expectations/candles.json`.

Great Expectations compares columns with constants. Where the contract compares rows or columns with each
other, the adapter derives a column and the suite says what it must be:

    close_time_ms           open time + interval
    off_grid_ms             distance from the interval's UTC grid, milliseconds
    absent_candles_before   candles absent between a row and the row before it; 0 for the first
    high_minus_body         high - max(open, close), quote currency
    body_minus_low          min(open, close) - low, quote currency
    absent_share            candles absent between first and last as a share of those that should be there,
                            a fraction, the same in each row

The suite may name the parameter `now_ms`: the moment of the check, epoch milliseconds UTC.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pandas as pd

from forecasting.adapters.checked_rows import CheckedRows, checks_of
from forecasting.adapters.suites import run_suite
from forecasting.adapters.validation_report import ValidationReport
from forecasting.candles import Candles
from forecasting.quality.raw import RawCandles, SourceFile
from forecasting.types import IntArray, utc_iso

__all__ = ["CheckedRows", "check_rows", "validate"]

LIVE = "live"
STORED = SourceFile("the store", "candle")


def check_rows(
    raw: RawCandles,
    suite_path: Path,
    now_ms: int,
    context: Candles | None = None,  # noqa: ARG001
    references: Mapping[str, Candles] | None = None,  # noqa: ARG001
    *,
    live: bool = False,
) -> CheckedRows:
    """Check the rows of a source against a suite; broken ones are reported, never raised.

    Parameters
    ----------
    raw
        Rows of one market and interval; nothing about them is assumed.
    suite_path
        JSON file of the suite.
    now_ms
        Candles that close later than this are from the future, epoch milliseconds UTC.
    context
        Stored candles just before the rows; they are looked at and not judged.
    references
        By symbol, stored candles of the same interval that overlap the rows in time.
    live
        Whether the source claims to be up to date: only then is the age of the last candle judged.

    Raises
    ------
    UnreadableFile
        The suite is missing, is not JSON, or has an expectation that Great Expectations does not know.
    """
    table = _evidence(raw)
    run = run_suite(suite_path, table, {"now_ms": now_ms}, {LIVE} if live else ())
    report = ValidationReport(
        run.suite,
        f"{raw.symbol} {raw.interval}",
        len(raw),
        raw.to_candles().fingerprint(),
        now_ms,
        checks_of(run, table, lambda row: _moment(raw, row)),
        raw.symbol,
        raw.interval,
        float(table["absent_share"].iloc[0]) if len(table) else 0.0,
    )
    return CheckedRows(report, table, run)


def validate(candles: Candles, suite_path: Path, now_ms: int) -> ValidationReport:
    """Check a stored series against a suite, as `check_rows` does."""
    return check_rows(RawCandles.of(candles, STORED), suite_path, now_ms).report


def _evidence(raw: RawCandles) -> pd.DataFrame:
    table, step_ms, times = raw.to_frame(), raw.interval_ms, raw.open_time_ms
    jumps = np.diff(times, prepend=times[:1] - step_ms)
    with np.errstate(invalid="ignore"):
        return table.assign(
            close_time_ms=times + step_ms,
            off_grid_ms=times % step_ms,
            absent_candles_before=np.maximum(jumps // step_ms - 1, 0),
            high_minus_body=table["high"] - np.maximum(table["open"], table["close"]),
            body_minus_low=np.minimum(table["open"], table["close"]) - table["low"],
            absent_share=_absent_share(times, step_ms),
        )


def _absent_share(times: IntArray, step_ms: int) -> float:
    there = np.unique(times)
    if not len(there):
        return 0.0
    expected = (there[-1] - there[0]) // step_ms + 1
    return max(0.0, 1.0 - len(there) / float(expected))


def _moment(raw: RawCandles, row: int) -> str:
    try:
        return utc_iso(int(raw.open_time_ms[row]))
    except (ValueError, OverflowError, OSError):
        return "no valid time"
