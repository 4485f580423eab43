"""Rows of a news file as they are written: delimited text, one JSON record a line, or a JSON document of records.

A row that cannot be read as a row is kept apart with its place; the others are read all the same.
"""

from __future__ import annotations

import csv
import io
import itertools
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

import orjson

from forecasting.adapters.event_columns import known_names
from forecasting.adapters.files.tables import read_content
from forecasting.errors import UnreadableFile
from forecasting.quality.raw import FaultyRow

READABLE = "readable_row"
_SEPARATORS = (",", ";", "\t", "|")
_SAMPLE_ROWS = 200
_MOST_QUOTED = 500
_NAMING_KEYS = ("name", "title", "code", "symbol", "ticker", "domain", "id", "topic")

Cell = str | None


@dataclass(frozen=True, slots=True)
class EventTable:
    """Rows of a file, their meaning unknown.

    Attributes
    ----------
    source
        Name of the file.
    header
        Names of the columns; of delimited text the first row, whatever it holds.
    rows
        Cells of each row that could be read; None where there is nothing.
    places
        Where each row stands, as in `news.csv, line 17`.
    faults
        Rows that could not be read.
    named
        Whether the header is part of the format, and not a row that may be one.
    """

    source: str
    header: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]
    places: tuple[str, ...]
    faults: tuple[FaultyRow, ...] = ()
    named: bool = True


def read_event_table(path: Path) -> EventTable:
    """Read one file of news whole, packed (.gz, .zip) or not.

    Raises
    ------
    UnreadableFile
        The file is missing, empty, damaged, not text, or no row of it can be read.
    """
    inner, content = read_content(path, _PARSERS)
    parse = _PARSERS.get(PurePosixPath(inner).suffix.lower())
    if parse is None:
        raise UnreadableFile(
            f"{path.name}: {inner!r} is no file of news: one of {', '.join(_PARSERS)} is needed"
        )
    table = parse(_text(content, path.name), path.name)
    if not table.rows:
        first = f" (the first: {table.faults[0].reason})" if table.faults else ""
        raise UnreadableFile(f"{path.name}: no row can be read{first}: fetch the file again")
    return table


def _text(content: bytes, source: str) -> str:
    wide = content.startswith((b"\xff\xfe", b"\xfe\xff"))
    try:
        return content.decode("utf-16" if wide else "utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise UnreadableFile(
            f"{source}, line {line}: neither UTF-8 nor UTF-16 text ({error.reason}): save it as UTF-8"
        ) from error


def _delimited(text: str, source: str) -> EventTable:
    lines = text.replace("\0", "").splitlines(keepends=True)
    separator = _separator(lines, source)
    # A quote in a title may be no quoting at all: what gives more whole rows and fewer torn ones is believed.
    readings = [_split(lines, separator, quoting, source) for quoting in (csv.QUOTE_MINIMAL, csv.QUOTE_NONE)]
    rows = max(readings, key=lambda rows: 2 * _whole_rows(rows) - len(rows))
    (_, header), *body = rows
    whole = [(line, row) for line, row in body if len(row) == len(header)]
    faults = [_torn(source, line, row, len(header)) for line, row in body if len(row) != len(header)]
    return EventTable(
        source,
        tuple(cell.strip() for cell in header),
        tuple(tuple(cell.strip() or None for cell in row) for _, row in whole),
        tuple(f"{source}, line {line}" for line, _ in whole),
        tuple(faults),
        named=False,
    )


def _separator(lines: Sequence[str], source: str) -> str:
    """Return the separator that gives the most columns with a known name, then the most rows as wide as the first."""

    def fitness(separator: str) -> tuple[int, int]:
        rows = _split(lines[:_SAMPLE_ROWS], separator, csv.QUOTE_MINIMAL, source)
        width = len(rows[0][1]) if rows else 0
        return (known_names(rows[0][1]), _whole_rows(rows) * (width > 1)) if rows else (0, 0)

    best = max(_SEPARATORS, key=fitness)
    if fitness(best)[1] == 0:
        raise UnreadableFile(
            f"{source}: {lines[0].strip()[:60]!r} is not split into columns by any of , ; tab |: "
            f"a time and a title or an address are needed"
        )
    return best


def _split(lines: Sequence[str], separator: str, quoting: int, source: str) -> list[tuple[int, list[str]]]:
    """Rows that hold something, each with the line that it begins on."""
    reader = csv.reader(io.StringIO("".join(lines), newline=""), delimiter=separator, quoting=quoting)  # type: ignore[arg-type]
    rows, begins = [], 1
    try:
        for row in reader:
            cells = list(map(_unquoted, row)) if quoting == csv.QUOTE_NONE else row
            if any(map(str.strip, row)):
                rows.append((begins, cells))
            begins = reader.line_num + 1
    except csv.Error as error:
        raise UnreadableFile(
            f"{source}, line {begins}: no readable text table ({error}): save it again"
        ) from error
    return rows


def _unquoted(cell: str) -> str:
    quoted = len(cell) > 1 and cell.startswith('"') and cell.endswith('"')
    return cell[1:-1].replace('""', '"') if quoted else cell


def _whole_rows(rows: Sequence[tuple[int, Sequence[str]]]) -> int:
    return sum(len(row) == len(rows[0][1]) for _, row in rows)


def _torn(source: str, line: int, row: Sequence[str], width: int) -> FaultyRow:
    reason = f"{len(row)} columns, {width} are needed"
    return FaultyRow(
        READABLE, reason, f"{source}, line {line}", None, {"row": " | ".join(row)[:_MOST_QUOTED]}
    )


def _json_lines(text: str, source: str) -> EventTable:
    numbered = [(number, line) for number, line in enumerate(text.split("\n"), 1) if line.strip()]
    return _records(source, ((f"{source}, line {number}", line, _parsed(line)) for number, line in numbered))


def _parsed(line: str) -> Any:
    try:
        return orjson.loads(line)
    except orjson.JSONDecodeError:
        return None


def _json_document(text: str, source: str) -> EventTable:
    try:
        document = orjson.loads(text)
    except orjson.JSONDecodeError as error:
        raise UnreadableFile(f"{source}: no readable JSON ({error}): fetch or write it again") from error
    found = _list_of_records(document)
    if found is None:
        raise UnreadableFile(f"{source}: the JSON holds no list of records: one record an event is needed")
    return _records(
        source, ((f"{source}, row {number}", str(each), each) for number, each in enumerate(found, 1))
    )


def _list_of_records(document: Any) -> list[Any] | None:
    """Return the one list of objects in a document, however deep an answer such as {"Data": [...]} wraps it."""
    if isinstance(document, list):
        return document if any(isinstance(each, Mapping) for each in document) else None
    if not isinstance(document, Mapping):
        return None
    inner = [found for value in document.values() if (found := _list_of_records(value)) is not None]
    return inner[0] if len(inner) == 1 else None


def _records(source: str, found: Iterable[tuple[str, str, Any]]) -> EventTable:
    read, faults = [], []
    for place, written, record in found:
        if isinstance(record, Mapping):
            read.append((place, {str(name): flat_text(value) for name, value in record.items()}))
        else:
            fault = FaultyRow(
                READABLE, "no JSON object", place, None, {"row": written.strip()[:_MOST_QUOTED]}
            )
            faults.append(fault)
    header = tuple(Counter(itertools.chain.from_iterable(record for _, record in read)))
    rows = tuple(tuple(record.get(name) for name in header) for _, record in read)
    return EventTable(source, header, rows, tuple(place for place, _ in read), tuple(faults))


def flat_text(value: Any) -> Cell:
    """Text of a value of JSON: of an object what names it, of a list its elements with commas.

    Examples
    --------
    >>> flat_text([{"code": "BTC", "url": "x"}, {"code": "ETH"}]), flat_text(1657.0), flat_text(True)
    ('BTC,ETH', '1657', 'true')
    """
    if isinstance(value, Mapping):
        return next((flat_text(value[key]) for key in _NAMING_KEYS if key in value), None)
    if isinstance(value, list):
        return ",".join(filter(None, map(flat_text, value))) or None
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() else repr(value)
    return None if value is None else str(value).strip() or None


_PARSERS: dict[str, Callable[[str, str], EventTable]] = {
    ".csv": _delimited,
    ".tsv": _delimited,
    ".txt": _delimited,
    ".jsonl": _json_lines,
    ".ndjson": _json_lines,
    ".json": _json_document,
}
