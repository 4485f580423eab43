"""Moments from what files hold: epochs in any unit, timestamps, date texts with or without a zone."""

from __future__ import annotations

from dataclasses import dataclass, replace
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import numpy as np
import pandas as pd
import pyarrow as pa

from forecasting.adapters.files.date_texts import read_date_texts
from forecasting.adapters.files.numbers import decoded, is_numeric, is_text, plain_text, read_numbers
from forecasting.adapters.files.raw_table import RawTable
from forecasting.errors import AmbiguousInput, InvalidSettings, UnreadableFile
from forecasting.types import BoolArray, FloatArray, IntArray, parse_utc

EARLIEST_MS = parse_utc("2000-01-01")
LATEST_MS = parse_utc("2100-01-01")

# How many of each unit make a millisecond: within 2000 to 2100 no number is an epoch in two of them.
_UNITS_A_MS = {"s": 1e-3, "ms": 1.0, "us": 1e3, "ns": 1e6}
_NEEDED = "an epoch or a date between 2000 and 2100 is needed"


@dataclass(frozen=True, slots=True, eq=False)
class Times:
    """Moments of the rows of a file.

    Attributes
    ----------
    moment_ms
        Shape (n,): epoch milliseconds UTC; 0 where unknown.
    known
        Shape (n,): False where the file has no time.
    zoned
        True when the file itself proves the zone: an epoch, or a date with its offset.
    notes
        What was decided: units that are mixed, a zone that was assumed.
    basis
        What the values prove to be: epochs and their units, or dates with a zone; empty where nothing is proved.
    """

    moment_ms: IntArray
    known: BoolArray
    zoned: bool
    notes: tuple[str, ...] = ()
    basis: str = ""


def check_time_zone(name: str) -> str:
    """Return the name when it is a time zone of the IANA database.

    Raises
    ------
    InvalidSettings
        It is not.
    """
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise InvalidSettings(
            f"time zone {name!r} is unknown: a name such as UTC or Europe/Berlin is needed"
        ) from None
    return name


def read_times(table: RawTable, place: int, time_zone: str = "UTC") -> Times:
    """Read one column as moments; `time_zone` is used only for dates that carry no zone themselves.

    Raises
    ------
    UnreadableFile
        A value is no moment between 2000 and 2100; names the first such row.
    AmbiguousInput
        Dates prove no order of day and month, or a local time happens twice or never.
    """
    column = decoded(table.columns[place])
    if pa.types.is_temporal(column.type):
        return _read_timestamps(table, place, column, time_zone)
    if is_numeric(column):
        return _read_epochs(table, place, read_numbers(table, place))
    if not is_text(column):
        raise UnreadableFile(f"{table.source}: {table.title(place)} holds {column.type}: {_NEEDED}")
    text = plain_text(column)
    if _looks_like_epochs(text):
        return _read_epochs(table, place, read_numbers(table, place))
    return _read_texts(table, place, text, time_zone)


def _looks_like_epochs(text: pa.Array) -> bool:
    first = next((value.as_py() for value in text if value.is_valid), "")
    # Eight digits are a date, as in 20210610: no epoch since 2000 is that short.
    return len(first) > 8 and first.replace(".", "", 1).isdigit()


def _read_epochs(table: RawTable, place: int, values: FloatArray) -> Times:
    known = ~np.isnan(values)
    moment_ms, counts = epochs_ms(values)
    _refuse_first(table, place, (moment_ms > 0) | ~known, values)
    used = [f"{count:,} in {unit}" for unit, count in counts.items() if count]
    basis = f"epochs in {' and '.join(unit for unit, count in counts.items() if count)}"
    notes = (f"epochs of {table.title(place)} are mixed: {' and '.join(used)}",) if len(used) > 1 else ()
    return Times(moment_ms, known, zoned=True, notes=notes, basis=basis)


def epochs_ms(values: FloatArray) -> tuple[IntArray, dict[str, int]]:
    """Milliseconds of epochs in s, ms, us or ns, 0 where a number is none of them, and how many are in each unit."""
    moment_ms = np.zeros(len(values), dtype=np.int64)
    counts: dict[str, int] = {}
    for unit, units_a_ms in _UNITS_A_MS.items():
        inside = (values >= EARLIEST_MS * units_a_ms) & (values < LATEST_MS * units_a_ms)
        # Floor, for a close time such as 10:59:59.999999 belongs to the millisecond that it is in.
        whole = np.floor if units_a_ms > 1 else np.round
        moment_ms[inside] = whole(values[inside] / units_a_ms).astype(np.int64)
        counts[unit] = int(inside.sum())
    return moment_ms, counts


def _read_timestamps(table: RawTable, place: int, column: pa.Array, time_zone: str) -> Times:
    if not (pa.types.is_timestamp(column.type) or pa.types.is_date(column.type)):
        raise UnreadableFile(f"{table.source}: {table.title(place)} holds {column.type}: {_NEEDED}")
    zoned = bool(pa.types.is_timestamp(column.type) and column.type.tz)
    moments = column.cast(pa.timestamp("ms", column.type.tz if zoned else None), safe=False)
    known = moments.is_valid().to_numpy(zero_copy_only=False)
    moment_ms = moments.cast(pa.int64()).fill_null(0).to_numpy(zero_copy_only=False)
    inside = ~known | ((moment_ms >= EARLIEST_MS) & (moment_ms < LATEST_MS))
    _refuse_first(table, place, inside, moments)
    return _settle_zone(table, Times(moment_ms, known, zoned), np.asarray(known & (not zoned)), time_zone)


def _read_texts(table: RawTable, place: int, text: pa.Array, time_zone: str) -> Times:
    dates = read_date_texts(text)
    if dates.day_or_month_first:
        raise AmbiguousInput(
            f"{table.source}: dates such as {dates.day_or_month_first!r} do not prove which part is the day: "
            f"write them as YYYY-MM-DD"
        )
    known = text.is_valid().to_numpy(zero_copy_only=False)
    inside = dates.valid & (dates.moment_ms >= EARLIEST_MS) & (dates.moment_ms < LATEST_MS)
    _refuse_first(table, place, inside | ~known, text)
    local = known & ~dates.zoned
    moment_ms = np.where(known, dates.moment_ms, 0)
    return _settle_zone(table, Times(moment_ms, known, not local.any()), local, time_zone)


def _settle_zone(table: RawTable, times: Times, local: BoolArray, time_zone: str) -> Times:
    if not local.any():
        return replace(times, basis="dates with their zone")
    note = f"times carry no zone and were read as {time_zone}"
    if time_zone == "UTC":
        return Times(times.moment_ms, times.known, times.zoned, (note,))
    walls = pd.DatetimeIndex(times.moment_ms[local].astype("datetime64[ms]"))
    try:
        utc = walls.tz_localize(time_zone, ambiguous="raise", nonexistent="raise").tz_convert("UTC")
    except ValueError as error:
        reason = " ".join(str(error).split())
        raise AmbiguousInput(
            f"{table.source}: a local time happens twice or never in {time_zone} ({reason}): "
            f"write the times in UTC"
        ) from error
    moment_ms = times.moment_ms.copy()
    moment_ms[local] = utc.tz_localize(None).to_numpy().astype("datetime64[ms]").astype(np.int64)
    return Times(moment_ms, times.known, times.zoned, (note,))


def _refuse_first(table: RawTable, place: int, fine: BoolArray, values: FloatArray | pa.Array) -> None:
    if not fine.all():
        row = int(np.argmin(fine))
        found = str(values[row])
        raise UnreadableFile(
            f"{table.source}, {table.place(row)}: {table.title(place)} is {found!r}: {_NEEDED}: "
            f"correct the file"
        )
