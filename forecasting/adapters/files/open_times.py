"""Which of a table's time columns is believed, and whether the others agree with it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pyarrow as pa
from pyarrow import compute as pc

from forecasting.adapters.files.columns import says_utc
from forecasting.adapters.files.numbers import is_text, plain_text
from forecasting.adapters.files.raw_table import RawTable
from forecasting.adapters.files.times import Times, read_times
from forecasting.errors import InputError
from forecasting.types import HOUR_MS

_CLOCK = r"^[0-9]{1,2}:[0-9]{2}(:[0-9]{2})?$"


def open_times(table: RawTable, places: Sequence[int], time_zone: str) -> Times:
    """Open time of each row from the columns that hold times.

    A column that carries its zone (an epoch, a date with an offset) is believed over one that does not; where
    the others differ, a note says how often. A date column and a clock column are read as one.

    Parameters
    ----------
    places
        Columns that may hold the time by their names, the likeliest first.

    Raises
    ------
    InputError
        The believed column holds something that is no time.
    """
    table, places = _with_clock(table, places)
    usable = [place for place in places if _begins_with_time(table, place, time_zone)] or [places[0]]
    zoned = [place for place in usable if len(usable) > 1 and _read(_head(table), place, time_zone).zoned]
    believed = (zoned or usable)[0]
    times = _read(table, believed, time_zone)
    notes = [_difference(table, believed, times, place, time_zone) for place in usable if place != believed]
    told = (*times.notes, *(note for note in notes if note))
    basis = times.basis and f"the times of {table.title(believed)} are {times.basis}"
    return replace(times, notes=told, basis=basis)


def _with_clock(table: RawTable, places: Sequence[int]) -> tuple[RawTable, Sequence[int]]:
    clocks = [place for place in places if _is_clock(table.columns[place])]
    dates = [place for place in places if place not in clocks]
    if not clocks or not dates or not is_text(table.columns[dates[0]]):
        return table, dates or places
    columns = list(table.columns)
    columns[dates[0]] = pc.binary_join_element_wise(columns[dates[0]], columns[clocks[0]], " ")
    return replace(table, columns=tuple(columns)), dates


def _is_clock(column: pa.Array) -> bool:
    return is_text(column) and bool(
        pc.all(pc.match_substring_regex(plain_text(column), _CLOCK), min_count=1).as_py()
    )


def _head(table: RawTable) -> RawTable:
    return replace(table, columns=tuple(column.slice(0, 1) for column in table.columns))


def _begins_with_time(table: RawTable, place: int, time_zone: str) -> bool:
    """Whether the first row holds a time: a column that begins with one must hold times throughout."""
    try:
        return bool(_read(_head(table), place, time_zone).known.all())
    except InputError:
        return False


def _read(table: RawTable, place: int, time_zone: str) -> Times:
    header_says_utc = table.header is not None and says_utc(table.header[place])
    times = read_times(table, place, "UTC" if header_says_utc else time_zone)
    return replace(times, zoned=True, notes=()) if header_says_utc and not times.zoned else times


def _difference(table: RawTable, believed: int, times: Times, place: int, time_zone: str) -> str:
    try:
        other = _read(table, place, time_zone)
    except InputError as error:
        return f"{table.title(place)} was not used: {error}"
    apart_ms = other.moment_ms - times.moment_ms
    differs = times.known & other.known & (apart_ms != 0)
    if not differs.any():
        return ""
    row = int(np.argmax(differs))
    return (
        f"{table.title(place)} differs from {table.title(believed)} in {int(differs.sum()):,} row(s), "
        f"first {table.place(row)} by {apart_ms[row] / HOUR_MS:+.4g} h: {table.title(believed)} was used"
    )
