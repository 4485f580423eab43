"""Forecasts in the ledger, on every engine: written once, in order, and never one that knew too much."""

import json
import sqlite3
from dataclasses import replace

import numpy as np
import pymongo
import pytest
from pymongo.errors import WriteError

from forecasting.adapters.store import forecast_ledger
from forecasting.adapters.store.collections import COLLECTIONS, FORECAST_LEDGER
from forecasting.adapters.store.forecast_ledger import NUMBERS, TIMES, ForecastLedger, LedgerBlock
from forecasting.adapters.store.mongo_declaration import validator
from forecasting.errors import InvalidEvidence, StoreUnavailable
from tests.forecasting.adapters.store import workers
from tests.forecasting.adapters.store.places import SERVER_URI

HOUR = 3_600_000


def columns_of(hours, value=0.5):
    issued = np.array(hours, dtype=np.int64) * HOUR
    return {
        **dict.fromkeys(TIMES[:2], issued),
        "label_end_ms": issued + HOUR,
        **{name: np.full(len(issued), value) for name in NUMBERS},
    }


def block(hours=(10, 11, 12), value=0.5, **changes):
    facts = {"recipe": "r1", "symbol": "AAA/USDT", "horizon": "1h", "origin": "lockbox", "bundle": "b1"}
    return LedgerBlock(**facts | {"usable_from_ms": 10 * HOUR, "columns": columns_of(hours, value)} | changes)


@pytest.fixture
def ledger(store):
    return ForecastLedger(store)


def test_forecasts_come_back_as_they_were_issued(ledger):
    ledger.write([block()])
    (found,) = ledger.blocks("r1")
    assert (found.symbol, found.origin, found.usable_from_ms) == ("AAA/USDT", "lockbox", 10 * HOUR)
    assert all(np.array_equal(found.columns[name], block().columns[name]) for name in (*TIMES, *NUMBERS))


def test_a_moment_counts_once_by_what_was_written_first(ledger):
    ledger.write([block((11, 12), 1.0), block((10, 11, 12, 13), 2.0)])
    columns = ledger.forecasts("r1")["AAA/USDT"]
    assert columns["issued_ms"].tolist() == [each * HOUR for each in (10, 11, 12, 13)]
    assert columns["forecast"].tolist() == [2.0, 1.0, 1.0, 2.0]


def test_recipes_and_symbols_are_kept_apart(ledger):
    ledger.write([block(), block(symbol="BBB/USDT"), block(recipe="r2")])
    assert set(ledger.forecasts("r1")) == {"AAA/USDT", "BBB/USDT"}
    assert ledger.spans("r2") == {"AAA/USDT": [(10 * HOUR, 12 * HOUR)]}


def test_a_long_block_is_stored_in_parts(monkeypatch, store, ledger):
    monkeypatch.setattr(forecast_ledger, "MOST_ROWS", 2)
    ledger.write([block()])
    assert [each["rows"] for each in store.find(FORECAST_LEDGER, blobs=False)] == [2, 1]
    assert ledger.forecasts("r1")["AAA/USDT"]["issued_ms"].tolist() == [10 * HOUR, 11 * HOUR, 12 * HOUR]


def test_processes_that_write_at_once_each_get_a_place(place, four_processes):
    blocks = [block((10 + each,), float(each)) for each in range(5)]
    four_processes(workers.write_blocks, place, blocks)
    store = place.open()
    ledger = ForecastLedger(store)
    assert len(ledger.blocks("r1")) == 20
    assert ledger.forecasts("r1")["AAA/USDT"]["forecast"].tolist() == [0.0, 1.0, 2.0, 3.0, 4.0]
    store.close()


@pytest.mark.parametrize(
    ("changes", "fault"),
    [
        ({"usable_from_ms": 10 * HOUR + 1}, "before its model was usable"),
        ({"columns": columns_of((10, 11)) | {"data_as_of_ms": np.array([10, 12]) * HOUR}}, "knew a candle"),
        ({"columns": columns_of((10, 11)) | {"label_end_ms": np.array([11, 11]) * HOUR}}, "has a label"),
        ({"columns": columns_of((11, 11))}, "is not later"),
        ({"columns": columns_of(())}, "one row or more"),
        ({"columns": columns_of((10,)) | {"forecast": np.array([1])}}, "forecast of another type"),
        ({"columns": {"forecast": np.array([1.0])}}, "are needed"),
    ],
)
def test_a_block_that_breaks_the_contract_cannot_be_made(changes, fault):
    with pytest.raises(InvalidEvidence, match=fault):
        block(**changes)


def raw_insert(place, document):
    """Write a document by other means than ours."""
    if place.mongo_uri is not None:
        with pymongo.MongoClient(place.mongo_uri) as client:
            client[place.database][FORECAST_LEDGER].insert_one(dict(document))
        return
    body = json.dumps({name: value for name, value in document.items() if name not in {"_id", "payload"}})
    with sqlite3.connect(place.path) as raw:
        raw.execute(
            f"INSERT INTO {FORECAST_LEDGER} (id, body, payload) VALUES (?, json_insert(?, '$._id', ?), ?)",
            (document["_id"], body, document["_id"], document["payload"]),
        )
    raw.close()


def forged(**header):
    """A document whose rows knew too much; what is said of them is a lie, and its digest is right."""
    honest = block()
    told = honest.to_document(0)
    late = replace(honest, usable_from_ms=0).to_document(0) | {"usable_from_ms": 11 * HOUR, **header}
    said = {name: value for name, value in late.items() if name not in {"digest", "payload"}}
    return late | {"digest": forecast_ledger._digest(said), "payload": told["payload"]}


def test_the_embedded_file_refuses_a_forecast_of_a_model_that_was_not_usable_yet(tmp_path, store, place):
    if place.mongo_uri is not None:
        pytest.skip("the rule of a server is tried below")
    with pytest.raises(sqlite3.IntegrityError, match="usable_from_ms exceeds"):
        raw_insert(place, forged())


@pytest.mark.skipif(SERVER_URI is None, reason="needs a real server: the stand-in checks no rule")
@pytest.mark.parametrize("mongo_place", ["server"], indirect=True)
def test_a_server_refuses_a_forecast_of_a_model_that_was_not_usable_yet(mongo_place):
    mongo_place.open().close()
    with pytest.raises(WriteError, match="validation"):
        raw_insert(mongo_place, forged())


def test_a_server_is_told_all_that_a_block_must_keep_to():
    rules = validator(COLLECTIONS[FORECAST_LEDGER])["$expr"]["$and"]
    assert rules[:2] == [
        {"$lte": ["$usable_from_ms", "$first_issued_ms"]},
        {"$lte": ["$first_issued_ms", "$last_issued_ms"]},
    ]


def test_a_block_that_lies_about_its_rows_is_refused_when_it_is_read(store, place, ledger):
    raw_insert(place, forged(first_issued_ms=11 * HOUR))
    with pytest.raises(InvalidEvidence, match="before its model was usable"):
        ledger.forecasts("r1")


@pytest.mark.parametrize("change", [{"recipe": "r1", "bundle": "b9"}, {"usable_from_ms": 0}])
def test_a_block_whose_head_was_changed_is_refused_when_it_is_read(place, ledger, change):
    raw_insert(place, block().to_document(0) | change)
    with pytest.raises(StoreUnavailable, match="is not what was stored"):
        ledger.forecasts("r1")


def test_a_block_whose_rows_were_changed_is_refused_when_it_is_read(place, ledger):
    raw_insert(place, block().to_document(0) | {"payload": block(value=9.0).to_document(0)["payload"]})
    with pytest.raises(StoreUnavailable, match="is not what was stored"):
        ledger.forecasts("r1")
