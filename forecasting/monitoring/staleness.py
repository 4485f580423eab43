"""When a forecast is stale: made of candles that are too old for the moment that was asked about."""

from __future__ import annotations

STALE_CANDLES = 3  # an import each hour may come late once


def is_stale(asked_ms: int, as_of_ms: int, interval_ms: int) -> bool:
    """Whether the newest candle closed more than three intervals before the moment that was asked about.

    Parameters
    ----------
    asked_ms
        That moment, epoch milliseconds UTC.
    as_of_ms
        Close of the newest candle that was used, epoch milliseconds UTC.
    interval_ms
        Length of the candles.

    Examples
    --------
    >>> is_stale(180_000, 0, 60_000), is_stale(180_001, 0, 60_000)
    (False, True)
    """
    return asked_ms - as_of_ms > STALE_CANDLES * interval_ms
