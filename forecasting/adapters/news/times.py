"""When each event of a file became public; a row whose time cannot be read is told apart, not guessed."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from email.utils import parsedate_to_datetime

import numpy as np
import pandas as pd
import pyarrow as pa

from forecasting.adapters.files.date_texts import read_date_texts
from forecasting.adapters.files.numbers import plain_text
from forecasting.adapters.files.times import EARLIEST_MS, LATEST_MS, epochs_ms
from forecasting.errors import AmbiguousInput, InvalidSettings
from forecasting.types import DAY_MS, BoolArray, IntArray

DATE_ORDERS = ("day-first", "month-first")

_NO_MOMENT = -1

_EPOCH = re.compile(r"[0-9]{9,10}(\.[0-9]*)?|[0-9]{12,13}(\.[0-9]*)?|[0-9]{15,16}|[0-9]{18,19}")
_RUN_TOGETHER = re.compile(r"([0-9]{8})T?([0-9]{6})Z?")
_OF_MAIL = re.compile(r"(?:[A-Za-z]{3,9},? +)?[0-9]{1,2} [A-Za-z]{3,9} [0-9]{4} [0-9]{1,2}:[0-9]{2}.*")
_HAS_CLOCK = re.compile(r"[0-9][T ]+[0-9]{1,2}:?[0-9]{2}|[0-9]{9}")


@dataclass(frozen=True, slots=True, eq=False)
class EventTimes:
    """Moments of the rows of a file.

    Attributes
    ----------
    moment_ms
        Shape (n,): epoch milliseconds UTC; 0 where unknown.
    faults
        What is wrong with a row's time, by its number.
    notes
        What was decided.
    """

    moment_ms: IntArray
    faults: dict[int, str]
    notes: tuple[str, ...] = ()


def check_date_order(word: str | None) -> str | None:
    """Return the word when it is an order of day and month; None leaves it to the dates.

    Raises
    ------
    InvalidSettings
        It is not.
    """
    if word is not None and word not in DATE_ORDERS:
        raise InvalidSettings(f"--date-order {word!r}: one of {', '.join(DATE_ORDERS)} is needed")
    return word


def read_event_times(
    source: str, cells: Sequence[str | None], time_zone: str, date_order: str | None
) -> EventTimes:
    """Read epochs (s, ms, us, ns) and dates, mixed or not.

    A date without a clock stands for the end of its day: the event was not known before it happened.

    Parameters
    ----------
    source
        Name of the file, for messages.
    cells
        Texts of the column.
    time_zone
        Zone of dates that carry none.
    date_order
        Whether the day or the month stands first where the year stands last; None leaves it to the dates.

    Raises
    ------
    AmbiguousInput
        Dates prove neither order, or both.
    """
    text = plain_text(pa.array([_plain_date(each) for each in cells], pa.string()))
    words = [each.as_py() for each in text]
    epochs = np.array([bool(each and _EPOCH.fullmatch(each)) for each in words], dtype=np.bool_)
    numbers = np.array([float(each) if epoch else np.nan for each, epoch in zip(words, epochs, strict=True)])
    moment_ms, _ = epochs_ms(numbers)
    dates = pa.array(
        [None if epoch else each for each, epoch in zip(words, epochs, strict=True)], pa.string()
    )
    read = read_date_texts(dates, _day_first(source, dates, date_order))
    local = read.valid & ~read.zoned
    walls = read.moment_ms + DAY_MS * np.array(
        [not _HAS_CLOCK.search(each or "00:00 00:00") for each in words]
    )
    utc_ms = np.where(local, _utc(walls, local, time_zone), walls)
    moment_ms = np.where(read.valid, utc_ms, moment_ms)
    no_moment = local & (utc_ms == _NO_MOMENT)
    known = (moment_ms >= EARLIEST_MS) & (moment_ms < LATEST_MS)
    faults = {
        row: _fault(cells[row], bool(no_moment[row]), time_zone) for row in np.flatnonzero(~known).tolist()
    }
    days = int((read.valid & (walls != read.moment_ms)).sum())
    return EventTimes(np.where(known, moment_ms, 0), faults, tuple(_notes(local, days, time_zone)))


def _plain_date(cell: str | None) -> str | None:
    """Write dates as feeds have them in the way that tables have them."""
    text = (cell or "").strip()
    together = _RUN_TOGETHER.fullmatch(text)
    if together:
        return f"{together[1]} {together[2]}" + ("Z" if text.endswith("Z") else "")
    if _OF_MAIL.fullmatch(text):
        try:
            return parsedate_to_datetime(text).isoformat(sep=" ")
        except ValueError:
            return text
    return text or None


def _day_first(source: str, dates: pa.Array, date_order: str | None) -> bool:
    if date_order is not None:
        return date_order == "day-first"
    day, month = (read_date_texts(dates, day_first).valid for day_first in (True, False))
    if np.any(day & ~month) and np.any(month & ~day):
        first, other = (str(dates[int(np.argmax(only))]) for only in (day & ~month, month & ~day))
        raise AmbiguousInput(
            f"{source}: {first!r} has the day first and {other!r} the month: say with --date-order day-first or "
            f"month-first which is right"
        )
    unproven = read_date_texts(dates).day_or_month_first
    if unproven:
        raise AmbiguousInput(
            f"{source}: dates such as {unproven!r} do not prove which part is the day: say --date-order day-first or "
            f"month-first"
        )
    return bool(np.any(day & ~month))


def _utc(walls: IntArray, local: BoolArray, time_zone: str) -> IntArray:
    """Moments of wall clocks; `_NO_MOMENT` where a clock shows a time twice or never."""
    moments = walls.copy()
    if time_zone != "UTC":
        index = pd.DatetimeIndex(walls[local].astype("datetime64[ms]"))
        zoned = index.tz_localize(time_zone, ambiguous="NaT", nonexistent="NaT").tz_convert("UTC")
        naive = zoned.tz_localize(None)
        utc = naive.to_numpy().astype("datetime64[ms]").astype(np.int64)
        moments[local] = np.where(naive.isna(), _NO_MOMENT, utc)
    return moments


def _fault(cell: str | None, no_moment: bool, time_zone: str) -> str:
    if not (cell or "").strip():
        return "no time"
    if no_moment:
        return f"time {cell!r} happens twice or never in {time_zone}"
    return f"time {cell!r} is no epoch and no date between 2000 and 2100"


def _notes(local: BoolArray, days: int, time_zone: str) -> list[str]:
    zone = [f"times carry no zone and were read as {time_zone}"] if local.any() else []
    return zone + ([f"{days:,} date(s) without a clock were put at the end of their day"] if days else [])
