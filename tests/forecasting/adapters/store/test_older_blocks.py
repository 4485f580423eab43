"""Candles that an older Foretick stored are read, revised and added to; when they were received nobody knows."""

import contextlib
import sqlite3

import orjson
import pytest

from forecasting.adapters.store import blocks, open_store
from forecasting.adapters.store.candle_blocks import CandleStore, WriteReport
from forecasting.adapters.store.collections import CANDLE_BLOCKS
from forecasting.adapters.store.versions import Block, Versions
from tests.forecasting.adapters.store.places import candles_of, same
from tests.forecasting.adapters.store.test_revisions import BTC, T1, revised

OLD_FIELDS = (
    "_id", "symbol", "interval", "start_ms", "last_ms", "rows", "version", "digest", "payload",
)  # fmt: skip
TABLE = candles_of(10)


def old_document():
    block = Block.of_versions(Versions.received_at(TABLE, 0, 0), ("",))
    document = blocks.encode("BTC/USDT|1m|2024-01", block, 3)
    return {name: document[name] for name in OLD_FIELDS}


def store_of_schema_1(path):
    """The file as the first release made it."""
    document = old_document()
    payload = document.pop("payload")
    with contextlib.closing(sqlite3.connect(path)) as connection, connection:
        connection.execute(
            "CREATE TABLE candle_blocks (id TEXT PRIMARY KEY, body TEXT NOT NULL, payload BLOB)"
        )
        row = (document["_id"], orjson.dumps(document).decode(), payload)
        connection.execute("INSERT INTO candle_blocks VALUES (?, ?, ?)", row)
        connection.execute("PRAGMA user_version = 1")
    return open_store(None, path, "unused")


@pytest.fixture
def old_store(place):
    if place.mongo_uri is None:
        opened = store_of_schema_1(place.path)
    else:
        opened = place.open()
        opened._collection(CANDLE_BLOCKS).insert_one(old_document())
    yield opened
    opened.close()


def test_an_older_file_opens_with_the_new_columns(tmp_path):
    store_of_schema_1(tmp_path / "store.db").close()
    with contextlib.closing(sqlite3.connect(tmp_path / "store.db")) as connection:
        columns = [row[1] for row in connection.execute("PRAGMA table_info(candle_blocks)")]
        assert connection.execute("PRAGMA user_version").fetchone() == (2,)
    assert columns == ["id", "body", "payload", "received", "superseded"]


def test_its_candles_count_as_known_always(old_store):
    candles = CandleStore(old_store)
    for as_of_ms in (None, 0, T1):
        assert same(candles.read_candles(*BTC, as_of_ms=as_of_ms), TABLE)
    history = candles.read_history(*BTC)
    assert set(history.received_ms) == {0}
    assert set(history.source) == {""}


def test_the_same_candles_again_are_unchanged(old_store):
    assert CandleStore(old_store).write(TABLE, "file", T1) == WriteReport(unchanged=10)


def test_they_are_revised_like_any_other(old_store):
    candles = CandleStore(old_store)
    assert candles.write(revised(TABLE, 4), "binance", T1) == WriteReport(unchanged=9, revised=1)
    assert same(candles.read_candles(*BTC), revised(TABLE, 4))
    assert same(candles.read_candles(*BTC, as_of_ms=T1 - 1), TABLE)
    assert candles.read_history(*BTC).source[4:6].tolist() == ["", "binance"]
