"""Importer of news: every row of a file becomes an event, or a faulty row with its reason."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from urllib.parse import urlsplit

from forecasting.adapters.files.times import check_time_zone
from forecasting.adapters.news.columns import EventColumns, columns_by_header, columns_by_option
from forecasting.adapters.news.records import event_record
from forecasting.adapters.news.table import Cell, EventTable
from forecasting.adapters.news.tables import read_event_table
from forecasting.adapters.news.times import check_date_order, read_event_times
from forecasting.errors import AmbiguousInput, InvalidEvents, UnreadableFile
from forecasting.events import EventRecord
from forecasting.quality.raw import FaultyRow
from forecasting.types import utc_iso

NO_TIME, FUTURE, CONTENT = "has_time", "not_from_the_future", "has_content"

_NOTHING = frozenset({"", "null", "none", "nan", "na", "n/a", "[]", "-", "--"})
_MOST_TEXT = 2_000
_FIELDS = ("title", "url", "source", "category", "symbols", "ai", "text")


@dataclass(frozen=True, slots=True)
class EventReading:
    """What the user says about files of news; None leaves it to the file.

    Attributes
    ----------
    source
        Publisher of rows that name none.
    time_zone
        Zone of dates that carry none.
    date_order
        `day-first` or `month-first`, for dates whose year stands last.
    columns
        Meaning of the columns from the left: time, title, url, source, category, symbols, ai, text, or - to skip one.
    """

    source: str | None = None
    time_zone: str = "UTC"
    date_order: str | None = None
    columns: tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True)
class EventFile:
    """What a file of news holds.

    Attributes
    ----------
    name
        Of the file.
    records
        Its events, oldest first.
    places
        Where each of them stands.
    faults
        Its rows that are no event, each with its reason.
    notes
        Everything that was decided on the way.
    """

    name: str
    records: tuple[EventRecord, ...]
    places: tuple[str, ...]
    faults: tuple[FaultyRow, ...]
    notes: tuple[str, ...]

    @property
    def rows(self) -> int:
        """Rows of the file: each is an event or a faulty row."""
        return len(self.records) + len(self.faults)

    @property
    def untitled(self) -> int:
        """How many events have no title."""
        return sum(not record.title for record in self.records)

    @property
    def unlinked(self) -> int:
        """How many events have no address."""
        return sum(not record.url for record in self.records)


def read_events_file(path: Path, reading: EventReading, now_ms: int | None = None) -> EventFile:
    """Read the events of one file: csv, tsv, json or one JSON record a line, also packed as .gz or .zip.

    What the source leaves open is settled by rules: the publisher is the row's own, else that of `reading`, else the
    host of the address; what an event concerns and whether it is about AI are the source's word where it has one, else
    what the title (without one, the text) says by `forecasting.event_rules`.

    Parameters
    ----------
    now_ms
        Moment after which an event lies in the future, epoch milliseconds UTC; None is the clock's time.

    Raises
    ------
    UnreadableFile
        The file is missing, empty, damaged or holds something else, or none of its rows is an event.
    AmbiguousInput
        The file does not prove what it means; the message names the option that says it.
    InvalidSettings
        An option cannot be used.
    """
    _check(reading)
    moment_ms = time.time_ns() // 1_000_000 if now_ms is None else now_ms
    file = events_of_table(read_event_table(Path(path)), reading, moment_ms)
    if not file.records:
        raise UnreadableFile(
            f"{file.name}: no row is an event (the first: {file.faults[0].reason}): check the file"
        )
    return file


def events_of_table(table: EventTable, reading: EventReading, now_ms: int) -> EventFile:
    """Read the events of rows, wherever they come from; none of them may be one.

    Raises
    ------
    UnreadableFile, AmbiguousInput, InvalidSettings
        As `read_events_file`.
    """
    _check(reading)
    table, columns = _understood(table, reading)
    zone = "UTC" if columns.utc else reading.time_zone
    times = read_event_times(
        table.source, [columns.cell(row, "time") for row in table.rows], zone, reading.date_order
    )
    contents = [_content(row, columns, reading) for row in table.rows]
    _demand_publisher(table, contents)
    judged = [
        _judged(content, int(times.moment_ms[row]), times.faults.get(row), now_ms, table.places[row])
        for row, content in enumerate(contents)
    ]
    faults = (*table.faults, *(each for each in judged if isinstance(each, FaultyRow)))
    found = [
        (each, place)
        for each, place in zip(judged, table.places, strict=True)
        if isinstance(each, EventRecord)
    ]
    found.sort(key=lambda each: each[0].timestamp_ms)
    records, places = tuple(record for record, _ in found), tuple(place for _, place in found)
    return EventFile(table.source, records, places, faults, times.notes)


def _check(reading: EventReading) -> None:
    check_time_zone(reading.time_zone)
    check_date_order(reading.date_order)


def _understood(table: EventTable, reading: EventReading) -> tuple[EventTable, EventColumns]:
    """Return the table without its header among the rows, and the meaning of its columns."""
    if reading.columns is None:
        return table, columns_by_header(table.source, table.header)
    columns = columns_by_option(table.source, table.header, reading.columns)
    first = table.header[columns.places["time"]]
    if table.named or read_event_times(table.source, [first], "UTC", "day-first").faults:
        return table, columns
    # Its first row is no header but an event.
    place = f"{table.source}, line 1"
    rows = (tuple(cell or None for cell in table.header), *table.rows)
    return replace(table, rows=rows, places=(place, *table.places)), columns


def _content(row: Sequence[Cell], columns: EventColumns, reading: EventReading) -> dict[str, Cell]:
    """Fields of a row by their word, with `time` as it is written."""
    content = {word: _given(columns.cell(row, word)) for word in (*_FIELDS, "time")}
    content["source"] = content["source"] or reading.source or _host(content["url"])
    return content


def _given(cell: Cell) -> Cell:
    return None if cell is None or cell.strip().casefold() in _NOTHING else cell.strip()


def _host(url: Cell) -> Cell:
    try:
        return urlsplit(url or "").netloc.casefold().removeprefix("www.") or None
    except ValueError:
        return None


def _demand_publisher(table: EventTable, contents: Sequence[Mapping[str, Cell]]) -> None:
    if not any(content["source"] for content in contents):
        raise AmbiguousInput(
            f"{table.source}: nothing says who published the events: say it with --source, or name the column "
            f"with --columns"
        )


def _judged(
    content: Mapping[str, Cell], timestamp_ms: int, fault: str | None, now_ms: int, place: str
) -> EventRecord | FaultyRow:
    if fault is not None:
        return FaultyRow(NO_TIME, fault, place, None, _kept(content))
    stamped = {**_kept(content), "timestamp": utc_iso(timestamp_ms)}
    if timestamp_ms > now_ms:
        reason = f"its time {utc_iso(timestamp_ms)} lies after its receipt, {utc_iso(now_ms)}"
        return FaultyRow(FUTURE, reason, place, timestamp_ms, stamped)
    try:
        return event_record(content, timestamp_ms)
    except InvalidEvents as error:
        return FaultyRow(CONTENT, str(error), place, timestamp_ms, stamped)


def _kept(content: Mapping[str, Cell]) -> dict[str, Cell]:
    return {**content, "text": (content["text"] or "")[:_MOST_TEXT] or None}
