"""Seconds per million candles of Great Expectations, beside the same checks in plain pandas, and the memory of both.

Run with `python -m benchmarks.expectations`: one year of simulated minutes of one symbol, as a source delivers them.
Both check the same table, which holds the derived columns already, and must find the same rows.
"""

from __future__ import annotations

import json
import multiprocessing
import sys
import tempfile
from collections.abc import Callable, Mapping
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from benchmarks.figures import Figure, median_seconds, report
from benchmarks.process_memory import peak_growth
from benchmarks.store import simulated_minutes
from forecasting.adapters.expectations.candles import check_rows
from forecasting.adapters.expectations.features import check_features
from forecasting.adapters.expectations.suites import SuiteRun, run_suite
from forecasting.candles import Candles
from forecasting.dataset import Dataset
from forecasting.quality.raw import RawCandles, SourceFile
from forecasting.settings import load_settings

MILLION = 1_000_000
FEW_ROWS = 100
MOST_SECONDS = 10.0
FEATURES = 20
CONDITION = "delivered"


def run() -> list[Figure]:
    """Measure both on the same rows, after checking that they find the same faults."""
    suite = load_settings().expectations_folder / "candles.json"
    rows = _delivered(simulated_minutes())
    now_ms = int(rows.open_time_ms[-1]) + rows.interval_ms
    table = check_rows(rows, suite, now_ms).table
    _demand_equal(suite, _with_faults(table))
    few, growths = rows.take(slice(FEW_ROWS)), _growths(suite, table)
    all_checks = _per_million(lambda: check_rows(rows, suite, now_ms), len(rows))
    expectations = _per_million(lambda: run_suite_on(suite, table), len(rows))
    pandas = _per_million(lambda: pandas_checks(suite, table), len(rows))
    features = _features_per_million(suite.with_name("features.json"), now_ms)
    size = table.memory_usage(deep=True).sum() / 2**20
    return [
        Figure("derived columns and Great Expectations", all_checks, "s per million rows", MOST_SECONDS, at_least=False),
        Figure("Great Expectations alone", expectations, "s per million rows"),
        Figure("plain pandas, the same checks", pandas, "s per million rows"),
        Figure("Great Expectations against pandas", expectations / pandas, "times"),
        Figure(f"{FEATURES} features and labels", features, "s per million rows"),
        Figure(f"{FEW_ROWS} candles", median_seconds(lambda: check_rows(few, suite, now_ms), 5), "s"),
        Figure(f"the table of {len(rows):,} candles, {len(table.columns)} columns", size, "MiB"),
        Figure("Great Expectations, peak memory above the table", growths[0], "MiB"),
        Figure("plain pandas, peak memory above the table", growths[1], "MiB"),
    ]  # fmt: skip


def run_suite_on(suite: Path, table: pd.DataFrame) -> SuiteRun:
    """Great Expectations on a table that holds the derived columns."""
    return run_suite(suite, table, {}, {CONDITION})


def pandas_checks(suite: Path, table: pd.DataFrame) -> dict[str, list[int]]:
    """Positions of the rows that fail, by the name of the check; none for one of the whole table."""
    entries = [
        each
        for each in json.loads(suite.read_text())["expectations"]
        if each["meta"].get("when") in (None, CONDITION)
    ]
    verdicts = {each["meta"]["name"]: _verdict(each["type"], each["kwargs"], table) for each in entries}
    return {
        name: [] if isinstance(bad, bool) else np.flatnonzero(bad).tolist()
        for name, bad in verdicts.items()
        if np.any(bad)
    }


def _verdict(kind: str, bounds: Mapping[str, Any], table: pd.DataFrame) -> Any:
    """Whether the table fails, or each row of it."""
    column = table.get(bounds.get("column", ""), pd.Series(dtype="float64"))
    match kind:
        case "expect_table_columns_to_match_ordered_list":
            return list(table.columns) != bounds["column_list"]
        case "expect_table_row_count_to_be_between":
            return len(table) < bounds["min_value"]
        case "expect_column_values_to_be_in_type_list":
            return str(column.dtype) not in bounds["type_list"]
        case "expect_column_values_to_not_be_null":
            return column.isna()
        case "expect_column_values_to_be_between":
            return _outside(column, bounds)
        case "expect_column_min_to_be_between":
            return bool(_outside(pd.Series([column.min()]), bounds).any())
        case "expect_column_max_to_be_between":
            return bool(_outside(pd.Series([column.max()]), bounds).any())
    raise ValueError(f"{kind} has no counterpart in pandas here")


def _outside(values: pd.Series[Any], bounds: Mapping[str, Any]) -> pd.Series[Any]:
    low, high = bounds.get("min_value", -np.inf), bounds.get("max_value", np.inf)
    below = values <= low if bounds.get("strict_min") else values < low
    outside: pd.Series[Any] = below | (values > high)
    return outside


def _demand_equal(suite: Path, table: pd.DataFrame) -> None:
    found = run_suite_on(suite, table)
    named = {each.name: each.failing.tolist() for each in found.results if not each.passed}
    assert named == pandas_checks(suite, table)
    assert len(named) > 2


def _with_faults(table: pd.DataFrame) -> pd.DataFrame:
    faulty = table.copy()
    faulty.loc[faulty.index[::1000], "close"] = np.nan
    faulty.loc[faulty.index[5::1000], "high_minus_body"] = -1.0
    faulty["level_ratio"] = 1000.0
    return faulty


def _features_per_million(suite: Path, now_ms: int) -> float:
    draw = np.random.default_rng(7)
    names = tuple(f"return_{bars}m" for bars in range(FEATURES))
    as_of_ms = np.arange(MILLION, dtype=np.int64)
    symbol = np.zeros(MILLION, dtype=np.int64)
    X, y = 1e-3 * draw.standard_normal((MILLION, FEATURES)), 1e-3 * draw.standard_normal(MILLION)
    rows = Dataset(names, ("BTC/USDT",), as_of_ms, as_of_ms + 1, symbol, X, y)
    return _per_million(lambda: check_features(rows, suite, now_ms, "benchmark"), MILLION)


def _delivered(candles: Candles) -> RawCandles:
    return RawCandles.of(candles, SourceFile("benchmark"))


def _per_million(action: Callable[[], object], rows: int) -> float:
    return median_seconds(action, 3) / rows * MILLION


def _growths(suite: Path, table: pd.DataFrame) -> list[float]:
    """MiB by which a fresh process grows at most in each kind of check, holding nothing but the table before."""
    context = multiprocessing.get_context("spawn")
    with tempfile.TemporaryDirectory() as folder:
        columns = Path(folder) / "table.npz"
        np.savez(columns, **{str(name): table[name].to_numpy() for name in table})  # type: ignore[arg-type]
        growths = []
        for check in (run_suite_on, pandas_checks):
            with ProcessPoolExecutor(1, context) as fresh:
                growths.append(fresh.submit(_growth, check, suite, columns).result() / 2**20)
        return growths


def _growth(check: Callable[[Path, pd.DataFrame], object], suite: Path, columns: Path) -> float:
    with np.load(columns) as saved:
        table = pd.DataFrame({name: saved[name] for name in saved.files}, copy=False)
    check(suite, table.head(FEW_ROWS))  # loads what the first check loads
    return peak_growth(lambda: check(suite, table))


if __name__ == "__main__":
    sys.exit(report("Expectations", run()))
