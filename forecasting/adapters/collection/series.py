"""The table of a collection told apart by interval and market, as the importer of files does it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

import pyarrow as pa
from pyarrow import compute as pc

from forecasting.adapters.collection.fields import INTERVAL, FieldMap
from forecasting.adapters.files.columns import COLUMN_WORDS, usual_word
from forecasting.adapters.files.interval import check_interval
from forecasting.adapters.files.names import FileName, known_interval, parse_file_name
from forecasting.adapters.files.numbers import is_text, plain_text
from forecasting.adapters.files.raw_table import RawTable
from forecasting.adapters.files.report import ImportReport
from forecasting.adapters.files.rows import Reading, table_series
from forecasting.adapters.files.stamping import check_stamp
from forecasting.adapters.files.times import check_time_zone
from forecasting.adapters.source import Source
from forecasting.errors import AmbiguousInput, InputError, UnknownInterval, UnreadableFile
from forecasting.types import INTERVALS_MS, parse_symbol

_NEEDED = COLUMN_WORDS[:6]


def collection_reports(
    table: RawTable, collection: str, source: Source, fields: FieldMap
) -> list[ImportReport]:
    """Rows of each market and interval that the source asks for.

    Parameters
    ----------
    table
        Columns under their words where those were said, else under the names of their fields.
    collection
        Name of the collection, which may say market and interval as a file's name does.

    Raises
    ------
    InputError
        The table does not prove what it means, or has nothing of what was asked for.
    """
    name = parse_file_name(collection)
    if name.other_rows is not None:
        raise UnreadableFile(f"{table.source}: the name says {name.other_rows}: traded candles are needed")
    wanted = [parse_symbol(symbol) for symbol in source.symbols]
    try:
        reports = list(_reports(table, name, source, fields, wanted))
    except InputError as error:
        # The importer speaks of files, whose columns are named from the left.
        raise type(error)(str(error).replace("--columns", "--fields")) from error
    found = dict.fromkeys(report.symbol for report in reports)
    absent = [symbol for symbol in wanted if symbol not in found]
    if absent:
        raise AmbiguousInput(
            f"{table.source}: no candles of {', '.join(absent)} but of {', '.join([*found][:5])}: correct --symbol"
        )
    return [report for report in reports if not wanted or report.symbol in wanted]


def _reports(
    table: RawTable, name: FileName, source: Source, fields: FieldMap, wanted: Sequence[str]
) -> Iterator[ImportReport]:
    reading = Reading(
        symbol=wanted[0] if len(wanted) == 1 else None,
        time_zone=check_time_zone(source.time_zone),
        columns=_said_columns(table, fields),
        stamped=None if source.stamped is None else check_stamp(source.stamped),
    )
    for part, interval in _by_interval(table, source):
        named = name if interval is None else replace(name, interval=None)
        whole = part if reading.columns is None else replace(part, header=None)
        yield from table_series(whole, named, replace(reading, interval=interval))


def _said_columns(table: RawTable, fields: FieldMap) -> tuple[str, ...] | None:
    """Meaning of every column where all that is needed was said: then the data has nothing left to decide."""
    if not set(_NEEDED) <= set(fields.paths):
        return None
    words = (title if title in fields.paths else usual_word(title) for title in table.header or ())
    return tuple(word if word in (*_NEEDED, "symbol") else "-" for word in words)


def _by_interval(table: RawTable, source: Source) -> Iterator[tuple[RawTable, str | None]]:
    """Parts of the table by what a field says is the interval; the whole where none says it."""
    wanted = [check_interval("--interval", each) for each in source.intervals]
    column = _interval_column(table)
    if column is None:
        if len(wanted) > 1:
            raise AmbiguousInput(
                f"{table.source}: --interval names {len(wanted)} and no field tells them apart: give one"
            )
        yield table, next(iter(wanted), None)
        return
    words = [str(word) for word in column.drop_null().unique().to_pylist()]
    known = {word: interval for word in words if (interval := known_interval(word)) is not None}
    chosen = sorted(
        set(known.values()).intersection(wanted or known.values()), key=lambda each: INTERVALS_MS[each]
    )
    if not chosen:
        raise UnknownInterval(
            f"{table.source}: its intervals are {', '.join(words[:5])}: one of {', '.join(wanted or INTERVALS_MS)} is needed"
        )
    for interval in chosen:
        mine = pc.is_in(column, pa.array([word for word in words if known.get(word) == interval]))
        yield _part(table, mine, f"{table.source} ({interval})", _left_out(words, known, wanted)), interval


def _interval_column(table: RawTable) -> pa.Array | None:
    if INTERVAL not in (table.header or ()):
        return None
    column = table.columns[(table.header or ()).index(INTERVAL)]
    if not is_text(column):
        raise AmbiguousInput(
            f"{table.source}: {table.title((table.header or ()).index(INTERVAL))} holds {column.type} and no texts such as "
            f"1h: name another field with --fields interval=FIELD"
        )
    return plain_text(column)


def _left_out(words: Sequence[str], known: dict[str, str], wanted: Sequence[str]) -> tuple[str, ...]:
    others = [word for word in words if word not in known or (wanted and known[word] not in wanted)]
    return (f"documents of other intervals left out: {', '.join(others)}",) if others else ()


def _part(table: RawTable, mine: pa.Array, source: str, notes: tuple[str, ...]) -> RawTable:
    columns = tuple(column.filter(mine) for column in table.columns)
    return replace(table, source=source, columns=columns, notes=(*table.notes, *notes))
