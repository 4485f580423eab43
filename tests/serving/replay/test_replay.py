"""A served forecast comes out again to the last bit, whatever happened since; what was tampered with is named."""

import shutil
from dataclasses import replace

import pytest

from forecasting.adapters.store.candle_blocks import CandleStore
from forecasting.adapters.store.event_store import EventStore
from forecasting.adapters.store.forecast_log import ForecastLog
from forecasting.errors import RegistryUnavailable
from forecasting.events import EventRecord
from forecasting.horizons import load_horizons
from forecasting.types import HOUR_MS, utc_iso
from serving.in_use import loading
from serving.in_use.watcher import wall_clock_ms
from serving.replay import pinned
from tests.serving.replay.replaying import assert_identical, fields

YOUNGER = {"threshold", "in_sample"}  # fields of answers that older ones in a log do not have


@pytest.fixture
def revise(store, world):
    """Store other closes of the newest candles, as a source that corrects itself."""

    def write(symbol="AAA/SIM", received_ms=None):
        newest = world.candles[symbol].take(slice(-5, None))
        volume = newest.volume * 1.01
        report = CandleStore(store).write(replace(newest, volume=volume, close=newest.open), "x", received_ms)
        assert report.revised == 5

    return write


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
    replay = replayed(before, {"1h": other})
    assert_identical(replay)
    assert replay.found.answer["threshold"] == horizon.threshold
    assert_identical(replayed(before, {}))


@pytest.mark.parametrize("with_model", [True, False])
def test_a_forecast_of_before_answers_told_as_much_comes_out_again(
    promote, served, replayed, store, with_model
):
    if with_model:
        promote(1)
    log = ForecastLog(store)
    logged = log.get(served()).forecast
    answer = {name: value for name, value in logged.answer.items() if name not in YOUNGER}
    older = replace(logged, answer=answer)
    assert log.write([older]) == 1
    replay = replayed(older.forecast_id)
    assert_identical(replay)
    assert YOUNGER.isdisjoint(replay.logged.forecast.answer)


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
