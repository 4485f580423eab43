"""Served forecasts, on every engine: kept once, found by time, and no content but the first under an id."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from forecasting.adapters.store.collections import SERVED_FORECASTS
from forecasting.adapters.store.forecast_log import (
    ForecastLog,
    ServedForecast,
    UsedRows,
    content_id,
    moment_of,
)
from forecasting.errors import StoreUnavailable, UnknownForecast
from forecasting.types import HOUR_MS

NOW_MS = 1_735_689_600_000
FORECAST = ServedForecast(
    symbol="BTC/USDT",
    horizon="1h",
    asked_ms=NOW_MS - 5,
    as_of_ms=NOW_MS - HOUR_MS,
    label_end_ms=NOW_MS,
    served_ms=NOW_MS,
    alias="production",
    bundle="ab" * 32,
    trained_label_end_ms=NOW_MS - 100 * HOUR_MS,
    horizon_settings={"name": "1h", "threshold": 0.0, "longer_periods": []},
    answer={
        "model_id": "1h-abababababab",
        "pred_return": -0.0,
        "p_up": 0.1 + 0.2,
        "conf": 5e-324,
        "interval_80": [-0.1, 0.30000000000000004],
        "regime": {"label": "chop", "score": 1.0, "window_bars": 30},
        "fallback_reason": None,
    },
    inputs=(UsedRows("candles", "BTC/USDT", "1h", 700, 0, NOW_MS - HOUR_MS, "cd" * 32),),
    software={"numpy": "2.2.6"},
)


@pytest.fixture
def log(store):
    return ForecastLog(store)


def changed(store, forecast_id, **fields):
    """Edit a document behind the back of the log."""
    store.put(SERVED_FORECASTS, {**store.get(SERVED_FORECASTS, forecast_id), **fields})


def test_a_forecast_comes_back_to_the_last_bit(log):
    assert log.write([FORECAST]) == 1
    found = log.get(FORECAST.forecast_id)
    assert found.intact
    assert repr(found.forecast) == repr(FORECAST)


def test_what_was_logged_once_stays(log):
    assert [log.write([FORECAST]), log.write([FORECAST, FORECAST])] == [1, 0]
    assert len(list(log.find())) == 1


@pytest.mark.parametrize(
    "fields",
    [
        {"model_id": "1h-000000000000"},
        {"as_of_ms": NOW_MS},
        {"answer": {**FORECAST.answer, "pred_return": 0.0}},
        {"answer": {**FORECAST.answer, "p_up": 0.3}},
        {"software": {}},
        {"note": "added later"},
    ],
)
def test_a_changed_document_has_no_longer_its_own_id(log, store, fields):
    log.write([FORECAST])
    changed(store, FORECAST.forecast_id, **fields)
    assert not log.get(FORECAST.forecast_id).intact


def test_the_newest_come_first_and_may_be_chosen(log):
    forecasts = [replace(FORECAST, served_ms=NOW_MS + number) for number in range(4)]
    other = replace(FORECAST, symbol="ETH/USDT", horizon="1d", served_ms=NOW_MS + 9)
    log.write([*forecasts, other])

    def moments(**asked):
        return [each.forecast.served_ms - NOW_MS for each in log.find(**asked)]

    assert moments() == [9, 3, 2, 1, 0]
    assert moments(symbol="BTC/USDT", limit=2) == [3, 2]
    assert moments(horizon="1d") == [9]
    assert moments(since_ms=NOW_MS + 3) == [9, 3]


def test_an_unknown_id_names_its_neighbours_in_time(log):
    forecasts = [replace(FORECAST, served_ms=NOW_MS + number) for number in range(9)]
    log.write(forecasts)
    wanted = replace(forecasts[4], asked_ms=0).forecast_id
    with pytest.raises(UnknownForecast) as error:
        log.get(wanted)
    named = [number for number, each in enumerate(forecasts) if each.forecast_id in str(error.value)]
    assert named == [2, 3, 4, 5]
    assert "(BTC/USDT 1h, 2025-01-01T00:00:00.002Z)" in str(error.value)


def test_for_what_is_no_id_the_newest_are_named(log):
    log.write([FORECAST])
    with pytest.raises(UnknownForecast, match=FORECAST.forecast_id):
        log.get("the last one")


def test_where_nothing_is_logged_none_is_named(log):
    with pytest.raises(UnknownForecast, match="was logged: foretick forecasts list"):
        log.get("x")


@pytest.mark.parametrize("fields", [{"inputs": [{"kind": "candles"}]}, {"inputs": 3}])
def test_a_damaged_document_is_named(log, store, fields):
    log.write([FORECAST])
    changed(store, FORECAST.forecast_id, **fields)
    with pytest.raises(StoreUnavailable, match=f"{FORECAST.forecast_id} is damaged"):
        log.get(FORECAST.forecast_id)


def test_a_format_of_tomorrow_is_named(log, store):
    log.write([FORECAST])
    changed(store, FORECAST.forecast_id, format=2)
    with pytest.raises(StoreUnavailable, match="logged in format 2, 1 is known"):
        log.get(FORECAST.forecast_id)


@given(st.lists(st.integers(0, 2**48 - 1), min_size=2, max_size=9, unique=True))
def test_ids_sort_as_their_moments_do(moments):
    ids = [replace(FORECAST, served_ms=each).forecast_id for each in sorted(moments)]
    assert ids == sorted(ids)
    assert [moment_of(each) for each in ids] == sorted(moments)
    assert {len(each) for each in ids} == {26}


def test_an_id_is_the_same_on_every_machine():
    assert FORECAST.forecast_id == "01JGFJJZ00YZCVTR2M30CSMGR5"
    assert content_id(FORECAST.to_document()) == FORECAST.forecast_id


@pytest.mark.parametrize("text", ["", "01KAJ", "01KAU2G000", "é1KAJ2G000"])
def test_what_is_no_id_tells_no_moment(text):
    assert moment_of(text) is None
