"""Rows that a file itself marks as bars of which a part is absent."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pyarrow as pa
from pyarrow import compute as pc

from forecasting.adapters.files.market import FileMarket
from forecasting.adapters.files.numbers import is_text, plain_text
from forecasting.adapters.files.raw_table import RawTable
from forecasting.types import BoolArray

COMPLETE = "complete"


def without_partial(table: RawTable, market: FileMarket) -> FileMarket:
    """Leave out the rows of a market whose column `complete` says false, as our own export writes it."""
    partial = _partial(table)
    mine = np.ones(table.rows, dtype=np.bool_) if market.rows is None else market.rows
    count = int((mine & partial).sum())
    if not count:
        return market
    note = f"{count:,} bar(s) that the file marks as incomplete left out"
    return replace(market, rows=mine & ~partial, notes=(*market.notes, note))


def _partial(table: RawTable) -> BoolArray:
    partial = np.zeros(table.rows, dtype=np.bool_)
    for name, column in zip(table.header or (), table.columns, strict=bool(table.header)):
        if name.strip().lower() == COMPLETE:
            partial |= _says_false(column)
    return partial


def _says_false(column: pa.Array) -> BoolArray:
    if is_text(column):
        false = pc.equal(pc.utf8_lower(plain_text(column)), "false")
    elif pa.types.is_boolean(column.type):
        false = pc.invert(column)
    else:
        return np.zeros(len(column), dtype=np.bool_)
    return np.asarray(pc.fill_null(false, False).to_numpy(zero_copy_only=False), dtype=np.bool_)
