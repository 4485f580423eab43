"""Candles against the suite `expectations/candles.json`.

Great Expectations compares columns with constants. Where the contract compares rows or columns with each
other, `forecasting.quality.evidence` derives a column and the suite says what it must be. Two more are the same
in each row:

    symbol_known    1 when the market is written as BASE/QUOTE, else 0
    age_intervals   time from the close of the newest candle to the moment of the check, in intervals

The suite may name the parameter `now_ms`: the moment of the check, epoch milliseconds UTC. Checks may be made
only where a condition holds:

    delivered   a source gives the rows. What only looks wrong is kept out, and a person may release it
    stored      the rows were let in and are to be used. What only looks wrong is told, for a person may have
                released it; too many gaps stop it, which in a delivery are no fault: others may fill them
    live        the source claims to be up to date, as exchanges do; a file is as old as it is
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pandas as pd

from forecasting.adapters.expectations.checked_rows import CheckedRows, checks_of, moment_name
from forecasting.adapters.expectations.suites import run_suite
from forecasting.adapters.expectations.validation_report import ValidationReport
from forecasting.candles import Candles
from forecasting.errors import InputError
from forecasting.quality.evidence import NO_REFERENCES, candle_evidence
from forecasting.quality.raw import RawCandles, SourceFile
from forecasting.types import parse_symbol

__all__ = ["CheckedRows", "check_rows", "check_stored"]

_DELIVERED, _STORED, _LIVE = "delivered", "stored", "live"
_STORE = SourceFile("the store", "candle")


def check_rows(
    raw: RawCandles,
    suite_path: Path,
    now_ms: int,
    context: Candles | None = None,
    references: Mapping[str, Candles] = NO_REFERENCES,
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
    table = _evidence(raw, now_ms, context, references)
    return _checked(raw, table, suite_path, now_ms, {_DELIVERED, _LIVE} if live else {_DELIVERED})


def check_stored(candles: Candles, suite_path: Path, now_ms: int) -> CheckedRows:
    """Check a stored series before it is used, with what `check_rows` says.

    Parameters
    ----------
    candles
        The series.
    suite_path, now_ms
        As for `check_rows`.

    Raises
    ------
    UnreadableFile
        As for `check_rows`.
    """
    raw = RawCandles.of(candles, _STORE)
    table = _evidence(raw, now_ms, None, NO_REFERENCES)
    return _checked(raw, table, suite_path, now_ms, {_STORED})


def _checked(
    raw: RawCandles, table: pd.DataFrame, suite_path: Path, now_ms: int, conditions: set[str]
) -> CheckedRows:
    run = run_suite(suite_path, table, {"now_ms": now_ms}, conditions)
    report = ValidationReport(
        run.suite,
        f"{raw.symbol} {raw.interval}",
        len(raw),
        raw.to_candles().fingerprint(),
        now_ms,
        checks_of(run, table, lambda row: moment_name(int(raw.open_time_ms[row]))),
        raw.symbol,
        raw.interval,
        float(table["absent_share"].iloc[0]) if len(table) else 0.0,
    )
    return CheckedRows(report, table, run)


def _evidence(
    raw: RawCandles, now_ms: int, context: Candles | None, references: Mapping[str, Candles]
) -> pd.DataFrame:
    newest_ms = int(raw.open_time_ms.max(initial=0)) + raw.interval_ms
    evidence = candle_evidence(raw, now_ms=now_ms, context=context, references=references)
    return evidence.assign(
        symbol_known=int(_is_unified(raw.symbol)), age_intervals=(now_ms - newest_ms) / raw.interval_ms
    )


def _is_unified(symbol: str) -> bool:
    try:
        return parse_symbol(symbol) == symbol
    except InputError:
        return False
