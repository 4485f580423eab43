"""Events against the suite `expectations/events.json`.

The columns are those of an event, an empty title or url as a missing value and the symbols in one text, then:

    future_ms       time from the moment of the check until the event is published, 0 when it is, milliseconds
    twins           other events of the same identity, count
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd

from forecasting.adapters.expectations.checked_rows import CheckedRows, checks_of, moment_name
from forecasting.adapters.expectations.suites import run_suite
from forecasting.adapters.expectations.validation_report import ValidationReport
from forecasting.documents import canonical_json
from forecasting.events import EventRecord


def check_events(records: Sequence[EventRecord], suite_path: Path, now_ms: int) -> CheckedRows:
    """Check events against a suite; broken ones are reported, never raised.

    Parameters
    ----------
    records
        In any order.
    suite_path
        JSON file of the suite.
    now_ms
        Events that are published later than this are from the future, epoch milliseconds UTC.

    Raises
    ------
    UnreadableFile
        The suite is missing, is not JSON, or has an expectation that Great Expectations does not know.
    """
    table = _table(records, now_ms)
    run = run_suite(suite_path, table)
    checks = checks_of(run, table, lambda row: moment_name(records[row].timestamp_ms))
    report = ValidationReport(run.suite, "events", len(table), _fingerprint(table), now_ms, checks)
    return CheckedRows(report, table, run)


def _table(records: Sequence[EventRecord], now_ms: int) -> pd.DataFrame:
    identities = [record.identity for record in records]
    counts = Counter(identities)
    times = np.array([record.timestamp_ms for record in records], dtype=np.int64)
    texts = {
        name: pd.Series([getattr(record, name) for record in records], dtype="str")
        for name in ("source", "title", "url", "category")
    }
    empty = {name: texts[name].mask(texts[name].str.strip() == "") for name in ("title", "url")}
    return pd.DataFrame(
        {
            "timestamp_ms": times,
            **texts,
            **empty,
            "ai_related": np.array([record.ai_related for record in records], dtype=np.bool_),
            "symbols": pd.Series([" ".join(record.symbols) for record in records], dtype="str"),
            "future_ms": np.maximum(times - now_ms, 0),
            "twins": np.array([counts[each] - 1 for each in identities], dtype=np.int64),
        }
    )


def _fingerprint(table: pd.DataFrame) -> str:
    return hashlib.sha256(canonical_json(table.drop(columns="future_ms").to_json())).hexdigest()
