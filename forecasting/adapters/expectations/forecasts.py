"""Served forecasts against the suite `expectations/forecasts.json`.

A forecast is a document as the API answers it. Its columns are `symbol`, `horizon`, `pred_return`, `p_up` and
`conf`, then:

    as_of_ms            close of the newest candle that was used, epoch milliseconds UTC
    issued_ms           the moment that was asked about (`timestamp`), epoch milliseconds UTC
    symbol_known        1 when candles of the market are stored, else 0
    horizon_known       1 when the horizon is one of those in use, else 0
    sourced             1 when it names its model, and naive the reason why it answers, else 0
    early_ms            as_of - issued where that is above 0, milliseconds
    future_ms           issued - now where that is above 0, milliseconds
    outside_interval    distance of pred_return from its `interval_90`, a fraction; 0 inside and where none is given
    daily_return        pred_return over the square root of the look-ahead in days, a fraction
    age_look_aheads     (issued - as_of) over the look-ahead

What the document does not say, or says in another type, is missing.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from forecasting.adapters.expectations.checked_rows import CheckedRows, checks_of
from forecasting.adapters.expectations.suites import run_suite
from forecasting.adapters.expectations.validation_report import ValidationReport
from forecasting.errors import InputError
from forecasting.horizons import Horizon
from forecasting.types import DAY_MS, FloatArray, parse_utc

_NUMBERS = ("pred_return", "p_up", "conf")


def check_forecasts(
    forecasts: Sequence[Mapping[str, Any]],
    suite_path: Path,
    now_ms: int,
    horizons: Mapping[str, Horizon],
    symbols: Collection[str],
) -> CheckedRows:
    """Check forecasts against a suite; broken ones are reported, never raised.

    Parameters
    ----------
    forecasts
        As the API answers them.
    suite_path
        JSON file of the suite.
    now_ms
        Forecasts that were asked for later than this are from the future, epoch milliseconds UTC.
    horizons
        Those in use, by name.
    symbols
        Markets of which candles are stored.

    Raises
    ------
    UnreadableFile
        The suite is missing, is not JSON, or has an expectation that Great Expectations does not know.
    """
    table = _table(forecasts, now_ms, horizons, symbols)
    run = run_suite(suite_path, table)
    checks = checks_of(run, table, lambda row: str(forecasts[row].get("timestamp")))
    said = pd.DataFrame([{name: str(value) for name, value in each.items()} for each in forecasts])
    digest = hashlib.sha256(said.to_csv(index=False).encode()).hexdigest()
    report = ValidationReport(run.suite, "forecasts", len(table), digest, now_ms, checks)
    return CheckedRows(report, table, run)


def _table(
    forecasts: Sequence[Mapping[str, Any]],
    now_ms: int,
    horizons: Mapping[str, Horizon],
    symbols: Collection[str],
) -> pd.DataFrame:
    said = {name: _numbers([each.get(name) for each in forecasts]) for name in _NUMBERS}
    words = {name: [str(each.get(name)) for each in forecasts] for name in ("symbol", "horizon")}
    as_of, issued = (
        _numbers([_moment(each.get(name)) for each in forecasts]) for name in ("as_of", "timestamp")
    )
    look_ahead = _numbers([_look_ahead_ms(horizons.get(name)) for name in words["horizon"]])
    pred = said["pred_return"]
    low, high = (_numbers([_end(each.get("interval_90"), side) for each in forecasts]) for side in (0, 1))
    outside = np.maximum(low - pred, pred - high)
    return pd.DataFrame(
        {
            **words,
            **said,
            "as_of_ms": as_of,
            "issued_ms": issued,
            "symbol_known": [int(name in symbols) for name in words["symbol"]],
            "horizon_known": [int(name in horizons) for name in words["horizon"]],
            "sourced": [int(_is_sourced(each)) for each in forecasts],
            "early_ms": np.maximum(as_of - issued, 0),
            "future_ms": np.maximum(issued - now_ms, 0),
            "outside_interval": np.maximum(np.nan_to_num(outside, nan=0.0), 0),
            "daily_return": pred / np.sqrt(look_ahead / DAY_MS),
            "age_look_aheads": (issued - as_of) / look_ahead,
        }
    )


def _numbers(values: Sequence[object]) -> FloatArray:
    numeric = (
        value if isinstance(value, int | float) and not isinstance(value, bool) else None for value in values
    )
    return np.array(list(numeric), dtype=np.float64)


def _end(interval: object, side: int) -> object:
    return interval[side] if isinstance(interval, list | tuple) and len(interval) == 2 else None


def _moment(text: object) -> int | None:
    try:
        return parse_utc(text) if isinstance(text, str) else None
    except InputError:
        return None


def _look_ahead_ms(horizon: Horizon | None) -> int | None:
    return None if horizon is None else horizon.look_ahead_ms


def _is_sourced(forecast: Mapping[str, Any]) -> bool:
    explained = forecast.get("model_type") == "ml" or bool(forecast.get("fallback_reason"))
    return bool(forecast.get("model_id")) and explained
