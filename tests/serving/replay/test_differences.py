from dataclasses import replace

import numpy as np
import pytest

from forecasting.adapters.store import blocks
from forecasting.adapters.store.collections import CANDLE_BLOCKS, SERVED_FORECASTS
from forecasting.adapters.store.versions import Block, Versions
from forecasting.errors import StoreUnavailable
from serving.replay import replay as replay_module
from serving.replay.replay import NO_CAUSE
from tests.serving.replay.replaying import assert_identical, fields


def edit_block(store, symbol, change, *, sign=True):
    """Change the newest closes of a stored block behind the store's back, with or without its digest."""
    document = max(
        store.find(CANDLE_BLOCKS, {"symbol": symbol, "interval": "1h"}), key=lambda each: each["start_ms"]
    )
    block = blocks.decode_block(document)
    values = block.current.values
    close = values.close.copy()
    close[-1] = change(close[-1])
    edited = replace(block.current, values=replace(values, close=close))
    fresh = blocks.encode(
        document["_id"], Block(edited, block.superseded, block.sources), document["version"]
    )
    store.put(CANDLE_BLOCKS, fresh if sign else {**document, "payload": fresh["payload"]})


@pytest.mark.parametrize("with_model", [True, False])
def test_a_candle_that_was_edited_behind_the_store_is_named(promote, served, replayed, store, with_model):
    if with_model:
        promote(1)
    before = served()
    edit_block(store, "AAA/SIM", lambda close: np.nextafter(close, 0))
    replay = replayed(before)
    assert not replay.identical
    assert fields(replay)[0] == "candles of AAA/SIM 1h"
    (cause,) = replay.causes
    assert cause.startswith("the stored candles of AAA/SIM 1h, as known at ")


def test_an_edit_that_left_the_digest_as_it_was_is_damage(promote, served, replayed, store):
    promote(1)
    before = served()
    edit_block(store, "AAA/SIM", lambda close: close * 2, sign=False)
    with pytest.raises(StoreUnavailable, match=r"AAA/SIM 1h from .* are damaged"):
        replayed(before)


def edit_log(store, forecast_id, **changes):
    store.put(SERVED_FORECASTS, {**store.get(SERVED_FORECASTS, forecast_id), **changes})


def test_a_digit_that_was_edited_in_the_log_is_named(promote, served, replayed, store):
    promote(1)
    before = served()
    answer = store.get(SERVED_FORECASTS, before)["answer"]
    edited = float(np.nextafter(answer["pred_return"], 1))
    edit_log(store, before, answer={**answer, "pred_return": edited})
    replay = replayed(before)
    assert fields(replay) == ["forecast_id", "pred_return"]
    assert replay.differences[1].logged == edited
    assert replay.differences[1].found == answer["pred_return"]
    assert replay.causes == (
        "the logged document was changed since it was written: with the values found it has its own id again",
    )


@pytest.mark.parametrize(
    "change", [{"served_ms": 1}, {"as_of_ms": 7}, {"note": "x"}, {"bundle": "../elsewhere"}]
)
def test_an_edit_beside_the_answer_is_named(promote, served, replayed, store, change):
    promote(1)
    before = served()
    edit_log(store, before, **change)
    replay = replayed(before)
    assert fields(replay)[0] == "forecast_id"
    assert replay.causes[0].startswith("the logged document was changed since it was written: ")


def test_settings_that_are_not_understood_any_more_are_named(served, replayed, store):
    before = served()
    settings = store.get(SERVED_FORECASTS, before)["horizon_settings"]
    edit_log(store, before, horizon_settings={**settings, "base_interval": "7h"})
    replay = replayed(before)
    assert any("settings of the horizon are not understood" in cause for cause in replay.causes)


def test_candles_that_are_gone_are_named(promote, served, replayed, store):
    promote(1)
    before = served()
    for document in list(store.find(CANDLE_BLOCKS, {"symbol": "AAA/SIM"}, blobs=False)):
        store.delete(CANDLE_BLOCKS, document["_id"])
    replay = replayed(before)
    assert fields(replay) == ["answer"]
    assert "the symbol is unknown" in replay.causes[0]


def test_a_store_that_does_not_know_when_candles_came_is_named(promote, served, replayed, store, world):
    promote(1)
    for document in list(store.find(CANDLE_BLOCKS, {"symbol": "AAA/SIM"})):
        current = Versions.received_at(blocks.decode(document), 0, 0)
        older = Block(current, current.take(slice(0)), ("",))
        store.put(CANDLE_BLOCKS, blocks.encode(document["_id"], older, document["version"]))
    before = served()
    assert_identical(replayed(before))
    edit_block(store, "AAA/SIM", lambda close: close * 1.01)
    known = f"the store does not know when {world.spec.history_bars} of the candles were received"
    assert replayed(before).causes[0].startswith(known)


def test_other_software_is_named_where_something_differs(promote, served, replayed, store, monkeypatch):
    promote(1)
    before = served()
    now = replay_module.software()
    monkeypatch.setattr(replay_module, "software", lambda: {**now, "numpy": "9.9", "blas": "new"})
    assert_identical(replayed(before))
    edit_block(store, "AAA/SIM", lambda close: close * 1.01)
    cause = replayed(before).causes[-1]
    assert cause == f"other software computed it: numpy {now['numpy']}, now 9.9; blas unknown, now new"


def test_where_nothing_is_proven_that_is_said(promote, served, replayed, monkeypatch):
    promote(1)
    before = served()
    answer = replay_module.answer

    def off_by_a_bit(*asked):
        found = answer(*asked)
        return found.model_copy(update={"p_up": float(np.nextafter(found.p_up, 1))})

    monkeypatch.setattr(replay_module, "answer", off_by_a_bit)
    replay = replayed(before)
    assert (fields(replay), replay.causes) == (["p_up"], (NO_CAUSE,))
