"""The shape that every format of news is read into."""

from __future__ import annotations

from dataclasses import dataclass

from forecasting.quality.raw import FaultyRow

READABLE = "readable_row"
MOST_SHOWN = 500  # characters of a row that cannot be read

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
