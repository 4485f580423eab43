"""The blocks of columns that stand beside each other in a row, each written by one kernel or set at once."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np

from forecasting.features.bars import Bars
from forecasting.features.definitions.base import EVENT_WINDOWS, VOLATILITY_WINDOWS, WINDOW_BARS
from forecasting.features.event import EventColumns, fill_event_features
from forecasting.features.price import fill_price_features
from forecasting.types import FloatArray, IntArray


class Block(Protocol):
    """Columns of consecutive rows; rows are counted from the first candle that the kernels are given."""

    @property
    def width(self) -> int:
        """Number of columns."""

    def fill(self, first: int, column: int, part: FloatArray) -> None:
        """Write the columns of the rows first..first+len(part)-1, beginning at `column` of `part`."""


@dataclass(frozen=True, slots=True, eq=False)
class PriceBlock:
    """The base set's columns of closing prices; they are the first of a row."""

    bars: Bars
    returns: FloatArray
    periods: IntArray
    width: int

    def fill(self, first: int, column: int, part: FloatArray) -> None:
        """See `Block`."""
        assert column == 0  # noqa: S101 - the kernel knows no other place
        fill_price_features(
            self.bars.bar,
            self.bars.close,
            self.returns,
            WINDOW_BARS,
            self.periods,
            np.array(VOLATILITY_WINDOWS),
            first,
            first + len(part),
            part,
        )


@dataclass(frozen=True, slots=True, eq=False)
class EventBlock:
    """Columns of events; None leaves them missing."""

    as_of_ms: IntArray
    events: EventColumns | None
    step_ms: int
    look_back_ms: int
    width: int

    def fill(self, first: int, column: int, part: FloatArray) -> None:
        """See `Block`."""
        events = self.events
        if events is None:
            part[:, column : column + self.width] = np.nan
            return
        fill_event_features(
            self.as_of_ms[first : first + len(part)],
            events.timestamp_ms,
            events.source,
            events.ai_related,
            events.sources,
            events.covered_from_ms,
            events.covered_until_ms,
            np.array(EVENT_WINDOWS) * self.step_ms,
            self.look_back_ms,
            column,
            part,
        )


@dataclass(frozen=True, slots=True, eq=False)
class ConstantBlock:
    """Columns that are the same in every row, as those of the symbol are."""

    values: FloatArray
    width: int

    def fill(self, first: int, column: int, part: FloatArray) -> None:  # noqa: ARG002 - all rows are alike
        """See `Block`."""
        part[:, column : column + self.width] = self.values


@dataclass(frozen=True, slots=True, eq=False)
class TableBlock:
    """Columns that were computed for all rows at once; `begin` is the row of the table's first."""

    values: FloatArray
    begin: int
    width: int

    def fill(self, first: int, column: int, part: FloatArray) -> None:
        """See `Block`."""
        start = first - self.begin
        part[:, column : column + self.width] = self.values[start : start + len(part)]
