"""Faults planted into real candles: what each does to the rows, and which rows must then be named."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import partial

import numpy as np

from benchmarks.real_series import Series
from forecasting.candles import PRICE_COLUMNS, VALUE_COLUMNS, Candles
from forecasting.quality.raw import RawCandles, SourceFile
from forecasting.types import HOUR_MS, FloatArray, IntArray

WINDOW_BARS = {"1m": 28 * 24 * 60, "1h": 365 * 24, "1d": 730}
YEAR_MS = 365 * 24 * HOUR_MS
BODIES = ("high_minus_body", "body_minus_low")


@dataclass(frozen=True, slots=True, eq=False)
class Planted:
    """Rows with a fault, and what is needed to see it.

    Attributes
    ----------
    rows
        Positions of the rows that must be named; empty where naming any row condemns the table.
    columns
        Columns of the evidence of which one must break its limit.
    """

    raw: RawCandles
    rows: IntArray
    columns: tuple[str, ...]
    now_ms: int
    references: Mapping[str, Candles] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, eq=False)
class Window:
    """A clean piece of one real series, and the whole of the others of its folder."""

    candles: Candles
    others: Series
    rng: np.random.Generator

    @property
    def now_ms(self) -> int:
        """The moment at which the last candle closed."""
        return int(self.candles.open_time_ms[-1]) + self.candles.interval_ms

    def row(self, margin: int = 0, length: int = 1) -> int:
        """Any row that has so many rows before it and, behind the next `length` rows, so many after it."""
        return int(self.rng.integers(margin, len(self.candles) - margin - length + 1))

    def planted(
        self, times: IntArray, values: FloatArray, rows: IntArray | list[int], *columns: str
    ) -> Planted:
        """Rows of these times and values, of which those named must be found in one of the columns."""
        numbers = np.arange(1, len(times) + 1, dtype=np.int64)
        files = (SourceFile("planted"),)
        raw = RawCandles(
            self.candles.symbol, self.candles.interval, times, values, files, np.zeros_like(numbers), numbers
        )
        return Planted(raw, np.asarray(rows, dtype=np.int64), columns, self.now_ms)

    def copies(self) -> tuple[IntArray, FloatArray]:
        """Copy times and values, to be written to."""
        values = np.column_stack([getattr(self.candles, name) for name in VALUE_COLUMNS])
        return self.candles.open_time_ms.copy(), values


def window(series: Series, rng: np.random.Generator) -> Window:
    """Choose a random piece of a random series, in the middle of which others of the folder have candles too."""
    while True:
        symbol = str(rng.choice(sorted(series)))
        candles = series[symbol]
        bars = min(WINDOW_BARS[candles.interval], len(candles))
        start = int(rng.integers(len(candles) - bars + 1))
        piece = candles.take(slice(start, start + bars))
        others = {name: other for name, other in series.items() if name != symbol}
        middle = int(piece.open_time_ms[bars // 2])
        if any(other.open_time_ms[0] <= middle <= other.open_time_ms[-1] for other in others.values()):
            return Window(piece, others, rng)


def duplicate(at: Window) -> Planted:
    """One row stands twice, the second time anywhere below."""
    times, values = at.copies()
    row = at.row()
    place = int(at.rng.integers(row + 1, len(times) + 1))
    times, values = np.insert(times, place, times[row]), np.insert(values, place, values[row], axis=0)
    return at.planted(times, values, [row, place], "same_time_rows")


def conflict(at: Window) -> Planted:
    """One row stands twice with one price of the second changed by 0.01 % to 1 %."""
    times, values = at.copies()
    row = at.row()
    times, values = np.insert(times, row, times[row]), np.insert(values, row, values[row], axis=0)
    values[row + 1, at.rng.integers(4)] *= 1 + at.rng.uniform(1e-4, 1e-2)
    return at.planted(times, values, [row, row + 1], "conflicting_rows")


def out_of_order(at: Window) -> Planted:
    """Two rows up to 100 apart have changed places."""
    times, values = at.copies()
    first = at.row(length=2)
    second = int(at.rng.integers(first + 1, min(first + 100, len(times))))
    swapped = np.arange(len(times))
    swapped[[first, second]] = second, first
    behind = np.arange(first + 1, second + 1)
    return at.planted(times[swapped], values[swapped], behind, "behind_ms")


def partial_last(at: Window) -> Planted:
    """Leave the last candle open."""
    planted = at.planted(*at.copies(), [len(at.candles) - 1], "unclosed_ms")
    return replace(planted, now_ms=at.now_ms - int(at.rng.integers(1, at.candles.interval_ms)))


def future(at: Window) -> Planted:
    """Stamp the last five candles a year ahead."""
    times, values = at.copies()
    times[-5:] += YEAR_MS
    return at.planted(times, values, np.arange(len(times) - 5, len(times)), "unclosed_ms")


def number(at: Window, put: float, columns: int) -> Planted:
    """One of the first so many columns of one row holds that number."""
    times, values = at.copies()
    row, column = at.row(), int(at.rng.integers(columns))
    values[row, column] = put
    return at.planted(times, values, [row], VALUE_COLUMNS[column])


def negative(at: Window) -> Planted:
    """One value of one row has lost its sign."""
    times, values = at.copies()
    row, column = at.row(), int(at.rng.integers(len(PRICE_COLUMNS)))
    values[row, column] *= -1
    return at.planted(times, values, [row], VALUE_COLUMNS[column])


def high_below_low(at: Window) -> Planted:
    """High and low of one row have changed places."""
    times, values = at.copies()
    row = int(at.rng.choice(np.flatnonzero(values[:, 1] > values[:, 2])))
    values[row, [1, 2]] = values[row, [2, 1]]
    return at.planted(times, values, [row], *BODIES)


def gap(at: Window, bars: int) -> Planted:
    """So many candles are absent."""
    times, values = at.copies()
    row = at.row(margin=1, length=bars)
    gone = np.arange(row, row + bars)
    columns = ("absent_candles_before",)
    return at.planted(np.delete(times, gone), np.delete(values, gone, axis=0), [row], *columns)


def tick(at: Window, factor: float, fields: int) -> Planted:
    """One price of one row, or all four, are ten times too large or too small."""
    times, values = at.copies()
    row = at.row()
    columns = at.rng.choice(4, size=fields, replace=False)
    values[row, columns] *= factor
    return at.planted(times, values, [row], "spike_ratio")


def flat_filling(at: Window) -> Planted:
    """Six hours are filled with the last close and no volume."""
    times, values = at.copies()
    bars = 6 * HOUR_MS // at.candles.interval_ms
    row = at.row(margin=1, length=bars)
    values[row : row + bars] = [*[values[row - 1, 3]] * 4, 0.0]
    return at.planted(times, values, np.arange(row, row + bars), "flat_run_surprise")


def stuck_feed(at: Window) -> Planted:
    """One row is repeated thirty times under new times."""
    times, values = at.copies()
    row = at.row(margin=1, length=30)
    values[row : row + 30] = values[row - 1]
    rows = np.arange(row, row + 30)
    return at.planted(times, values, rows, "stuck_run_surprise", "flat_run_surprise")


def redenomination(at: Window, factor: float) -> Planted:
    """All prices from one row on are in another unit."""
    times, values = at.copies()
    row = at.row(margin=2)
    values[row:, :4] *= factor
    return at.planted(times, values, [row], "level_ratio")


def revision(at: Window) -> Planted:
    """One price of up to twenty stored candles is 0.01 % to 5 % from what it was."""
    times, values = at.copies()
    rows = np.sort(at.rng.choice(len(times), size=int(at.rng.integers(1, 21)), replace=False))
    factors = 1 + at.rng.choice([-1, 1], size=len(rows)) * at.rng.uniform(1e-4, 5e-2, size=len(rows))
    values[rows, at.rng.integers(4, size=len(rows))] *= factors
    planted = at.planted(times, values, rows, "revision_size")
    return replace(planted, references={at.candles.symbol: at.candles})


def shifted(at: Window, bars: int = 0, hours: int = 0, by_itself: bool = False) -> Planted:
    """All stamps are late by so much; seen against the stored series itself, or against the others alone."""
    times, values = at.copies()
    late = times + bars * at.candles.interval_ms + hours * HOUR_MS
    planted = at.planted(late, values, [], "stamp_shift_bars", "off_grid_ms")
    seen = {at.candles.symbol: at.candles} if by_itself else dict(at.others)
    return replace(planted, references=seen, now_ms=at.now_ms + YEAR_MS)


@dataclass(frozen=True, slots=True)
class Fault:
    """A kind of fault: how it is planted, the share of plants that must be found, and where it can be planted."""

    name: str
    plant: Callable[[Window], Planted]
    share: float = 0.99
    intervals: tuple[str, ...] = ("1m", "1h", "1d")


FAULTS = (
    Fault("duplicate", duplicate, 1.0),
    Fault("conflicting duplicate", conflict),
    Fault("out of order", out_of_order, 1.0),
    Fault("partial last candle", partial_last, 1.0),
    Fault("value missing", partial(number, put=np.nan, columns=5), 1.0),
    Fault("stamps of the future", future, 1.0),
    Fault("stamps of the close, seen by itself", partial(shifted, bars=1, by_itself=True), 1.0),
    Fault("stamps of the close, seen by others", partial(shifted, bars=1), 1.0),
    Fault("stamps one candle early, seen by itself", partial(shifted, bars=-1, by_itself=True), 1.0),
    Fault("stamps one candle early, seen by others", partial(shifted, bars=-1), 1.0),
    Fault("zone of +8 h, seen by itself", partial(shifted, hours=8, by_itself=True)),
    Fault("zone of +8 h, seen by others", partial(shifted, hours=8)),
    Fault("zone of +9 h, seen by itself", partial(shifted, hours=9, by_itself=True)),
    Fault("zone of +9 h, seen by others", partial(shifted, hours=9)),
    Fault("gap of 1", partial(gap, bars=1)),
    Fault("gap of 10", partial(gap, bars=10)),
    Fault("gap of 1,440", partial(gap, bars=1440), intervals=("1m", "1h")),
    Fault("one price ten-fold", partial(tick, factor=10.0, fields=1)),
    Fault("one price a tenth", partial(tick, factor=0.1, fields=1)),
    Fault("all prices ten-fold", partial(tick, factor=10.0, fields=4)),
    Fault("all prices a tenth", partial(tick, factor=0.1, fields=4)),
    Fault("zero", partial(number, put=0.0, columns=4)),
    Fault("negative", negative),
    Fault("infinite", partial(number, put=np.inf, columns=5)),
    Fault("high below low", high_below_low),
    Fault("six hours of flat filling", flat_filling, intervals=("1m", "1h")),
    Fault("feed stuck for 30 candles", stuck_feed),
    Fault("thousand-fold from one row on", partial(redenomination, factor=1000.0)),
    Fault("a thousandth from one row on", partial(redenomination, factor=0.001)),
    Fault("revised history", revision),
)
