"""A served forecast comes out again to the last bit, whatever happened since; what was tampered with is named."""

import shutil
from dataclasses import replace

import numpy as np
import pytest

from forecasting.adapters.store import blocks, open_store
from forecasting.adapters.store.candle_blocks import CandleStore
from forecasting.adapters.store.collections import CANDLE_BLOCKS, SERVED_FORECASTS
from forecasting.adapters.store.event_store import EventStore
from forecasting.adapters.store.forecast_log import ForecastLog
from forecasting.adapters.store.versions import Block, Versions
from forecasting.errors import RegistryUnavailable, StoreUnavailable
from forecasting.events import EventRecord
from forecasting.horizons import load_horizons
from forecasting.types import HOUR_MS, utc_iso
from serving.in_use import loading
from serving.in_use.watcher import wall_clock_ms
from serving.replay import pinned
from serving.replay import replay as replay_module
from serving.replay.replay import NO_CAUSE, Replayer

SECONDS = 30.0
ASKED = {"symbol": "AAA/SIM", "horizon": "1h"}


@pytest.fixture
def store(installation):
    opened = open_store(None, installation.settings.store_path, "unused")
    yield opened
    opened.close()


@pytest.fixture
def served(serve):
    """Ask for a forecast and wait until it is logged; its id."""
    clients = []

    def ask(**changes):
        clients[:] = clients or [serve()]
        # What a test stored just before must not wait for the thread that looks for it.
        clients[0].app.state.service.held.look()
        response = clients[0].post("/api/forecast", json=ASKED | changes)
        assert response.status_code == 200, response.text
        assert clients[0].app.state.service.writer.flush(SECONDS)
        return response.json()["forecast_id"]

    return ask


@pytest.fixture
def replayed(store, source):
    def replay(forecast_id, horizons=None):
        known = load_horizons() if horizons is None else horizons
        replayer = Replayer(CandleStore(store), EventStore(store), source, known)
        return replayer.replay(ForecastLog(store).get(forecast_id))

    return replay


@pytest.fixture
def revise(store, world):
    """Store other closes of the newest candles, as a source that corrects itself."""

    def write(symbol="AAA/SIM", received_ms=None):
        newest = world.candles[symbol].take(slice(-5, None))
        volume = newest.volume * 1.01
        report = CandleStore(store).write(replace(newest, volume=volume, close=newest.open), "x", received_ms)
        assert report.revised == 5

    return write


def fields(replay):
    return [each.field for each in replay.differences]


def assert_identical(replay):
    assert (replay.differences, replay.causes, replay.identical) == ((), (), True)


@pytest.mark.parametrize("symbol", ["AAA/SIM", "BBB/SIM", "CCC/SIM"])
@pytest.mark.parametrize("hours_back", [0, 300])
def test_a_models_forecast_comes_out_again(promote, served, replayed, world, symbol, hours_back):
    promote(1)
    moment = utc_iso(world.newest_close_ms - hours_back * HOUR_MS)
    assert_identical(replayed(served(symbol=symbol, timestamp=moment)))


def test_naives_forecast_comes_out_again_with_its_reason(served, replayed):
    replay = replayed(served())
    assert_identical(replay)
    assert replay.found.answer["fallback_reason"] == "no production model for 1h"


def test_an_answer_of_the_last_good_model_comes_out_again_with_its_reason(promote, served, replayed, world):
    promote(1)
    served()
    promote(2, digest="0" * 64, evidence="proven")
    while (replay := replayed(served())).found.answer["fallback_reason"] is None:
        pass  # each answer takes longer than a look at the pointer
    assert_identical(replay)
    assert replay.found.answer["model_id"] == world.versions[0].model_id
    assert "was refused" in replay.found.answer["fallback_reason"]


@pytest.mark.parametrize("with_model", [True, False])
def test_a_revised_candle_does_not_break_it(promote, served, replayed, revise, with_model):
    if with_model:
        promote(1)
    before, _ = served(), revise()
    after = served()
    first, second = replayed(before), replayed(after)
    assert_identical(first)
    assert_identical(second)
    assert first.found.answer["pred_return"] != second.found.answer["pred_return"]


@pytest.mark.parametrize("with_model", [True, False])
def test_candles_that_came_later_do_not_break_it(promote, served, replayed, store, world, with_model):
    if with_model:
        promote(1)
    before = served()
    candles = world.candles["AAA/SIM"].take(slice(-3, None))
    later = replace(candles, open_time_ms=candles.open_time_ms + 3 * HOUR_MS)
    earlier = replace(candles, open_time_ms=world.candles["AAA/SIM"].open_time_ms[:3] - 3 * HOUR_MS)
    for each in (later, earlier):
        assert CandleStore(store).write(each).added == 3
    assert_identical(replayed(before))


def test_an_event_that_came_later_does_not_break_it(promote, served, replayed, store, world):
    promote(1)
    before = served()
    at_ms = world.newest_close_ms - 2 * HOUR_MS
    record = EventRecord(at_ms, "late", "A late one", "", (), False, "")
    assert EventStore(store).write([record], at_ms, at_ms).added == 1
    after = served()
    first, second = replayed(before), replayed(after)
    assert_identical(first)
    assert_identical(second)
    assert first.found.inputs[1] != second.found.inputs[1]


def test_a_model_promoted_since_does_not_break_it(promote, served, replayed, world, serve):
    promote(1)
    before = served()
    promote(2)
    replay = replayed(before)
    assert_identical(replay)
    assert replay.found.answer["model_id"] == world.versions[0].model_id


@pytest.mark.parametrize("with_model", [True, False])
def test_changed_horizons_do_not_break_it(promote, served, replayed, with_model):
    if with_model:
        promote(1)
    before = served()
    horizon = load_horizons()["1h"]
    other = horizon.model_copy(update={"train_window_days": 9, "threshold": 0.01, "look_ahead_minutes": 180})
    assert_identical(replayed(before, {"1h": other}))
    assert_identical(replayed(before, {}))


def test_rows_that_were_on_their_way_were_not_seen(promote, served, replayed, store, revise, monkeypatch):
    # The world's own candles were received not long ago, and are no help outside of tests.
    monkeypatch.setattr(pinned, "IN_FLIGHT_MS", 1000)
    promote(1)
    before = served()
    # Received before the answer and written after it: a slow writer.
    revise(received_ms=ForecastLog(store).get(before).forecast.served_ms - 40)
    replay = replayed(before)
    assert_identical(replay)
    assert replay.found.as_of_ms < replay.logged.forecast.served_ms


def test_rows_of_a_writer_whose_clock_is_ahead_were_seen(promote, served, replayed, revise):
    promote(1)
    revise(received_ms=wall_clock_ms() + 60_000)
    replay = replayed(served())
    assert_identical(replay)
    assert replay.found.as_of_ms > replay.logged.forecast.served_ms


@pytest.mark.parametrize("kept", ["copy", "registry"])
def test_either_this_machine_or_the_registry_keeps_the_bundle(
    promote, served, replayed, installation, source, kept, monkeypatch
):
    promote(1)
    before = served()
    if kept == "copy":
        monkeypatch.setattr(source, "tracking_uri", "http://127.0.0.1:9")
    else:
        shutil.rmtree(installation.settings.bundle_folder)
    assert_identical(replayed(before))


def test_a_bundle_that_nobody_keeps_is_named(promote, served, replayed, installation, world):
    promote(1)
    before = served()
    shutil.rmtree(installation.settings.bundle_folder)
    client = installation.registry._client
    client.delete_registered_model("forecast-1h")
    replay = replayed(before)
    assert fields(replay) == ["answer"]
    (cause,) = replay.causes
    assert cause.startswith(
        f"the bundle {world.versions[0].digest} is gone: no version of forecast-1h has it"
    )


def test_a_registry_that_is_away_is_no_difference(promote, served, replayed, installation, monkeypatch):
    promote(1)
    before = served()
    shutil.rmtree(installation.settings.bundle_folder)
    monkeypatch.setattr(loading, "fetch_in_child", away)
    with pytest.raises(RegistryUnavailable):
        replayed(before)


def away(_):
    """Find no registry."""
    raise RegistryUnavailable("MLflow does not answer")


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
