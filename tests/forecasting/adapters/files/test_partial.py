"""A bar that a file says is incomplete is not taken for a whole one."""

import numpy as np
import pyarrow as pa
import pytest

from forecasting.adapters.files.market import FileMarket
from forecasting.adapters.files.partial import without_partial
from forecasting.adapters.files.raw_table import RawTable


def table_of(column, name="complete"):
    return RawTable("x.csv", (pa.array([1, 2, 3]), column), ("open_time", name))


@pytest.mark.parametrize(
    "column", [pa.array([True, False, None]), pa.array(["True", " false ", ""])], ids=["booleans", "text"]
)
def test_rows_marked_as_incomplete_are_left_out_and_counted(column):
    found = without_partial(table_of(column, "Complete"), FileMarket("BTC/USDT"))
    assert found.rows.tolist() == [True, False, True]
    assert found.notes == ("1 bar(s) that the file marks as incomplete left out",)


def test_rows_of_other_markets_are_not_counted():
    mine = FileMarket("BTC/USDT", np.array([True, False, False]), ("known",))
    assert without_partial(table_of(pa.array([True, False, False])), mine) is mine


@pytest.mark.parametrize(
    "table",
    [
        table_of(pa.array([True, True, None])),
        table_of(pa.array([0, 1, 2])),
        table_of(pa.array([False, False, False]), "final"),
        RawTable("x.csv", (pa.array([1, 2]), pa.array([False, False]))),
    ],
    ids=["all complete", "numbers", "another name", "no header"],
)
def test_anything_else_marks_nothing(table):
    assert without_partial(table, FileMarket("BTC/USDT")).rows is None
