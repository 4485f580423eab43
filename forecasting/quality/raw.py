"""Rows as a source gave them, and rows that were kept out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from forecasting.candles import OPEN_TIME, VALUE_COLUMNS, Candles
from forecasting.types import BoolArray, FloatArray, IntArray, interval_ms


@dataclass(frozen=True, slots=True)
class SourceFile:
    """One file, collection or exchange that rows come from, and what it counts its rows in (line, row, candle)."""

    name: str
    unit: str = "row"


@dataclass(frozen=True, slots=True, eq=False)
class RawCandles:
    """Rows of one market and interval, whose times and numbers were read and of which nothing else is known.

    Attributes
    ----------
    symbol, interval
        As in `Candles`.
    open_time_ms
        Shape (n,): what the source says is the open of each candle, epoch milliseconds UTC, in any order.
    values
        Shape (n, 5): open, high, low, close, volume; NaN means that the source leaves it out.
    files
        Where the rows come from.
    file, number
        Shape (n,): index into `files`, and the row's number there.
    """

    symbol: str
    interval: str
    open_time_ms: IntArray
    values: FloatArray
    files: tuple[SourceFile, ...]
    file: IntArray
    number: IntArray

    def __len__(self) -> int:
        return len(self.open_time_ms)

    @property
    def interval_ms(self) -> int:
        """Length of one candle in milliseconds."""
        return interval_ms(self.interval)

    @classmethod
    def of(cls, candles: Candles, source: SourceFile) -> RawCandles:
        """Rows of a table of candles, numbered from 1."""
        values = np.column_stack([getattr(candles, name) for name in VALUE_COLUMNS])
        numbers = np.arange(1, len(candles) + 1, dtype=np.int64)
        own = np.zeros_like(numbers)
        return cls(candles.symbol, candles.interval, candles.open_time_ms, values, (source,), own, numbers)

    @property
    def incomplete(self) -> BoolArray:
        """Shape (n,): whether a row lacks a value."""
        return np.asarray(np.isnan(self.values).any(axis=1))

    @property
    def title(self) -> str:
        """What the files are called together: the name of one, or of the first and the last."""
        first, last = self.files[0].name, self.files[-1].name
        return first if len(self.files) == 1 else f"{first} to {last} ({len(self.files)} files)"

    def take(self, rows: slice | IntArray | BoolArray) -> RawCandles:
        """Return the chosen rows, in the order given."""
        return replace(
            self,
            open_time_ms=self.open_time_ms[rows],
            values=self.values[rows],
            file=self.file[rows],
            number=self.number[rows],
        )

    def join(self, others: Sequence[RawCandles]) -> RawCandles:
        """Return these rows and then those of others of the same market and interval."""
        parts = (self, *others)
        before = np.cumsum([0, *(len(part.files) for part in parts)])
        return replace(
            self,
            open_time_ms=np.concatenate([part.open_time_ms for part in parts]),
            values=np.concatenate([part.values for part in parts]),
            files=tuple(file for part in parts for file in part.files),
            file=np.concatenate([part.file + start for part, start in zip(parts, before, strict=False)]),
            number=np.concatenate([part.number for part in parts]),
        )

    def place(self, row: int) -> str:
        """Where a row stands in its source, in words for a person: `ETH.csv, line 17`."""
        file = self.files[int(self.file[row])]
        return f"{file.name}, {file.unit} {int(self.number[row])}"

    def fault(self, row: int, check: str, reason: str) -> FaultyRow:
        """Row `row` as one that is kept out."""
        values = (None if np.isnan(value) else float(value) for value in self.values[row])
        content = dict(zip(VALUE_COLUMNS, values, strict=True))
        return FaultyRow(check, reason, self.place(row), int(self.open_time_ms[row]), content)

    def to_frame(self) -> pd.DataFrame:
        """Table with `CANDLE_COLUMNS`, one row a candle, in the order of the rows."""
        columns = {name: self.values[:, number] for number, name in enumerate(VALUE_COLUMNS)}
        return pd.DataFrame({OPEN_TIME: self.open_time_ms, **columns})

    def to_candles(self) -> Candles:
        """Candles of the same rows; nothing is checked."""
        return Candles(self.symbol, self.interval, self.open_time_ms, *np.ascontiguousarray(self.values.T))


@dataclass(frozen=True, slots=True)
class FaultyRow:
    """A row of a source that was kept out, and why.

    Attributes
    ----------
    check
        Name of the check that it failed, as the suite calls it.
    reason
        What is wrong, on one line.
    place
        Where it stands in its source.
    moment_ms
        Its time, epoch milliseconds UTC; None where it has none.
    content
        What it holds, by the name of the column; None where the source leaves it out.
    """

    check: str
    reason: str
    place: str
    moment_ms: int | None
    content: Mapping[str, float | str | None]
