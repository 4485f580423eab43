import datetime as dt
from decimal import Decimal

import pyarrow as pa
import pytest
from bson.datetime_ms import DatetimeMS
from bson.decimal128 import Decimal128
from bson.int64 import Int64
from bson.objectid import ObjectId
from bson.timestamp import Timestamp

from forecasting.adapters.collection import columns as collection_columns
from forecasting.adapters.collection.columns import read_columns
from forecasting.errors import UnreadableFile


def column(*values):
    documents = [{"_id": number, "x": value} for number, value in enumerate(values)]
    (read,) = read_columns(documents, {"x": "x"}, "prices.candles", [])
    return read.to_pylist()


@pytest.fixture
def small_batches(monkeypatch):
    monkeypatch.setattr(collection_columns, "BATCH_DOCUMENTS", 2)


def test_exact_decimals_become_numbers():
    assert column(Decimal128("1.25"), Decimal128(Decimal(7)), Decimal128("NaN"), Decimal128("Infinity")) == [
        1.25,
        7.0,
        None,
        float("inf"),
    ]


def test_dates_become_milliseconds_even_where_python_has_none():
    assert column(DatetimeMS(5), DatetimeMS(1 << 60), Timestamp(7, 1), Int64(9)) == [5, 1 << 60, 7000, 9]


@pytest.mark.usefixtures("small_batches")
@pytest.mark.parametrize(
    ("values", "read"),
    [
        ([1, 2, 3.5, 4.5], [1.0, 2.0, 3.5, 4.5]),
        ([1, 2, "3", "4"], ["1", "2", "3", "4"]),
        ([1, "2", 3, 4], ["1", "2", "3", "4"]),
        ([None, None, 3, 4], [None, None, 3, 4]),
        ([None, None, None, None], [None] * 4),
        (["a", None, None, None], ["a", None, None, None]),
        ([1.5, 2.5, "x", None], ["1.5", "2.5", "x", None]),
    ],
)
def test_batches_of_unlike_values_are_one_column(values, read):
    assert column(*values) == read


@pytest.mark.usefixtures("small_batches")
@pytest.mark.parametrize("value", [True, [1], {"y": 1}, ObjectId(), b"1", dt.date(2025, 1, 1)])
def test_what_is_neither_number_nor_text_nor_date_is_refused_with_its_document(value):
    with pytest.raises(
        UnreadableFile,
        match=rf"prices\.candles, document 4 \(_id '3'\): field 'x' holds {type(value).__name__}",
    ):
        column(1, 2, 3, value)


def test_no_documents_are_no_rows():
    (read,) = read_columns([], {"x": "x"}, "prices.candles", ["x"])
    assert (len(read), read.type) == (0, pa.null())
