"""Rows of features and labels against the suite `expectations/features.json`.

What is checked is one row a feature, whose columns are measured over all rows of the training at once, and one row
for the label, which is called `label`:

    feature          name of the column
    kind             the name without the time in it: `return` of `return_1h`, `symbol` of `symbol_BTC/USDT`
    rows             how many rows there are
    missing_share    share of rows without a value, a fraction
    infinite         rows with an infinite value, count
    lowest, highest  over the values that are there; missing when there are none
    spread           highest - lowest
    same_name        other features of the same name, count
    late_labels      rows whose label does not end after their as_of, count; the same for each feature
    unordered        rows whose as_of lies before that of the row above, count; the same for each feature
    unknown_symbols  rows of none of the symbols, count; the same for each feature
"""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pandas as pd

from forecasting.adapters.expectations.checked_rows import CheckedRows, checks_of
from forecasting.adapters.expectations.suites import run_suite
from forecasting.adapters.expectations.validation_report import ValidationReport
from forecasting.dataset import Dataset
from forecasting.types import FloatArray

LABEL = "label"

_SPAN = r"\d+[mhd]"
_KIND = re.compile(rf"^(?:on_{_SPAN}_)?(.+?)(?:_{_SPAN})?$")


def check_features(rows: Dataset, suite_path: Path, now_ms: int, subject: str) -> CheckedRows:
    """Check rows of training against a suite; what is wrong is reported, never raised.

    Parameters
    ----------
    rows
        Features and labels, as they will be fitted.
    suite_path
        JSON file of the suite.
    now_ms
        The moment of the check, epoch milliseconds UTC.
    subject
        What the report calls them, as in `features of 1h`.

    Raises
    ------
    UnreadableFile
        The suite is missing, is not JSON, or has an expectation that Great Expectations does not know.
    """
    table = _measured(rows)
    run = run_suite(suite_path, table)
    checks = checks_of(run, table, lambda row: str(table["feature"].iloc[row]))
    report = ValidationReport(run.suite, subject, len(table), rows.fingerprint(), now_ms, checks)
    return CheckedRows(report, table, run)


def _measured(rows: Dataset) -> pd.DataFrame:
    columns = [_column(name, values) for name, values in zip(rows.feature_names, rows.X.T, strict=True)]
    return pd.DataFrame([*columns, {**_column(LABEL, rows.y), "kind": LABEL}]).assign(
        same_name=lambda table: table.groupby("feature")["feature"].transform("size") - 1,
        late_labels=int((rows.label_end_ms <= rows.as_of_ms).sum()),
        unordered=int((np.diff(rows.as_of_ms) < 0).sum()),
        unknown_symbols=int(((rows.symbol < 0) | (rows.symbol >= len(rows.symbols))).sum()),
    )


def _column(name: str, values: FloatArray) -> dict[str, object]:
    missing, infinite = int(np.isnan(values).sum()), int(np.isinf(values).sum())
    there = len(values) > missing
    lowest, highest = (np.nanmin(values), np.nanmax(values)) if there else (np.nan, np.nan)
    return {
        "feature": name,
        "kind": "symbol" if name.startswith("symbol_") else _KIND.sub(r"\1", name),
        "rows": len(values),
        "missing_share": missing / len(values) if len(values) else 0.0,
        "infinite": infinite,
        "lowest": lowest,
        "highest": highest,
        "spread": highest - lowest if np.isfinite(lowest) and np.isfinite(highest) else np.nan,
    }
