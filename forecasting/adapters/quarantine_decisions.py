"""What a person decides about rows in quarantine: into the store after all, or never."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType

import numpy as np

from forecasting.adapters.news.records import event_from_content
from forecasting.adapters.store.quarantine import CANDLE, EVENT, QuarantinedRow
from forecasting.adapters.workspace import Workspace
from forecasting.candles import VALUE_COLUMNS, Candles, validate_candles
from forecasting.errors import InputError, InvalidCandles, InvalidEvents

RELEASED_BY = "released by a person"


def release(workspace: Workspace, rows: Sequence[QuarantinedRow], now_ms: int) -> list[QuarantinedRow]:
    """Store rows after all, replacing what is stored at their times; they are let through when they come again.

    Every row is looked at before the first is stored; a process that dies in between goes on where it was.

    Raises
    ------
    InvalidCandles, InvalidEvents
        A row is no possible candle or event, whoever wants it; nothing is stored.
    InputError
        A row is of a kind that cannot be stored, as a served forecast.
    """
    stores = [_prepared(workspace, row) for row in rows]
    released = []
    for row, store in zip(rows, stores, strict=True):
        store(now_ms)
        released.append(workspace.quarantine.decide(row, "released", now_ms))
    return released


def discard(workspace: Workspace, rows: Sequence[QuarantinedRow], now_ms: int) -> list[QuarantinedRow]:
    """Decide that rows are never used; they stay in quarantine, and one that was released stays stored."""
    return [workspace.quarantine.decide(row, "discarded", now_ms) for row in rows]


def _prepared(workspace: Workspace, row: QuarantinedRow) -> Callable[[int], object]:
    kind = row.origin.kind
    if kind not in _STORING:
        raise InputError(f"row {row.row_id} is a {kind}, which cannot be released: discard it")
    return _STORING[kind](workspace, row)


def _candle_storing(workspace: Workspace, row: QuarantinedRow) -> Callable[[int], object]:
    candles = _candle(row)
    return lambda now_ms: workspace.candles.write(candles, RELEASED_BY, now_ms)


def _candle(row: QuarantinedRow) -> Candles:
    values = [row.fault.content.get(name) for name in VALUE_COLUMNS]
    numbers = np.array([np.nan if value is None else float(value) for value in values])
    times = np.array([row.fault.moment_ms], dtype=np.int64)
    candles = Candles(row.origin.symbol, row.origin.interval, times, *numbers[:, None])
    try:
        return validate_candles(candles)
    except InvalidCandles as error:
        raise InvalidCandles(
            f"row {row.row_id} ({row.fault.place}) cannot be released: {error}: correct it at its source and "
            f"ingest that again, or discard it"
        ) from error


def _event_storing(workspace: Workspace, row: QuarantinedRow) -> Callable[[int], object]:
    try:
        record = event_from_content(row.fault.content)
    except InvalidEvents as error:
        raise InvalidEvents(
            f"row {row.row_id} ({row.fault.place}) cannot be released: {error}: correct it at its source and "
            f"ingest that again, or discard it"
        ) from error
    at_ms = record.timestamp_ms  # it covers nothing but its own moment
    return lambda now_ms: workspace.events.write([record], at_ms, at_ms, now_ms, RELEASED_BY)


_STORING: Mapping[str, Callable[[Workspace, QuarantinedRow], Callable[[int], object]]] = MappingProxyType(
    {CANDLE: _candle_storing, EVENT: _event_storing}
)
