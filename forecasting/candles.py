"""What a valid table of candles is: columns, UTC grid, closed bars, gaps, resampling.

A candle is stamped with its OPEN time in epoch milliseconds UTC and is closed once open + interval has
passed. The candle that is still open is never used.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Self

import numpy as np

from forecasting.errors import InvalidCandles
from forecasting.types import BoolArray, FloatArray, IntArray, interval_ms, utc_iso

if TYPE_CHECKING:
    import pandas as pd

OPEN_TIME = "open_time_ms"
PRICE_COLUMNS = ("open", "high", "low", "close")
VALUE_COLUMNS = (*PRICE_COLUMNS, "volume")
CANDLE_COLUMNS = (OPEN_TIME, *VALUE_COLUMNS)


@dataclass(frozen=True, slots=True, eq=False)
class Candles:
    """Candles of one symbol and interval, oldest first.

    Attributes
    ----------
    symbol
        Unified market name, as in `BTC/USDT`.
    interval
        Candle length, as in `1h`.
    open_time_ms
        Shape (n,): open of each candle, epoch milliseconds UTC, strictly increasing, on the interval's grid.
    open, high, low, close
        Shape (n,): prices in quote currency, finite and positive.
    volume
        Shape (n,): traded amount as the source counts it (base units on most exchanges), finite, not negative.
    """

    symbol: str
    interval: str
    open_time_ms: IntArray
    open: FloatArray
    high: FloatArray
    low: FloatArray
    close: FloatArray
    volume: FloatArray

    def __len__(self) -> int:
        return len(self.open_time_ms)

    @property
    def interval_ms(self) -> int:
        """Length of one candle in milliseconds."""
        return interval_ms(self.interval)

    @property
    def close_time_ms(self) -> IntArray:
        """Shape (n,): the moment each candle is closed and may be used, epoch milliseconds UTC."""
        return self.open_time_ms + self.interval_ms

    @classmethod
    def empty(cls, symbol: str, interval: str) -> Self:
        """Candles of a symbol of which nothing is known."""
        nothing = np.empty(0, dtype=np.float64)
        return cls(symbol, interval, np.empty(0, dtype=np.int64), *(nothing for _ in VALUE_COLUMNS))

    @classmethod
    def from_frame(cls, symbol: str, interval: str, frame: pd.DataFrame) -> Self:
        """Build from a table that has `CANDLE_COLUMNS`; nothing is checked but that they are there.

        Raises
        ------
        InvalidCandles
            A column is missing.
        """
        absent = [name for name in CANDLE_COLUMNS if name not in frame.columns]
        if absent:
            raise InvalidCandles(f"{symbol} {interval}: the columns {', '.join(absent)} are missing")
        values = (frame[name].to_numpy(dtype=np.float64) for name in VALUE_COLUMNS)
        return cls(symbol, interval, frame[OPEN_TIME].to_numpy(dtype=np.int64), *values)

    def to_frame(self) -> pd.DataFrame:
        """Table with `CANDLE_COLUMNS`, one row a candle."""
        import pandas as pd

        return pd.DataFrame({name: getattr(self, name) for name in CANDLE_COLUMNS})

    def take(self, rows: slice | IntArray | BoolArray) -> Candles:
        """Return the chosen rows, in the order given."""
        return Candles(self.symbol, self.interval, *(getattr(self, name)[rows] for name in CANDLE_COLUMNS))

    def between(self, start_ms: int | None, stop_ms: int | None) -> Candles:
        """Candles that open in [start_ms, stop_ms); None leaves that side open."""
        first = 0 if start_ms is None else int(np.searchsorted(self.open_time_ms, start_ms))
        last = len(self) if stop_ms is None else int(np.searchsorted(self.open_time_ms, stop_ms))
        return self.take(slice(first, max(first, last)))

    def closed_by(self, moment_ms: int) -> Candles:
        """Candles that are closed at the moment: close time <= moment_ms."""
        return self.between(None, moment_ms - self.interval_ms + 1)

    def fingerprint(self) -> str:
        """Hex SHA-256 of symbol, interval and every value; equal exactly when the tables are equal."""
        digest = hashlib.sha256(f"{self.symbol}|{self.interval}|{len(self)}".encode())
        for name in CANDLE_COLUMNS:
            digest.update(np.ascontiguousarray(getattr(self, name)).tobytes())
        return digest.hexdigest()


def join_candles(symbol: str, interval: str, parts: Sequence[Candles]) -> Candles:
    """One table of several of a series, one after the other."""
    if not parts:
        return Candles.empty(symbol, interval)
    columns = {name: np.concatenate([getattr(part, name) for part in parts]) for name in CANDLE_COLUMNS}
    return Candles(symbol, interval, **columns)


@dataclass(frozen=True, slots=True)
class Gap:
    """Candles that are absent between two that are there.

    Attributes
    ----------
    start_ms
        Open time of the first absent candle, epoch milliseconds UTC.
    bars
        How many candles are absent.
    """

    start_ms: int
    bars: int


def validate_candles(candles: Candles) -> Candles:
    """Return the same candles when they keep the contract of `Candles`.

    Raises
    ------
    InvalidCandles
        Names the first row that breaks the contract, and how.
    """
    where = f"{candles.symbol} {candles.interval}"
    _refuse_unequal_lengths(candles)
    times = candles.open_time_ms
    _refuse(where, times, times % candles.interval_ms != 0, f"is not on the UTC grid of {candles.interval}")
    not_later = np.zeros(len(times), dtype=np.bool_)
    not_later[1:] = np.diff(times) <= 0
    _refuse(where, times, not_later, "does not open later than the row before it")
    for name in PRICE_COLUMNS:
        prices = getattr(candles, name)
        _refuse(
            where, times, ~(np.isfinite(prices) & (prices > 0)), f"has a {name} that is not a positive number"
        )
    volume = candles.volume
    _refuse(where, times, ~(np.isfinite(volume) & (volume >= 0)), "has a volume that is not zero or more")
    body_low = np.minimum(candles.open, candles.close)
    body_high = np.maximum(candles.open, candles.close)
    _refuse(
        where,
        times,
        (candles.low > body_low) | (candles.high < body_high),
        "has open or close outside low..high",
    )
    return candles


def order_candles(candles: Candles) -> Candles:
    """Candles in the order of time, rows that are equal in everything once.

    Raises
    ------
    InvalidCandles
        Two rows of one time have different values, or columns are of unequal length.
    """
    _refuse_unequal_lengths(candles)
    if bool((np.diff(candles.open_time_ms) > 0).all()):
        return candles
    ordered = candles.take(np.argsort(candles.open_time_ms, kind="stable"))
    times = ordered.open_time_ms
    again = np.zeros(len(times), dtype=np.bool_)
    again[1:] = times[1:] == times[:-1]
    differs = np.zeros(len(times), dtype=np.bool_)
    for name in VALUE_COLUMNS:
        column = getattr(ordered, name)
        differs[1:] |= (column[1:] != column[:-1]) & ~(np.isnan(column[1:]) & np.isnan(column[:-1]))
    _refuse(
        f"{candles.symbol} {candles.interval}", times, again & differs, "is there twice with other values"
    )
    return ordered.take(~again)


def _refuse_unequal_lengths(candles: Candles) -> None:
    lengths = {name: len(getattr(candles, name)) for name in CANDLE_COLUMNS}
    if len(set(lengths.values())) > 1:
        raise InvalidCandles(f"{candles.symbol} {candles.interval}: columns of unequal length {lengths}")


def _refuse(where: str, times: IntArray, broken: BoolArray, how: str) -> None:
    if broken.any():
        row = int(np.argmax(broken))
        raise InvalidCandles(
            f"{where}: the candle of {utc_iso(int(times[row]))} (row {row}) {how}; {int(broken.sum())} such rows"
        )


def find_gaps(candles: Candles) -> list[Gap]:
    """List the runs of absent candles between the first and the last one, oldest first."""
    step = candles.interval_ms
    jumps = np.diff(candles.open_time_ms)
    rows = np.flatnonzero(jumps > step)
    return [Gap(int(candles.open_time_ms[row]) + step, int(jumps[row] // step) - 1) for row in rows]


@dataclass(frozen=True, slots=True, eq=False)
class ResampledCandles:
    """Coarser candles, each with the number of finer ones that it is made of.

    Attributes
    ----------
    candles
        A bar wherever at least one part is there; none over a gap that swallows it whole.
    parts_present
        Shape (n,): how many finer candles each bar is made of, at least 1.
    parts_needed
        How many make a complete bar.
    """

    candles: Candles
    parts_present: IntArray
    parts_needed: int

    @property
    def complete(self) -> BoolArray:
        """Shape (n,): whether no part of a bar is absent; any other bar may have other prices and too little volume."""
        return np.asarray(self.parts_present == self.parts_needed)


def resample(candles: Candles, interval: str) -> Candles:
    """Coarser candles made of whole sets of finer ones; a bar with any part absent is left out.

    Leaving a bar out keeps the gap visible: a coarse bar over an outage would look whole and be wrong.

    Raises
    ------
    InvalidCandles
        The interval is not a whole multiple of the candles' own.
    """
    marked = resample_marked(candles, interval)
    return marked.candles.take(marked.complete)


def resample_marked(candles: Candles, interval: str) -> ResampledCandles:
    """Coarser candles made of finer ones, those with an absent part marked rather than left out.

    Raises
    ------
    InvalidCandles
        The interval is not a whole multiple of the candles' own.
    """
    coarse_ms = interval_ms(interval)
    parts, rest = divmod(coarse_ms, candles.interval_ms)
    if rest or parts < 1:
        raise InvalidCandles(
            f"{candles.symbol}: {candles.interval} candles cannot be joined to {interval}: a whole multiple is needed"
        )
    if parts == 1 or not len(candles):
        return ResampledCandles(
            replace(candles, interval=interval), np.ones(len(candles), dtype=np.int64), parts
        )
    opens = candles.open_time_ms - candles.open_time_ms % coarse_ms
    starts = np.flatnonzero(np.r_[True, np.diff(opens) > 0])
    counts = np.diff(np.r_[starts, len(opens)])
    joined = Candles(
        candles.symbol,
        interval,
        opens[starts],
        candles.open[starts],
        np.maximum.reduceat(candles.high, starts),
        np.minimum.reduceat(candles.low, starts),
        candles.close[starts + counts - 1],
        np.add.reduceat(candles.volume, starts),
    )
    return ResampledCandles(joined, counts, parts)
