"""An open breaker means that naive answers the same request, and that people are told once."""

import threading
from dataclasses import replace

import numpy as np
import pytest

from forecasting.adapters.store import open_store
from forecasting.adapters.store.alerts import AlertBook
from forecasting.adapters.store.breaker_book import BREAKER_OPEN, BreakerBook, Watched
from forecasting.adapters.store.candle_blocks import CandleStore
from forecasting.adapters.store.event_store import EventStore
from forecasting.adapters.store.forecast_log import ForecastLog
from forecasting.errors import StoreUnavailable
from forecasting.horizons import load_horizons
from forecasting.monitoring.trip import UNCOVERED, Answered, Trip
from forecasting.types import HOUR_MS, utc_iso
from serving.answers.breakers import BreakerBoard
from serving.in_use.snapshot import ProductionVersion
from serving.replay.replay import Replayer

SECONDS = 120.0


def asked(client, symbol="AAA/SIM", **more):
    response = client.post("/api/forecast", json={"symbol": symbol, "horizon": "1h", **more})
    assert response.status_code == 200, response.text
    return response.json()


def service(client):
    return client.app.state.service


@pytest.fixture
def in_production(serve, promote):
    promote(1)
    client = serve()
    # However busy the machine is: a server lets requests in before a model that takes long to load is there.
    assert service(client).watcher.wait_until(lambda now: "1h" in now.models, SECONDS)
    return client


@pytest.fixture
def says(in_production, monkeypatch):
    """Let the model in production say what a test wants, and count how often it is asked."""
    forecaster = service(in_production).watcher.snapshot.models["1h"].forecaster
    true, calls = forecaster.predict, []

    def change(**fields):
        def predict(X):
            calls.append(len(X))
            return replace(true(X), **{name: np.array([value]) for name, value in fields.items()})

        monkeypatch.setattr(forecaster, "predict", predict)
        return calls

    yield change
    monkeypatch.setattr(forecaster, "predict", true)


@pytest.fixture
def stored(installation):
    store = open_store(None, installation.settings.store_path, "unused")
    yield store
    store.close()


def test_after_one_forecast_that_is_none_the_model_is_not_asked_again(in_production, says):
    calls = says(pred_return=np.nan)
    first, second = asked(in_production), asked(in_production, "BBB/SIM")
    assert len(calls) == 1
    assert {first["model_type"], second["model_type"]} == {"naive"}
    assert first["fallback_reason"].startswith(
        f"breaker not-finite of {service_model(in_production)} is open since"
    )
    assert second["fallback_reason"] == first["fallback_reason"]


def service_model(client):
    return service(client).watcher.snapshot.models["1h"].model_id


def test_the_twenty_fourth_equal_answer_over_a_newer_candle_comes_from_naive(
    in_production, says, installation
):
    says(pred_return=0.001)
    types = [
        asked(in_production, timestamp=utc_iso(installation.now_ms - back * HOUR_MS))["model_type"]
        for back in range(24, -1, -1)
    ]
    assert types == ["ml"] * 24 + ["naive"]


def test_the_fifth_exception_in_a_row_opens(in_production, says):
    says(no_such_field=1.0)
    reasons = [asked(in_production)["fallback_reason"] for _ in range(6)]
    assert [each.endswith("raised TypeError") for each in reasons] == [True] * 4 + [False] * 2
    assert "it raised 5 exceptions in a row, the last one TypeError" in reasons[4]


def test_features_that_are_stale_get_naive_until_a_candle_is_fresh(in_production, installation):
    installation.now_ms += 3 * HOUR_MS
    reason = asked(in_production)["fallback_reason"]
    assert reason.endswith("the newest candle of AAA/SIM is 3.5 intervals old, 3 are allowed")
    installation.now_ms -= HOUR_MS
    assert asked(in_production)["model_type"] == "ml"


def test_an_alert_is_kept_once_and_readiness_shows_the_breaker(in_production, says, stored):
    says(p_up=2.0)
    for _ in range(3):
        asked(in_production)
    service(in_production).breakers.look()
    (alert,) = AlertBook(stored).newest(kind=BREAKER_OPEN)
    assert alert.facts["breaker"] == "not-finite"
    (shown,) = in_production.get("/readyz").json()["breakers"]
    assert (shown["breaker"], shown["symbol"]) == ("not-finite", None)
    assert shown["reason"] == alert.facts["reason"]


def watched(client):
    model = service(client).watcher.snapshot.models["1h"]
    return Watched(model.model_name, model.model_id, model.version.digest)


def test_what_was_opened_elsewhere_bars_the_model_here_until_a_person_closes_it(in_production, stored):
    model = watched(in_production)
    BreakerBook(stored).open(
        model, Trip(UNCOVERED, "its 90 % interval held 70.0% of the last 200 returns", 1)
    )
    service(in_production).breakers.look()
    assert "held 70.0% of the last 200 returns" in asked(in_production)["fallback_reason"]
    BreakerBook(stored).close(model, UNCOVERED, "", "someone")
    service(in_production).breakers.look()
    assert asked(in_production)["model_type"] == "ml"


def test_a_breaker_that_a_person_closes_begins_anew(in_production, says, stored):
    says(pred_return=np.nan)
    asked(in_production)
    service(in_production).breakers.look()
    BreakerBook(stored).close(watched(in_production), "not-finite", "", "someone")
    service(in_production).breakers.look()
    says()
    assert asked(in_production)["model_type"] == "ml"


def test_after_a_restart_the_first_answer_knows_what_is_barred(in_production, serve, says):
    says(pred_return=np.nan)
    asked(in_production)
    service(in_production).breakers.look()
    says()
    again = serve()
    assert service(again).watcher.wait_until(lambda now: "1h" in now.models, SECONDS)
    assert "breaker not-finite" in asked(again)["fallback_reason"]


def test_a_new_version_begins_with_closed_breakers(in_production, says, promote, world):
    says(pred_return=np.nan)
    asked(in_production)
    promote(2)
    number = world.versions[1].version
    assert service(in_production).watcher.wait_until(
        lambda now: now.models["1h"].version.number == number, SECONDS
    )
    assert asked(in_production)["model_version"] == number


def test_an_answer_that_a_breaker_gave_to_naive_is_replayed_to_the_last_bit(
    in_production, says, stored, source
):
    says(pred_return=np.nan)
    asked(in_production)
    barred = asked(in_production)["forecast_id"]
    assert service(in_production).writer.flush(SECONDS)
    says()
    replayer = Replayer(CandleStore(stored), EventStore(stored), source, load_horizons())
    replay = replayer.replay(ForecastLog(stored).get(barred))
    assert (replay.identical, replay.differences) == (True, ())


HOUR_ONE = Answered("AAA/USDT", HOUR_MS, HOUR_MS, HOUR_MS, 0.001, 0.5, 0.5)


class Model:
    model_name, model_id, version = "forecast-1h", "1h-aaaaaaaaaaaa", ProductionVersion("1", "a" * 64)


def test_a_request_never_touches_the_store():
    callers = []
    board = BreakerBoard(lambda: callers.append(threading.get_ident()), lambda: HOUR_MS, poll_seconds=60.0)
    assert board.why_barred(Model) is None
    assert board.gave(Model, replace(HOUR_ONE, pred_return=np.nan)) is not None
    assert board.why_barred(Model) is not None
    assert callers == []


def test_while_the_store_is_down_a_breaker_holds_and_is_kept_when_it_is_back(tmp_path):
    store, down = open_store(None, tmp_path / "store.db", "unused"), [True]

    def opened():
        if down[0]:
            raise StoreUnavailable("the store is down")
        return store

    board = BreakerBoard(opened, lambda: HOUR_MS, poll_seconds=60.0)
    board.gave(Model, replace(HOUR_ONE, pred_return=np.nan))
    with pytest.raises(StoreUnavailable):
        board.look()
    assert board.why_barred(Model) is not None
    down[0] = False
    board.look()
    assert [each.trip.breaker for each in BreakerBook(store).open_ones()] == ["not-finite"]
    store.close()


def test_what_an_earlier_process_called_stale_is_closed_by_a_fresh_candle(tmp_path):
    store = open_store(None, tmp_path / "store.db", "unused")
    late = replace(HOUR_ONE, asked_ms=9 * HOUR_MS)
    before = BreakerBoard(lambda: store, lambda: 9 * HOUR_MS, poll_seconds=60.0)
    before.gave(Model, late)
    before.look()
    after = BreakerBoard(lambda: store, lambda: 9 * HOUR_MS, poll_seconds=60.0)
    after.look()
    assert after.gave(Model, replace(late, as_of_ms=9 * HOUR_MS)) is None
    after.look()
    assert BreakerBook(store).open_ones() == []
    store.close()


def test_candles_that_stay_stale_over_a_restart_are_so_since_they_were(tmp_path, caplog):
    store = open_store(None, tmp_path / "store.db", "unused")
    first = BreakerBoard(lambda: store, lambda: 9 * HOUR_MS, poll_seconds=60.0)
    first.gave(Model, replace(HOUR_ONE, asked_ms=9 * HOUR_MS))
    first.look()
    again = BreakerBoard(lambda: store, lambda: 11 * HOUR_MS, poll_seconds=60.0)
    again.look()
    caplog.clear()
    for _ in range(2):  # the second time it is this process's own
        reason = again.gave(Model, replace(HOUR_ONE, asked_ms=11 * HOUR_MS))
        assert f"is open since {utc_iso(9 * HOUR_MS)}: " in reason
    (trip,) = again.trips(Model)
    assert (trip.at_ms, caplog.records) == (9 * HOUR_MS, [])
    store.close()


def test_candles_that_were_fresh_in_between_are_stale_anew(tmp_path):
    store = open_store(None, tmp_path / "store.db", "unused")
    now_ms = [9 * HOUR_MS]
    board = BreakerBoard(lambda: store, lambda: now_ms[0], poll_seconds=60.0)
    board.gave(Model, replace(HOUR_ONE, asked_ms=9 * HOUR_MS))
    board.look()
    board.gave(Model, replace(HOUR_ONE, as_of_ms=9 * HOUR_MS, asked_ms=9 * HOUR_MS))
    now_ms[0] = 14 * HOUR_MS  # the store does not know yet that it was closed
    reason = board.gave(Model, replace(HOUR_ONE, as_of_ms=9 * HOUR_MS, asked_ms=14 * HOUR_MS))
    assert f"is open since {utc_iso(14 * HOUR_MS)}: " in reason
    store.close()


def test_candles_missing_in_the_past_are_no_alert_of_now(tmp_path):
    store = open_store(None, tmp_path / "store.db", "unused")
    board = BreakerBoard(lambda: store, lambda: 900 * HOUR_MS, poll_seconds=60.0)
    assert "intervals old" in board.gave(Model, replace(HOUR_ONE, asked_ms=9 * HOUR_MS))
    board.look()
    assert BreakerBook(store).open_ones() == []
    store.close()


def test_before_it_ends_the_board_writes_what_waits(monkeypatch):
    looks = []
    monkeypatch.setattr(BreakerBoard, "look", lambda board: looks.append(board))
    board = BreakerBoard(lambda: None, lambda: 0, poll_seconds=3600.0)
    board.start()
    assert board.wait_until_stepped(SECONDS)
    assert board.stop(SECONDS)
    assert looks == [board, board]
