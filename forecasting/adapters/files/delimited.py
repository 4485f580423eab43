"""Delimited text: separator, lines before the table and header are found from the text itself."""

from __future__ import annotations

import csv
import re
from collections import Counter
from dataclasses import dataclass

import pyarrow as pa

from forecasting.adapters.files.raw_table import RawTable
from forecasting.errors import UnreadableFile

FEWEST_COLUMNS = 5
_SEPARATORS = (",", ";", "\t", "|")
_SAMPLE_LINES = 30
_MOST_LEVELS = 2
_NUMBER = re.compile(r"^\s*[-+]?[0-9]+(?:[.,][0-9]*)?(?:[eE][-+]?[0-9]+)?\s*$")
_BOM = b"\xef\xbb\xbf"


@dataclass(frozen=True, slots=True)
class _Lead:
    separator: str
    header: tuple[str, ...] | None
    width: int
    lines: int
    skipped: tuple[str, ...]


def parse_delimited(content: bytes, source: str) -> RawTable:
    """Read delimited text into columns of text.

    Raises
    ------
    UnreadableFile
        The bytes are not UTF-8 text, no separator splits the lines, or a line has too few or many columns.
    """
    content = content.removeprefix(_BOM).lstrip(b"\r\n").replace(b"\r\n", b"\n").replace(b"\r", b"\n")
    lead = _read_lead(content, source)
    body = content.split(b"\n", lead.lines)[lead.lines :]
    notes = tuple(f"line {line!r} before the table was skipped" for line in lead.skipped)
    columns = _read_body(body[0] if body else b"", lead, source)
    return RawTable(source, columns, lead.header, notes, lead.lines + 1)


def _read_lead(content: bytes, source: str) -> _Lead:
    lines = _sample(content, source)
    separator = max(_SEPARATORS, key="".join(lines).count)
    rows = [next(csv.reader([line], delimiter=separator), []) for line in lines]
    # The commonest width: the first lines may be a title, the last one may be cut off.
    ((width, _),) = Counter(len(row) for row in reversed(rows)).most_common(1)
    if width < FEWEST_COLUMNS:
        raise UnreadableFile(
            f"{source}: {lines[-1][:60]!r} is not split into columns by any of , ; tab |: "
            f"a time, four prices and a volume are needed"
        )
    before = next((place for place, row in enumerate(rows) if len(row) > 1), 0)
    cells = tuple(cell.strip() for cell in rows[before])
    is_header = not any(_NUMBER.match(cell) for cell in cells) or cells == tuple(map(str, range(width)))
    named = is_header and not all(cell.isdigit() for cell in cells)
    if is_header and len(cells) != width:
        raise UnreadableFile(
            f"{source}: the header names {len(cells)} columns, the rows have {width}: correct the header"
        )
    index = _index_line(rows, before) if named else None
    if index is not None:
        skipped = (*lines[:before], *lines[before + 1 : index])
        return _Lead(separator, (rows[index][0].strip(), *cells[1:]), width, index + 1, skipped)
    return _Lead(separator, cells if named else None, width, before + is_header, tuple(lines[:before]))


def _index_line(rows: list[list[str]], header: int) -> int | None:
    """Line that names the first column where pandas wrote names of several levels, as yfinance's tables have."""
    for place, (first, *others) in enumerate(rows[header + 1 : header + 1 + _MOST_LEVELS], header + 1):
        if first.strip().isalpha() and others and not any(cell.strip() for cell in others):
            return place
    return None


def _sample(content: bytes, source: str) -> list[str]:
    head = content.split(b"\n", _SAMPLE_LINES)[:_SAMPLE_LINES]
    try:
        lines = [line.decode() for line in head]
    except UnicodeDecodeError as error:
        raise UnreadableFile(f"{source}: not UTF-8 text ({error.reason}): save it as UTF-8") from error
    if any("\0" in line for line in lines):
        raise UnreadableFile(f"{source}: binary data where text is needed: check the file's extension")
    while len(lines) > 1 and not lines[-1].strip():
        lines.pop()
    return lines


def _read_body(body: bytes, lead: _Lead, source: str) -> tuple[pa.Array, ...]:
    from pyarrow import csv as arrow_csv

    if not body.strip():
        return tuple(pa.array([], pa.string()) for _ in range(lead.width))
    wrong: list[tuple[int, int]] = []

    def remember(row: arrow_csv.InvalidRow) -> str:
        wrong.append((row.number, row.actual_columns))
        return "error"

    names = [f"f{place}" for place in range(lead.width)]
    try:
        table = arrow_csv.read_csv(
            pa.BufferReader(body),
            arrow_csv.ReadOptions(use_threads=False, column_names=names),
            arrow_csv.ParseOptions(delimiter=lead.separator, invalid_row_handler=remember),
            arrow_csv.ConvertOptions(column_types={name: pa.string() for name in names}),
        )
    except pa.ArrowException as error:
        if wrong:
            number, found = wrong[0]
            raise UnreadableFile(
                f"{source}: line {lead.lines + number} has {found} columns, {lead.width} are needed: "
                f"the file is cut off or damaged there"
            ) from error
        raise UnreadableFile(
            f"{source}: no readable text table ({' '.join(str(error).split())}): save it as UTF-8 text"
        ) from error
    return tuple(column.combine_chunks() for column in table.columns)
