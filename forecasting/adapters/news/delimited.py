"""News as delimited text: separator and quoting are found from the text itself."""

from __future__ import annotations

import contextlib
import csv
import io
from collections.abc import Sequence
from typing import Literal

from forecasting.adapters.news.columns import known_names
from forecasting.adapters.news.table import MOST_SHOWN, READABLE, EventTable
from forecasting.errors import UnreadableFile
from forecasting.quality.raw import FaultyRow

_SEPARATORS = (",", ";", "\t", "|")
_SAMPLE_LINES = 200

_Rows = list[tuple[int, list[str]]]


def parse_news(text: str, source: str) -> EventTable:
    """Read delimited text; a row of another width than the first is kept apart.

    Raises
    ------
    UnreadableFile
        No separator splits the lines.
    """
    # Not splitlines, which also splits at signs that titles hold.
    lines = list(io.StringIO(text.replace("\0", "").replace("\r\n", "\n").replace("\r", "\n"), newline="\n"))
    (_, header), *body = _rows(lines, _separator(lines, source), source)
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


def _rows(lines: Sequence[str], separator: str, source: str) -> _Rows:
    """Read the rows by the rules of quoting; where the file breaks them, a quote may be just a letter of a title."""
    with contextlib.suppress(csv.Error):
        strict = _split(lines, separator, strict=True)
        if _whole_rows(strict) == len(strict):
            return strict
    try:
        readings = [_split(lines, separator), _split(lines, separator, quoting=csv.QUOTE_NONE)]
    except csv.Error as error:
        raise UnreadableFile(f"{source}: no readable text table ({error}): save it again") from error
    return max(readings, key=lambda rows: (_whole_rows(rows), -_swallowing_rows(rows)))


def _separator(lines: Sequence[str], source: str) -> str:
    """Return the separator that gives the most columns with a known name, most rows as wide as the first, most columns."""

    def fitness(separator: str) -> tuple[int, int, int]:
        rows = _rows(lines[:_SAMPLE_LINES], separator, source)
        header = rows[0][1] if rows else []
        return (known_names(header), _whole_rows(rows), len(header)) if len(header) > 1 else (0, 0, 0)

    best = max(_SEPARATORS, key=fitness)
    if fitness(best) == (0, 0, 0):
        raise UnreadableFile(
            f"{source}: {lines[0].strip()[:60]!r} is not split into columns by any of , ; tab |: "
            f"a time and a title or an address are needed"
        )
    return best


def _split(
    lines: Sequence[str], separator: str, quoting: Literal[0, 3] = csv.QUOTE_MINIMAL, *, strict: bool = False
) -> _Rows:
    """Rows that hold something, each with the line that it begins on."""
    reader = csv.reader(lines, delimiter=separator, quoting=quoting, strict=strict)
    rows, begins = [], 1
    for row in reader:
        if any(map(str.strip, row)):
            rows.append((begins, list(map(_unquoted, row)) if quoting == csv.QUOTE_NONE else row))
        begins = reader.line_num + 1
    return rows


def _unquoted(cell: str) -> str:
    quoted = len(cell) > 1 and cell.startswith('"') and cell.endswith('"')
    return cell[1:-1].replace('""', '"') if quoted else cell


def _whole_rows(rows: _Rows) -> int:
    return sum(len(row) == len(rows[0][1]) for _, row in rows)


def _swallowing_rows(rows: _Rows) -> int:
    """How many rows of a wrong width reach over several lines, as after a quote that is never closed."""
    return sum(len(row) != len(rows[0][1]) and any("\n" in cell for cell in row) for _, row in rows)


def _torn(source: str, line: int, row: Sequence[str], width: int) -> FaultyRow:
    reason = f"{len(row)} columns, {width} are needed"
    return FaultyRow(READABLE, reason, f"{source}, line {line}", None, {"row": " | ".join(row)[:MOST_SHOWN]})
