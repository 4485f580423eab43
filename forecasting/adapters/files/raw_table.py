"""The shape that every file format is read into."""

from __future__ import annotations

from dataclasses import dataclass

import pyarrow as pa


@dataclass(frozen=True, slots=True, eq=False)
class RawTable:
    """Columns as a file holds them, their meaning unknown.

    Attributes
    ----------
    source
        Name of the file, for messages and notes.
    columns
        Arrow arrays, each of shape (n,): text, numbers or timestamps.
    header
        Name of each column; None when the file names none.
    notes
        What was skipped while reading.
    first_line
        Line of the file on which row 0 stands; None for formats without lines.
    inner
        Name of the data file inside an archive, or the file's own name without the packing.
    """

    source: str
    columns: tuple[pa.Array, ...]
    header: tuple[str, ...] | None = None
    notes: tuple[str, ...] = ()
    first_line: int | None = None
    inner: str = ""

    @property
    def rows(self) -> int:
        """Number of rows."""
        return len(self.columns[0]) if self.columns else 0

    def place(self, row: int) -> str:
        """Where row `row` (from 0) stands, in words for a person."""
        return f"row {row + 1}" if self.first_line is None else f"line {self.first_line + row}"

    def title(self, column: int) -> str:
        """Name of a column, or its number from 1."""
        return f"column {column + 1}" if self.header is None else f"column {self.header[column]!r}"
