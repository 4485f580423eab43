"""Simulated runs, on every engine: kept once, whole, found by what they are, and a changed one is refused."""

from dataclasses import replace

import numpy as np
import pytest

from forecasting.adapters.store import run_log
from forecasting.adapters.store.collections import RUNS
from forecasting.adapters.store.run_columns import columns_digest, packed, unpacked
from forecasting.adapters.store.run_log import RunLog, StoredRun, digests_of
from forecasting.errors import InvalidSettings, StoreUnavailable, UnknownRun

NOW_MS = 1_735_689_600_000
CURVE = {
    "time_ms": np.arange(3, dtype=np.int64),
    "equity": np.array([1.0, 1.1, 0.9]),
    "exposure": np.array([0.0, 1.0, np.nan]),
}
TRADES = {"symbol": np.array(["AAA/USDT", "B"]), "net": np.array([0.1, -0.2])}
RUN = StoredRun(
    strategy={"name": "eager", "source": "ensemble"},
    costs={"fee_bps": 5.0},
    horizon={"name": "1h"},
    symbols=("AAA/USDT", "B/USDT"),
    start_ms=0,
    end_ms=NOW_MS,
    forecasts={"refits": 3, "every_ms": 1, "seed": 7},
    data_fingerprint="aa",
    forecast_fingerprint="bb",
    metrics={"pnl": -0.1, "sharpe": None, "trades": 2},
    chance=None,
    groups={"symbol": [{"name": "AAA/USDT", "net": 0.1}]},
    silent=0,
    simulated_ms=NOW_MS,
    digests=digests_of(CURVE, TRADES),
    curve=CURVE,
    trades=TRADES,
)


@pytest.fixture
def log(store):
    return RunLog(store)


def test_a_run_comes_back_whole(log):
    assert log.write([RUN]) == 1
    found = log.get(RUN.run_id)
    assert found.to_document() == RUN.to_document()
    assert np.array_equal(found.curve["exposure"], CURVE["exposure"], equal_nan=True)
    assert found.trades["symbol"].tolist() == ["AAA/USDT", "B"]


def test_a_run_that_is_simulated_again_is_kept_as_it_was(log):
    log.write([RUN])
    assert log.write([replace(RUN, simulated_ms=NOW_MS + 1)]) == 0
    assert log.get(RUN.run_id).simulated_ms == NOW_MS


def test_another_outcome_is_another_run(log):
    log.write([RUN])
    assert log.write([replace(RUN, metrics={**RUN.metrics, "pnl": -0.2})]) == 1


def test_runs_are_found_newest_first_without_their_columns(log):
    later = replace(RUN, strategy={"name": "lazy"}, horizon={"name": "1d"}, simulated_ms=NOW_MS + 1)
    log.write([RUN, later])
    assert [each.name for each in log.find()] == ["lazy", "eager"]
    assert [each.name for each in log.find(limit=1)] == ["lazy"]
    assert [each.name for each in log.find(strategy="eager")] == ["eager"]
    assert [each.name for each in log.find(horizon="1d")] == ["lazy"]
    assert len(list(log.find(symbols=("AAA/USDT", "B/USDT")))) == 2
    assert not list(log.find(symbols=("AAA/USDT",)))
    assert next(log.find()).curve is None


def test_a_run_that_is_not_there_is_told_with_the_newest(log):
    with pytest.raises(UnknownRun, match="no run 'x' was simulated: foretick runs list"):
        log.get("x")
    log.write([RUN])
    with pytest.raises(UnknownRun, match=rf"the newest are {RUN.run_id} \(eager, 2025-01-01T00:00\)"):
        log.get("x")


@pytest.mark.parametrize(
    "change",
    [
        lambda document: {"content": {**document["content"], "silent": 1}},
        lambda _: {"curve": packed({**CURVE, "equity": np.array([1.0, 1.1, 9.0])})},
        lambda document: {"trades": document["trades"][:40]},
        lambda _: {"content": {"format": 1}},
    ],
    ids=["figures", "equity", "truncated", "emptied"],
)
def test_a_document_that_was_changed_is_refused(log, store, change):
    document = RUN.to_document()
    store.put(RUNS, {**document, **change(document)})
    with pytest.raises(StoreUnavailable, match=f"simulated run {RUN.run_id}.* restore the store from a copy"):
        log.get(RUN.run_id)


def test_a_run_of_another_format_is_refused(log, store, monkeypatch):
    monkeypatch.setattr(run_log, "FORMAT", 2)
    log.write([RUN])
    (document,) = store.find(RUNS)
    monkeypatch.undo()
    with pytest.raises(StoreUnavailable, match="has format 2, 1 is known"):
        log.get(document["_id"])


def test_a_run_that_is_too_large_is_told(monkeypatch):
    monkeypatch.setattr(run_log, "_MOST_BLOB_BYTES", 100)
    with pytest.raises(InvalidSettings, match="100 can be stored: simulate fewer refits"):
        RUN.to_document()


def test_columns_without_rows_come_back():
    empty = {"name": np.array([], dtype="<U3"), "net": np.empty(0)}
    found = unpacked(packed(empty), columns_digest(empty), "run")
    assert {name: len(column) for name, column in found.items()} == {"name": 0, "net": 0}


def test_a_digest_knows_where_a_text_ends():
    one, other = (columns_digest({"a": np.array(words)}) for words in (["x", "yz"], ["xy", "z"]))
    assert one != other
