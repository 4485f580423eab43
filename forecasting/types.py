"""Words shared by every room: array types, candle intervals, symbols, moments in time."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

from forecasting.errors import InputError, UnknownInterval

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]
BoolArray = NDArray[np.bool_]
TextArray = NDArray[np.str_]

MINUTE_MS = 60_000
HOUR_MS = 60 * MINUTE_MS
DAY_MS = 24 * HOUR_MS

INTERVALS_MS: Mapping[str, int] = MappingProxyType(
    {
        "1m": MINUTE_MS,
        "3m": 3 * MINUTE_MS,
        "5m": 5 * MINUTE_MS,
        "15m": 15 * MINUTE_MS,
        "30m": 30 * MINUTE_MS,
        "1h": HOUR_MS,
        "2h": 2 * HOUR_MS,
        "4h": 4 * HOUR_MS,
        "6h": 6 * HOUR_MS,
        "8h": 8 * HOUR_MS,
        "12h": 12 * HOUR_MS,
        "1d": DAY_MS,
    }
)

_SYMBOL = re.compile(r"^([A-Z0-9]{1,20})[/\-_]([A-Z0-9]{2,10})(?::([A-Z0-9]{2,10}))?$")


def interval_ms(interval: str) -> int:
    """Length of a candle interval in milliseconds.

    Raises
    ------
    UnknownInterval
        The name is not one of `INTERVALS_MS`.

    Examples
    --------
    >>> interval_ms("1h")
    3600000
    """
    try:
        return INTERVALS_MS[interval]
    except KeyError:
        raise UnknownInterval(
            f"interval {interval!r} is unknown: one of {', '.join(INTERVALS_MS)} is needed"
        ) from None


def parse_symbol(text: str) -> str:
    """Unified name of a market as ccxt writes it; dashes and underscores are accepted for the slash.

    `BTC-USD` and `BTC-USDT` are two markets, never aliases.

    Raises
    ------
    InputError
        The text is not BASE/QUOTE (or BASE/QUOTE:SETTLE for a derivative).

    Examples
    --------
    >>> parse_symbol("btc-usdt")
    'BTC/USDT'
    """
    match = _SYMBOL.match(text.strip().upper())
    if match is None:
        raise InputError(f"symbol {text!r} is not of the form BASE/QUOTE, as in BTC/USDT")
    base, quote, settle = match.groups()
    return f"{base}/{quote}" + (f":{settle}" if settle else "")


def utc_iso(moment_ms: int) -> str:
    """ISO 8601 text, in UTC, of a moment in epoch milliseconds.

    Examples
    --------
    >>> utc_iso(0)
    '1970-01-01T00:00:00Z'
    """
    moment = datetime.fromtimestamp(moment_ms / 1000, tz=UTC)
    timespec = "seconds" if moment_ms % 1000 == 0 else "milliseconds"
    return moment.isoformat(timespec=timespec).replace("+00:00", "Z")


def parse_utc(text: str) -> int:
    """Epoch milliseconds of an ISO 8601 text; a text without a zone is read as UTC.

    Raises
    ------
    InputError
        The text is not an ISO 8601 moment.

    Examples
    --------
    >>> parse_utc("1970-01-01T01:00:00+01:00")
    0
    """
    try:
        moment = datetime.fromisoformat(text.strip())
    except ValueError:
        raise InputError(f"time {text!r} is not ISO 8601, as in 2025-09-19T22:00:00Z") from None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    return round(moment.timestamp() * 1000)
