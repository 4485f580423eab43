"""Which days a window of the overlap study trains on, and which of them it scores."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from forecasting.candles import Candles
from forecasting.dataset import Dataset
from forecasting.errors import NotEnoughHistory
from forecasting.events import Events
from forecasting.features.market import markets_of
from forecasting.features.pooled import build_dataset
from forecasting.features.specification import feature_spec
from forecasting.horizons import Horizon
from forecasting.splits import LEAST_ROWS
from forecasting.types import DAY_MS, BoolArray, IntArray

TRAINED_DAYS = 169
SCORED_DAYS = 57
_TOO_SHORT = (
    "the symbols share {days} days with features and a 7-day label, "
    f"{TRAINED_DAYS} are needed: give more days, or leave out the youngest symbol"
)


@dataclass(frozen=True, slots=True, eq=False)
class Window:
    """Rows of a dataset that a window trains and scores on.

    Attributes
    ----------
    begin_ms
        First as_of, epoch milliseconds UTC.
    whole, scored, known
        Shape (n_part,): row numbers of all its days, of the last 57, and of those whose label had ended by the first
        scored day.
    """

    begin_ms: int
    whole: IntArray
    scored: IntArray
    known: IntArray

    @property
    def usable(self) -> bool:
        """Whether outages left enough days to train on and to score."""
        return min(len(self.known), len(self.scored)) >= LEAST_ROWS

    @property
    def scored_ms(self) -> int:
        """First as_of of the scored days."""
        return self.begin_ms + (TRAINED_DAYS - SCORED_DAYS) * DAY_MS

    @property
    def end_ms(self) -> int:
        """Moment after the last day."""
        return self.begin_ms + TRAINED_DAYS * DAY_MS


def source_rows(
    candles: Mapping[str, Candles], horizon: Horizon, events: Mapping[str, Events] | None = None
) -> Dataset:
    """Features of the recipe and the 7-day return, on the days that all symbols have.

    Parameters
    ----------
    candles
        Daily candles by symbol.
    horizon
        With the recipe applied.
    events
        By symbol; where there are none, their six columns are missing throughout.

    Raises
    ------
    NotEnoughHistory
        The symbols share fewer days than one window has.
    """
    rows = build_dataset(markets_of(candles, events), horizon, feature_spec(horizon, tuple(sorted(candles))))
    first_ms, last_ms = _shared_span(rows)
    days = (last_ms - first_ms) // DAY_MS + 1
    if days < TRAINED_DAYS:
        raise NotEnoughHistory(_TOO_SHORT.format(days=max(0, days)))
    return rows.take((rows.as_of_ms >= first_ms) & (rows.as_of_ms <= last_ms))


def _shared_span(rows: Dataset) -> tuple[int, int]:
    """First and last as_of that every symbol has; the last before the first where there is none."""
    spans = [rows.as_of_ms[rows.symbol == number] for number in range(len(rows.symbols))]
    if not all(len(each) for each in spans):
        return 0, -DAY_MS
    return max(int(each[0]) for each in spans), min(int(each[-1]) for each in spans)


def consecutive_windows(rows: Dataset) -> list[Window]:
    """As many windows as fit, one after the other, oldest first.

    Raises
    ------
    NotEnoughHistory
        Outages leave no window enough days.
    """
    first, last = _begins(rows)
    return _usable([cut_window(rows, begin) for begin in range(first, last + 1, TRAINED_DAYS * DAY_MS)])


def spread_windows(rows: Dataset, count: int) -> list[Window]:
    """So many windows whose first days are spread evenly over the history; they may share days."""
    first, last = _begins(rows)
    days = np.linspace(0, (last - first) // DAY_MS, count).astype(np.int64)
    return _usable([cut_window(rows, first + day * DAY_MS) for day in days.tolist()])


def _usable(windows: list[Window]) -> list[Window]:
    usable = [window for window in windows if window.usable]
    if windows and not usable:
        raise NotEnoughHistory(
            f"outages leave none of {len(windows)} windows of {TRAINED_DAYS} days {LEAST_ROWS} rows to train on and "
            "to score: give a history with fewer gaps"
        )
    return usable


def _begins(rows: Dataset) -> tuple[int, int]:
    """First and last moment that a window can begin at."""
    return int(rows.as_of_ms[0]), int(rows.as_of_ms[-1]) - (TRAINED_DAYS - 1) * DAY_MS


def cut_window(rows: Dataset, begin_ms: int) -> Window:
    """Rows of the window that begins at a moment."""
    window = Window(begin_ms, *(np.empty(0, np.int64),) * 3)
    inside: BoolArray = (rows.as_of_ms >= begin_ms) & (rows.as_of_ms < window.end_ms)
    return Window(
        begin_ms,
        whole=np.flatnonzero(inside),
        scored=np.flatnonzero(inside & (rows.as_of_ms >= window.scored_ms)),
        known=np.flatnonzero(inside & (rows.label_end_ms <= window.scored_ms)),
    )
