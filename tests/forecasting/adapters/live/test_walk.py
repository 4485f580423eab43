"""What is known, trained, decided and asked, and when."""

import itertools

import numpy as np
import pytest

from forecasting.adapters.live import walk
from forecasting.adapters.live.known import KnownCandles
from forecasting.adapters.live.market import live_market
from forecasting.adapters.live.walk import SteppedDays, step_through
from forecasting.adapters.live.world import World, scratch_workspace
from forecasting.adapters.store import open_store
from forecasting.adapters.store.candle_blocks import CandleStore
from forecasting.adapters.store.collections import DECISIONS
from forecasting.errors import NotEnoughHistory
from forecasting.settings import load_settings
from forecasting.types import DAY_MS, HOUR_MS
from tests.forecasting.adapters.live.days import SYMBOLS, Echo, closed_world, quick_plan, small_market


@pytest.fixture(scope="module")
def market():
    return small_market()


@pytest.fixture
def scratch(tmp_path):
    with scratch_workspace(load_settings(home=tmp_path / "home", mlruns=tmp_path / "mlruns")) as opened:
        yield opened[0]


@pytest.fixture
def untrained(monkeypatch):
    """Step without training: the moments are what matters."""

    def fail(*_):
        raise NotEnoughHistory("nothing is trained here")

    monkeypatch.setattr(walk, "train_candidate", fail)


def test_each_training_is_judged_and_decided_on_at_its_moment(market, scratch):
    plan, answers = quick_plan(until="2025-02-03"), Echo()
    days = step_through(closed_world(market), scratch, plan, answers)
    documents = sorted(scratch.store.find(DECISIONS), key=lambda each: each["decided_ms"])
    assert [each.at_ms for each in days.decisions] == list(plan.moments) == answers.followed
    assert [each["decided_ms"] for each in documents] == list(plan.moments)
    assert [each["model_id"] for each in documents] == [each.candidate for each in days.decisions]
    assert {each.outcome for each in days.decisions} == {"refuse"}


def test_the_workspace_knows_at_each_training_only_what_was_closed_by_then(market, scratch, monkeypatch):
    newest = []

    def look(workspace, _recipe, _now_ms):
        newest.append(max(each.end_ms for each in workspace.candles.series()))
        raise NotEnoughHistory("looked at, not trained")

    monkeypatch.setattr(walk, "train_candidate", look)
    plan = quick_plan()
    step_through(closed_world(market), scratch, plan, Echo())
    assert newest == [moment // HOUR_MS * HOUR_MS for moment in plan.moments]


def test_a_training_that_fails_leaves_the_rest_as_it_is(market, scratch, untrained):
    days = step_through(closed_world(market), scratch, quick_plan(), Echo())
    assert {(each.candidate, each.outcome, each.reason) for each in days.decisions} == {
        (None, "failed", "nothing is trained here")
    }
    assert all(days.spoken.values())


def test_each_close_is_asked_about_once_after_the_first_training(market, scratch, untrained):
    plan, answers = quick_plan(), Echo()
    step_through(closed_world(market), scratch, plan, answers)
    for symbol in SYMBOLS:
        closes = market.candles[symbol].close_time_ms
        own = [moment for asked, moment in answers.asked if asked == symbol]
        assert own == closes[(closes > plan.moments[0]) & (closes <= plan.until_ms)].tolist()


def test_only_the_symbols_asked_for_are_answered(market, scratch, untrained):
    days = step_through(closed_world(market), scratch, quick_plan(symbols=SYMBOLS[:1]), Echo())
    assert list(days.spoken) == ["AAA/USDT"]


def test_an_answer_about_an_older_close_is_no_forecast_of_the_newer(market, scratch, untrained):
    days = step_through(closed_world(market), scratch, quick_plan(), Echo(late_ms=HOUR_MS))
    assert not any(days.spoken.values())
    with pytest.raises(NotEnoughHistory, match="no candle that closed from 2025-02-01T00:00:00Z"):
        live_market(closed_world(market), quick_plan(), days)


def received_in_batches(market, path, hours):
    """A store that received what closed each so many hours, after an import of what was older."""
    opened = open_store(None, path, "unused")
    store, plan = CandleStore(opened), quick_plan()
    start_ms = plan.moments[0] - DAY_MS
    for candles in market.candles.values():
        store.write(candles.closed_by(start_ms), received_ms=start_ms)
        for moment in range(start_ms, plan.until_ms, hours * HOUR_MS):
            store.write(candles.closed_by(moment), received_ms=moment)
    return opened, World(KnownCandles.as_received(store))


def test_what_was_received_with_later_candles_was_never_asked_about(market, scratch, untrained, tmp_path):
    opened, world = received_in_batches(market, tmp_path / "received.db", 6)
    plan, answers = quick_plan(), Echo()
    step_through(world, scratch, plan, answers)
    opened.close()
    moments = [moment for symbol, moment in answers.asked if symbol == "AAA/USDT"]
    assert {later - earlier for earlier, later in itertools.pairwise(moments)} == {6 * HOUR_MS}
    assert min(moments) > plan.moments[0]


def test_ticks_are_the_closes_with_what_was_said_at_them(market, scratch, untrained):
    plan, world = quick_plan(), closed_world(market)
    days = step_through(world, scratch, plan, Echo())
    found = live_market(world, plan, days)
    ticks = found.ensemble[0]
    assert np.array_equal(ticks.pred_return, ticks.as_of_ms * 1e-15)
    assert ticks.as_of_ms[-1] <= plan.until_ms
    assert set(ticks.model_id.tolist()) == {"naive-1h"}
    assert np.isfinite(ticks.volatility[0])
    assert found.cadence.naive_share == 1.0
    assert [(each.model_id, each.closes) for each in found.cadence.speakers] == [
        ("naive-1h", sum(map(len, days.spoken.values())))
    ]


def test_the_fingerprint_is_of_what_was_known_in_the_end(market, scratch, untrained):
    plan, world = quick_plan(), closed_world(market)
    days = step_through(world, scratch, plan, Echo())
    later = closed_world(small_market(days=39))
    other = closed_world(small_market(days=33))
    prints = [live_market(each, plan, days).data_fingerprint for each in (world, later)]
    assert prints[0] == prints[1]
    short = SteppedDays(days.decisions, {"AAA/USDT": days.spoken["AAA/USDT"][:1]})
    assert live_market(other, plan, short).data_fingerprint != prints[0]
