"""What only the server engine can meet: a bad or dead address, a password that must not be shown, a silent server."""

import contextlib
import socket
import time

import pymongo
import pytest
from pymongo import ReadPreference
from pymongo.errors import OperationFailure, WriteError

from forecasting.adapters.store import mongo, mongo_declaration, open_store
from forecasting.adapters.store.collections import COLLECTIONS
from forecasting.adapters.store.port import Span
from forecasting.errors import InvalidSettings, StoreUnavailable
from tests.forecasting.adapters.store.places import SERVER_URI
from tests.forecasting.adapters.store.relay import Relay

SECRET = "s3cret"


@pytest.fixture
def store(mongo_place):
    opened = mongo_place.open()
    yield opened
    opened.close()


def chain(error):
    """All that a traceback would print of an error."""
    while error is not None:
        yield str(error)
        error = error.__cause__ or (None if error.__suppress_context__ else error.__context__)


@pytest.mark.parametrize(
    "uri",
    [
        "localhost:27017",
        "http://localhost",
        "mongodb://",
        f"mongodb://user:{SECRET}:x@localhost",
        f"mongodb://user:{SECRET}@localhost:port",
        f"mongodb://user:{SECRET}@localhost:99999",
        f"mongodb://user:{SECRET}%@localhost",
        f"mongodb://user:{SECRET}@localhost/?authMechanism=NONE",
        f"mongodb://user:{SECRET}@localhost/?sslx=1",
        f"mongodb://user:{SECRET}@localhost/?tls=true&tlsCAFile=/no/such/file",
    ],
)
def test_an_address_that_cannot_be_parsed_is_a_bad_setting_in_one_line(tmp_path, uri):
    with pytest.raises(InvalidSettings, match=r"^setting MONGO_URI: [^\n]*percent-encoded$") as caught:
        open_store(uri, tmp_path / "unused.db", "test")
    assert SECRET not in "".join(chain(caught.value))


def test_a_server_that_is_down_is_told_within_seconds_and_without_the_password(tmp_path):
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))
        uri = f"mongodb://user:{SECRET}@127.0.0.1:{nobody.getsockname()[1]}"
        started = time.monotonic()
        with pytest.raises(
            StoreUnavailable, match=r"^MongoDB cannot be used \(Server[^\n]*MONGO_URI[^\n]*$"
        ) as caught:
            open_store(uri, tmp_path / "unused.db", "test")
    assert time.monotonic() - started < 10
    assert SECRET not in "".join(chain(caught.value))


def test_a_server_that_accepts_and_says_nothing_is_given_up(tmp_path, monkeypatch):
    monkeypatch.setattr(mongo, "SELECT_MS", 300)
    with (
        socket.create_server(("127.0.0.1", 0)) as silent,
        pytest.raises(StoreUnavailable, match="ServerSelectionTimeoutError"),
    ):
        open_store(f"mongodb://127.0.0.1:{silent.getsockname()[1]}", tmp_path / "unused.db", "test")


@pytest.mark.parametrize("hushed", [b"", b"settings"], ids=["everything", "commands only, not heartbeats"])
def test_a_server_that_falls_silent_later_is_given_up(stand_in_uri, tmp_path, monkeypatch, hushed):
    for limit in ("SELECT_MS", "ANSWER_MS"):
        monkeypatch.setattr(mongo, limit, 500)
    with Relay(("127.0.0.1", int(stand_in_uri.rpartition(":")[2]))) as relay:
        store = open_store(f"mongodb://127.0.0.1:{relay.port}", tmp_path / "unused.db", "silent")
        relay.hushed = hushed
        with pytest.raises(StoreUnavailable, match="MongoDB cannot be used"):
            store.put("settings", {"_id": "a"})
        assert not relay.broke, "it waited until the connection broke"
        store.close()


def test_what_a_failed_write_held_is_not_in_the_message_nor_in_its_causes(store, monkeypatch):
    class Failing:
        def bulk_write(self, _):
            raise WriteError("failed", 8, {"op": {"_id": SECRET}})

    monkeypatch.setattr(store, "_collection", lambda _: Failing())
    with pytest.raises(StoreUnavailable, match=r"\(WriteError 8\)") as caught:
        store.put("settings", {"_id": SECRET})
    assert SECRET not in "".join(chain(caught.value))


def test_writes_wait_for_a_majority_of_the_servers(store):
    concern = store._collection("settings").write_concern.document
    assert concern == {"w": "majority", "wtimeout": mongo.REPLICATE_MS}


def test_a_read_asks_the_server_that_takes_the_writes_whatever_the_address_prefers(stand_in_uri, tmp_path):
    """A copy that is behind would answer an old version, and every compare-and-set after it would fail."""
    uri = f"{stand_in_uri}/?readPreference=secondaryPreferred&w=0"
    with contextlib.closing(open_store(uri, tmp_path / "unused.db", "preferences")) as store:
        assert store._collection("settings").read_preference == ReadPreference.PRIMARY
        assert store._collection("settings").write_concern.document["w"] == "majority"


def test_every_declared_index_is_made_once(store, mongo_place):
    mongo_place.open().close()
    for kind in COLLECTIONS.values():
        found = sorted(
            (tuple(each["key"]), bool(each.get("unique")))
            for each in store._collection(kind.name).list_indexes()
            if tuple(each["key"]) != ("_id",)
        )
        assert found == sorted(
            [*((each, False) for each in kind.indexes), *((each, True) for each in kind.unique)]
        )


def test_the_server_itself_checks_what_is_declared_where_it_can():
    schema = mongo_declaration.validator(COLLECTIONS["candle_blocks"])["$jsonSchema"]
    assert set(schema["required"]) == {"_id", *COLLECTIONS["candle_blocks"].fields}
    assert schema["properties"]["start_ms"] == {"bsonType": ["int", "long"]}
    assert schema["properties"]["payload"] == {"bsonType": ["binData"]}
    assert schema["properties"]["_id"] == {"bsonType": ["string"]}


@pytest.mark.skipif(SERVER_URI is None, reason="needs a real server: the stand-in checks no schema")
@pytest.mark.parametrize("mongo_place", ["server"], indirect=True)
def test_a_real_server_refuses_what_breaks_the_declaration(mongo_place, store):
    with pymongo.MongoClient(mongo_place.mongo_uri) as client, pytest.raises(WriteError, match="validation"):
        client[mongo_place.database].settings.insert_one({"_id": 7})


@pytest.mark.parametrize(("code", "passes"), [(48, True), (13, False)])
def test_a_collection_that_another_made_first_is_no_failure(code, passes):
    class Database(dict):
        def create_collection(self, *_, **__):
            raise OperationFailure("refused", code)

        def list_collection_names(self):
            return []

    kinds = [COLLECTIONS["settings"]]
    if passes:
        mongo_declaration.declare(Database(), kinds)
    else:
        with pytest.raises(OperationFailure):
            mongo_declaration.declare(Database(), kinds)


def test_a_series_is_read_in_the_order_of_its_index(monkeypatch, store):
    """A sort by the id as well would be done in memory, which fails above 100 MB: five years of minutes."""
    asked = {}

    class Nothing:
        def find(self, *_, sort, **__):
            asked["order"] = sort
            return self

        def to_list(self):
            return []

    monkeypatch.setattr(store, "_collection", lambda _: Nothing())
    series = {"symbol": "BTC/USDT", "interval": "1m"}
    for equal, order in ((series, ["start_ms"]), ({}, ["start_ms", "_id"])):
        store.find("candle_blocks", equal, Span("start_ms", 0), sort="start_ms")
        assert [name for name, _ in asked["order"]] == order
