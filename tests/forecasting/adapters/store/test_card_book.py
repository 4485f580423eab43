"""Model cards, on every engine: whole where one is asked for, their heads in a list."""

import sqlite3

import orjson
import pytest

from forecasting.adapters.store import open_store
from forecasting.adapters.store.card_book import DETAILS, CardBook
from forecasting.adapters.store.collections import MODEL_CARDS

CARD = {
    "digest": "ab", "model_id": "1h-ab", "model_name": "forecast-1h", "version": 1, "registered_ms": 5, "symbols": ["AAA/USDT"],
    "importances": [{"feature": "return_1", "share": 1.0}], "explanation": None, "parameters": {"b": "1", "a": "2"},
    "metrics": {"rmse": 0.1, "mae": None}, "libraries": {"numpy": "2"},
}  # fmt: skip
STORED = {"_id": "ab", **CARD}
HEAD = {name: value for name, value in STORED.items() if name not in DETAILS}


@pytest.fixture
def book(store):
    book = CardBook(store)
    book.keep(CARD)
    return book


def test_one_card_is_whole(book):
    assert book.get("1h-ab") == STORED
    assert book.get("1h-cd") is None


def test_lists_read_heads(book):
    assert list(book.of_model("forecast-1h")) == [HEAD]
    assert book.page("forecast-1h", lambda _: True, None, 10).documents == (HEAD,)
    assert book.head("1h-ab") == HEAD


def test_a_card_is_replaced_whole(book):
    book.keep(CARD | {"explanation": {"rows": 3}})
    assert book.get("1h-ab")["explanation"] == {"rows": 3}


@pytest.fixture
def older(place):
    """A store with a card of before cards had heads."""
    if place.mongo_uri is None:
        with sqlite3.connect(place.path) as connection:
            connection.execute("CREATE TABLE model_cards (id TEXT PRIMARY KEY, body TEXT NOT NULL)")
            connection.execute("INSERT INTO model_cards VALUES (?, ?)", ("ab", orjson.dumps(STORED).decode()))
        connection.close()
        store = open_store(None, place.path, "unused")
    else:
        store = place.open()
        store._collection(MODEL_CARDS).insert_one(dict(STORED))
    yield CardBook(store)
    store.close()


def test_a_card_of_before_there_were_heads_is_whole_everywhere(older):
    assert older.get("1h-ab") == STORED
    assert list(older.of_model("forecast-1h")) == [STORED]
