"""What a collection declares of order and permanence is held by the port, and by the engine itself."""

import sqlite3

import pymongo
import pytest
from pymongo.errors import WriteError

from forecasting.adapters.store import mongo_declaration
from forecasting.adapters.store.collections import COLLECTIONS
from tests.forecasting.adapters.store.places import SERVER_URI

BLOCK = {
    "_id": "a",
    **dict.fromkeys(("recipe", "symbol", "horizon", "origin", "bundle", "digest"), "x"),
    "usable_from_ms": 10,
    "first_issued_ms": 10,
    "last_issued_ms": 20,
    "least_lag_ms": 0,
    "rows": 2,
    "payload": b"rows",
}
DECISION = {"_id": "d", "horizon": "1h", "model_id": "1h-d", "decided_ms": 1}
PREMATURE = [{"usable_from_ms": 11}, {"last_issued_ms": 9}, {"least_lag_ms": -1}]


def test_forecasts_issued_when_the_model_was_usable_are_kept(store):
    assert store.put_new("forecast_ledger", [BLOCK]) == 1
    assert store.get("forecast_ledger", "a") == BLOCK


@pytest.mark.parametrize("change", PREMATURE)
def test_a_forecast_that_knew_too_much_cannot_be_written(store, change):
    with pytest.raises(ValueError, match="must be at most"):
        store.put_new("forecast_ledger", [BLOCK | change])
    assert list(store.find("forecast_ledger")) == []


@pytest.mark.parametrize("write", ["put", "delete", "compare_and_set"])
def test_what_is_append_only_neither_changes_nor_goes(store, write):
    store.put_new("decisions", [DECISION])
    calls = {
        "put": lambda: store.put("decisions", DECISION | {"horizon": "1d"}),
        "delete": lambda: store.delete("decisions", "d"),
        "compare_and_set": lambda: store.compare_and_set("decisions", DECISION | {"version": 2}, None),
    }
    with pytest.raises(ValueError, match="append-only"):
        calls[write]()
    assert store.get("decisions", "d") == DECISION


def test_the_first_of_two_documents_of_one_id_stays(store):
    assert store.put_new("decisions", [DECISION]) == 1
    assert store.put_new("decisions", [DECISION | {"horizon": "1d"}, DECISION | {"_id": "e"}]) == 1
    assert store.get("decisions", "d") == DECISION


@pytest.fixture
def raw(tmp_path):
    """The file of an embedded store, opened by other means than ours."""
    from forecasting.adapters.store.sqlite import SqliteStore

    opened = SqliteStore(tmp_path / "store.db")
    opened.put_new("decisions", [DECISION])
    opened.close()
    connection = sqlite3.connect(tmp_path / "store.db")
    yield connection
    connection.close()


@pytest.mark.parametrize(
    "statement",
    ["DELETE FROM decisions", "UPDATE decisions SET body = '{}'", "UPDATE decisions SET id = 'z'"],
)
def test_the_embedded_file_itself_refuses_to_change_what_is_append_only(raw, statement):
    with pytest.raises(sqlite3.IntegrityError, match="append-only"):
        raw.execute(statement)


def test_the_embedded_file_itself_does_not_replace_what_is_append_only(raw):
    raw.execute("INSERT OR REPLACE INTO decisions (id, body) VALUES ('d', '{}')")
    assert raw.execute("SELECT json_extract(body, '$.horizon') FROM decisions").fetchall() == [("1h",)]


@pytest.mark.parametrize(
    "body",
    [
        '{"usable_from_ms": 11, "first_issued_ms": 10, "last_issued_ms": 20, "least_lag_ms": 0}',
        '{"usable_from_ms": 9, "first_issued_ms": 10, "last_issued_ms": 20, "least_lag_ms": -1}',
        '{"first_issued_ms": 10, "last_issued_ms": 20, "least_lag_ms": 0}',
    ],
)
def test_the_embedded_file_itself_refuses_a_forecast_that_knew_too_much(raw, body):
    with pytest.raises(sqlite3.IntegrityError, match="exceeds"):
        raw.execute("INSERT INTO forecast_ledger (id, body) VALUES ('a', ?)", (body,))


def test_the_server_is_told_the_declared_order():
    rules = mongo_declaration.validator(COLLECTIONS["forecast_ledger"])["$expr"]["$and"]
    assert {"$lte": ["$usable_from_ms", "$first_issued_ms"]} in rules
    assert {"$lte": [0, "$least_lag_ms"]} in rules


@pytest.mark.skipif(SERVER_URI is None, reason="needs a real server: the stand-in checks no rule")
@pytest.mark.parametrize("mongo_place", ["server"], indirect=True)
@pytest.mark.parametrize("change", PREMATURE)
def test_a_real_server_refuses_a_forecast_that_knew_too_much(mongo_place, store, change):
    with pymongo.MongoClient(mongo_place.mongo_uri) as client, pytest.raises(WriteError, match="validation"):
        client[mongo_place.database].forecast_ledger.insert_one(BLOCK | change)
