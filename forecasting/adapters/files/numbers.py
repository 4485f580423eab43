"""Numbers of a raw column, with missing ones as NaN; text in a number is refused, never read as missing."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
from pyarrow import compute as pc

from forecasting.adapters.files.raw_table import RawTable
from forecasting.errors import UnreadableFile
from forecasting.types import FloatArray

_NULL_WORDS = ("", "null", "none", "nan", "na", "n/a", "nat", "-", "--")
_NUMBER = r"^[-+]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][-+]?[0-9]+)?$"


def is_text(column: pa.Array) -> bool:
    """Whether an Arrow column holds text."""
    return bool(pa.types.is_string(column.type) or pa.types.is_large_string(column.type))


def plain_text(column: pa.Array) -> pa.Array:
    """Trimmed text of a text column, with every spelling of "missing" as null."""
    text = pc.utf8_trim_whitespace(column.cast(pa.string()))
    missing = pc.is_in(pc.utf8_lower(text), pa.array(_NULL_WORDS, pa.string()))
    return pc.if_else(missing, pa.scalar(None, pa.string()), text)


def decoded(column: pa.Array) -> pa.Array:
    """Return the column without dictionary encoding or string views, which many functions of Arrow refuse."""
    kind = column.type
    if pa.types.is_dictionary(kind):
        return column.dictionary_decode()
    return column.cast(pa.string()) if pa.types.is_string_view(kind) else column


def read_numbers(table: RawTable, place: int) -> FloatArray:
    """Values of one column, shape (n,), NaN where the file has none.

    Raises
    ------
    UnreadableFile
        A value is no number; names the first such row.
    """
    column = decoded(table.columns[place])
    if is_text(column):
        column = _numbers_of_text(table, place, plain_text(column))
    elif not is_numeric(column):
        raise UnreadableFile(f"{table.source}: {table.title(place)} holds {column.type}: numbers are needed")
    filled = pc.fill_null(column.cast(pa.float64(), safe=False), np.nan)
    values: FloatArray = filled.to_numpy(zero_copy_only=False)
    return values


def is_numeric(column: pa.Array) -> bool:
    """Whether an Arrow column holds numbers (or nothing at all)."""
    kind = column.type
    checks = (pa.types.is_integer, pa.types.is_floating, pa.types.is_decimal, pa.types.is_null)
    return any(check(kind) for check in checks)


def _numbers_of_text(table: RawTable, place: int, text: pa.Array) -> pa.Array:
    well_formed = pc.fill_null(pc.match_substring_regex(text, _NUMBER), fill_value=True)
    wrong = np.flatnonzero(~well_formed.to_numpy(zero_copy_only=False))
    if len(wrong):
        row = int(wrong[0])
        raise UnreadableFile(
            f"{table.source}, {table.place(row)}: {table.title(place)} is {text[row].as_py()!r}, "
            f"a number such as 1234.5 is needed: correct the file"
        )
    return pc.utf8_ltrim(text, characters="+").cast(pa.float64())
