"""Both engines keep documents alike: what is written comes back, and what one cannot keep none takes."""

import math

import orjson
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from forecasting.adapters.store.documents import MOST_BYTES, MOST_LEVELS
from forecasting.adapters.store.port import Span
from forecasting.errors import StoreUnavailable

BLOCK = {
    "_id": "a", "symbol": "BTC/USDT", "interval": "1m", "start_ms": 0, "last_ms": 0, "rows": 1, "version": 1,
    "digest": "", "payload": b"\x00\xff bytes", "received": b"", "superseded": b"old",
}  # fmt: skip
# The stand-in, unlike MongoDB, changes values of a nested field named id or _id.
NAMES = st.text(st.characters(codec="utf-8", exclude_characters="\0.$"), min_size=1, max_size=8).filter(
    lambda name: name not in ("id", "_id")
)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**63), 2**63 - 1) | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(codec="utf-8"), max_size=12),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(NAMES, inner, max_size=4),
    max_leaves=12,
)  # fmt: skip


def test_a_document_comes_back_whole(store):
    document = {
        "_id": "a",
        "text": "ä\n",
        "none": None,
        "yes": True,
        "list": [1, {"deep": 0.1}],
        "time": 2**53 + 1,
    }
    store.put("settings", document)
    assert store.get("settings", "a") == document
    assert type(store.get("settings", "a")["time"]) is int


@settings(
    max_examples=60,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(value=VALUES)
def test_any_plain_value_comes_back_with_its_type(shared_store, value):
    shared_store.put("settings", {"_id": "any", "value": value})
    found = shared_store.get("settings", "any")["value"]
    assert orjson.dumps(found, option=orjson.OPT_SORT_KEYS) == orjson.dumps(
        value, option=orjson.OPT_SORT_KEYS
    )


def test_bytes_come_back_and_are_left_out_on_request(store):
    store.put("candle_blocks", BLOCK)
    assert store.get("candle_blocks", "a") == BLOCK
    assert list(store.find("candle_blocks")) == [BLOCK]
    bare = {name: value for name, value in BLOCK.items() if not isinstance(value, bytes)}
    assert list(store.find("candle_blocks", blobs=False)) == [bare]


def test_a_search_reads_the_bytes_that_it_names_and_no_others(store):
    store.put("candle_blocks", BLOCK)
    bare = {name: value for name, value in BLOCK.items() if not isinstance(value, bytes)}
    for names in (["payload"], ("superseded", "payload"), []):
        chosen = {name: BLOCK[name] for name in names}
        assert list(store.find("candle_blocks", blobs=names)) == [bare | chosen]


@pytest.mark.parametrize("name", ["symbol", "_id", "other"])
def test_bytes_that_are_not_declared_cannot_be_named(store, name):
    with pytest.raises(ValueError, match=rf"candle_blocks\.{name} is not declared to hold bytes"):
        store.find("candle_blocks", blobs=["payload", name])


def test_what_is_not_there_is_none_and_cannot_be_deleted(store):
    assert store.get("settings", "a") is None
    assert not store.delete("settings", "a")
    assert list(store.find("settings")) == []


def test_a_document_is_replaced_whole(store):
    store.put("settings", {"_id": "a", "old": 1})
    store.put("settings", {"_id": "a", "new": 2})
    assert list(store.find("settings")) == [{"_id": "a", "new": 2}]


def test_a_deleted_document_is_gone_and_the_others_stay(store):
    store.put_many("settings", [{"_id": "a"}, {"_id": "b"}])
    assert store.delete("settings", "a")
    assert list(store.find("settings")) == [{"_id": "b"}]


def test_of_the_same_document_twice_in_one_write_the_last_stays(store):
    store.put_many("settings", [{"_id": "a", "n": 1}, {"_id": "b", "n": 1}, {"_id": "a", "n": 2}])
    assert list(store.find("settings")) == [{"_id": "a", "n": 2}, {"_id": "b", "n": 1}]


def test_no_documents_may_be_written(store):
    store.put_many("settings", [])
    assert list(store.find("settings")) == []


def test_only_what_is_not_there_yet_is_written_as_new(store):
    store.put("settings", {"_id": "a", "n": 1})
    assert store.put_new("settings", [{"_id": "a", "n": 2}, {"_id": "b", "n": 3}, {"_id": "b", "n": 4}]) == 1
    assert [(each["_id"], each["n"]) for each in store.find("settings")] == [("a", 1), ("b", 3)]


def test_no_documents_may_be_written_as_new(store):
    assert store.put_new("settings", []) == 0
    assert list(store.find("settings")) == []


def test_bytes_of_a_new_document_come_back(store):
    assert store.put_new("candle_blocks", [BLOCK]) == 1
    assert store.get("candle_blocks", "a") == BLOCK


def test_what_was_written_is_there_after_opening_again(place):
    for number in range(2):
        opened = place.open()
        opened.put("settings", {"_id": str(number)})
        assert len(list(opened.find("settings"))) == number + 1
        opened.close()


def test_a_closed_store_is_not_opened_again_by_using_it(place):
    opened = place.open()
    opened.close()
    opened.close()
    for use in (lambda: opened.get("settings", "a"), lambda: opened.put("settings", {"_id": "a"})):
        with pytest.raises(StoreUnavailable, match="cannot be used"):
            use()


def test_of_two_writers_of_one_version_one_wins(store):
    assert store.compare_and_set("settings", {"_id": "a", "version": 1}, None)
    assert not store.compare_and_set("settings", {"_id": "a", "version": 9}, None)
    assert store.compare_and_set("settings", {"_id": "a", "version": 2}, 1)
    assert not store.compare_and_set("settings", {"_id": "a", "version": 3}, 1)
    assert store.get("settings", "a") == {"_id": "a", "version": 2}


def test_a_version_that_was_never_written_is_not_replaced(store):
    assert not store.compare_and_set("settings", {"_id": "a", "version": 2}, 1)
    assert store.get("settings", "a") is None


@pytest.mark.parametrize(
    "value",
    [math.nan, math.inf, 2**63, b"bytes", object(), "\ud800", {1: 2}, {"": 1}, {"$set": 1}, {"a\0": 1}],
)
def test_what_not_every_engine_can_keep_is_refused(store, value):
    for deep in (value, [value], {"in": value}):
        with pytest.raises(ValueError, match=r"settings\.value"):
            store.put_many("settings", [{"_id": "b"}, {"_id": "a", "value": deep}])
    assert list(store.find("settings")) == []


@pytest.mark.parametrize("document", [{}, {"_id": ""}, {"_id": 7}, {"_id": None}])
def test_a_document_without_a_string_for_an_id_is_refused(store, document):
    with pytest.raises(ValueError, match="needs a string _id"):
        store.put("settings", document)


@pytest.mark.parametrize(
    "change", [{"start_ms": "0"}, {"start_ms": True}, {"symbol": None}, {"payload": "text"}, {"rows": 1.0}]
)
def test_a_declared_field_holds_what_was_declared(store, change):
    with pytest.raises(ValueError, match=rf"candle_blocks\.{next(iter(change))}: .* is needed"):
        store.put("candle_blocks", BLOCK | change)
    with pytest.raises(ValueError, match="is needed, None was given"):
        store.put("candle_blocks", {name: value for name, value in BLOCK.items() if name not in change})


@pytest.mark.parametrize("change", [{"_id": "a\0b"}, {"symbol": "BTC\0USDT"}])
def test_text_to_search_by_that_an_engine_would_cut_short_is_refused(store, change):
    """SQLite's JSON ends a text at a zero character, and would find it under the wrong name."""
    with pytest.raises(ValueError, match=rf"candle_blocks\.{next(iter(change))}: .* zero character"):
        store.put("candle_blocks", BLOCK | change)
    assert list(store.find("candle_blocks")) == []
    assert list(store.find("candle_blocks", dict.fromkeys(change, "a\0b"))) == []


def nested(levels):
    value = 1
    for level in range(levels):
        value = [value] if level % 2 else {"in": value}
    return value


def test_a_document_may_be_nested_to_a_limit(store):
    document = {"_id": "a", "deep": nested(MOST_LEVELS)}
    store.put("settings", document)
    assert store.get("settings", "a") == document


@pytest.mark.parametrize("levels", [MOST_LEVELS + 1, 500])
def test_a_document_that_is_nested_deeper_than_an_engine_can_keep_is_refused(store, levels):
    with pytest.raises(ValueError, match=rf"settings\.deep.*: nested deeper than {MOST_LEVELS} levels"):
        store.put("settings", {"_id": "a", "deep": nested(levels)})
    assert store.get("settings", "a") is None


@pytest.mark.parametrize("version", [None, "1", 1.0, True])
def test_a_compare_and_set_needs_a_version(store, version):
    with pytest.raises(ValueError, match="version: an integer is needed"):
        store.compare_and_set("settings", {"_id": "a", "version": version}, None)


@pytest.mark.parametrize(
    ("collection", "document"),
    [
        ("candle_blocks", BLOCK | {"payload": bytes(MOST_BYTES + 1)}),
        ("settings", {"_id": "a", "x": "y" * 2**24}),
    ],
)
def test_what_is_too_large_is_refused(store, collection, document):
    with pytest.raises(ValueError, match="may be stored"):
        store.put(collection, document)
    assert store.get(collection, "a") is None


def test_two_documents_that_share_what_is_unique_are_refused(store):
    store.put("candle_blocks", BLOCK)
    for write in (store.put, lambda *given: store.compare_and_set(*given, None)):
        with pytest.raises(StoreUnavailable, match="cannot be used"):
            write("candle_blocks", BLOCK | {"_id": "b"})
    assert list(store.find("candle_blocks")) == [BLOCK]


@pytest.mark.parametrize("call", ["put", "get", "find", "delete", "compare_and_set"])
def test_a_collection_that_is_not_declared_is_refused(store, call):
    document = {"_id": "a", "version": 1}
    arguments = {
        "put": [document],
        "get": ["a"],
        "find": [],
        "delete": ["a"],
        "compare_and_set": [document, None],
    }
    with pytest.raises(ValueError, match="'others' is not declared"):
        getattr(store, call)("others", *arguments[call])


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"equal": {"title": "x"}}, "not searched by 'title'"),
        ({"equal": {"payload": b"x"}}, "cannot be stored"),
        ({"equal": {"symbol": 7}}, "a string is needed"),
        ({"equal": {"start_ms": 2**63}}, "cannot be stored"),
        ({"span": Span("symbol", 1)}, "not an integer field"),
        ({"span": Span("start_ms", 1.5)}, "an integer is needed"),
        ({"span": Span("start_ms", None, 2**63)}, "cannot be stored"),
        ({"sort": "payload"}, "not searched by 'payload'"),
        ({"limit": -1}, "a limit of 0 or more"),
    ],
)
def test_a_search_that_engines_would_answer_differently_is_refused(store, options, message):
    with pytest.raises(ValueError, match=message):
        store.find("candle_blocks", **options)
