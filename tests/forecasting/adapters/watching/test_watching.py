"""What serves is held against what came true: each bar once, and only what matured since it serves."""

import numpy as np
import pytest

from forecasting.adapters.store.breaker_book import BreakerBook
from forecasting.adapters.store.monitor_book import MonitorBook
from forecasting.adapters.watching import keep_watch, watch_model
from forecasting.types import HOUR_MS
from tests.forecasting.adapters.watching.conftest import HOURS, NOW_MS, TRAINED
from tests.forecasting.rows import hourly_horizon


def watched(workspace):
    return watch_model(workspace, hourly_horizon(), NOW_MS)


def kept(workspace):
    watch = watched(workspace)
    assert keep_watch(workspace, watch)
    return watch


def test_where_naive_serves_nothing_is_watched(workspace):
    assert watched(workspace) is None


def test_bars_before_it_served_are_not_counted(workspace, promote):
    promote(1)
    watch = kept(workspace)
    assert (watch.production.monitored.following.bets, watch.production.figures.rows) == (0, 0)


@pytest.fixture
def serving(workspace, promote, passes):
    promote(1)
    kept(workspace)
    passes(HOURS)
    return workspace


def test_each_bar_since_it_serves_is_counted_once(serving):
    first = kept(serving).production
    assert first.monitored.following.bets == HOURS - TRAINED - 1
    again = kept(serving).production.monitored.following
    assert again.to_document() == first.monitored.following.to_document()


def test_in_portions_the_evidence_is_that_of_one_look(workspace, promote, passes):
    promote(1)
    kept(workspace)
    for hours in (TRAINED + 1, TRAINED + 30, TRAINED + 31, TRAINED + 300):
        passes(hours)
        last = kept(workspace).production
    whole = MonitorBook(workspace.store).get("forecast-1h", last.placed.digest)
    assert whole.following.bets == 299
    assert whole.following.losses == last.monitored.following.losses


def test_a_model_that_knows_something_stays(serving):
    production = kept(serving).production
    assert production.monitored.demand is None
    assert production.monitored.following.skill > 0


def test_live_figures_are_those_of_its_forecasts_on_the_later_rows(serving, trained):
    figures = kept(serving).production.figures
    assert figures.rows == 2 * (HOURS - TRAINED)
    assert figures.issued == 0
    assert 0.8 < figures.coverage_90 < 1.0
    assert figures.rank_ic > 0


def test_a_sign_that_is_flipped_is_found_and_the_reason_has_the_figures(serving, flipped, trained):
    flipped(trained.versions[0])
    demand = kept(serving).production.monitored.demand
    assert "loses against naive: evidence of a loss of" in demand.reason
    assert demand.epoch == 1


def test_of_two_runs_at_once_one_keeps_its_count(serving):
    one, other = watched(serving), watched(serving)
    assert keep_watch(serving, one)
    assert not keep_watch(serving, other)
    assert watched(serving).production.monitored.following.bets == HOURS - TRAINED - 1


def test_intervals_that_hold_too_little_open_the_breaker(serving, monkeypatch):
    from forecasting.adapters import matured

    real = matured.interval_ends
    monkeypatch.setattr(matured, "interval_ends", lambda *given: 0.1 * real(*given))
    kept(serving)
    (breaker,) = BreakerBook(serving.store).open_ones()
    assert breaker.trip.breaker == "uncovered"
    assert breaker.watched.bundle == watched(serving).production.placed.digest


def test_a_person_who_promotes_it_again_starts_the_count_anew(serving, flipped, trained, promote):
    flipped(trained.versions[0])
    assert kept(serving).production.monitored.demand is not None
    promote(2)
    promote(1)
    monitored = kept(serving).production.monitored
    assert (monitored.demand, monitored.following.bets) == (None, 0)
    assert monitored.following.next_ms == int(trained.candles["AAA/USDT"].close_time_ms[-1])


def test_a_bundle_that_is_lost_before_production_is_no_reason_to_stop(serving, promote, monkeypatch, trained):
    promote(2)
    from forecasting.adapters import watching
    from forecasting.errors import DamagedBundle

    read = watching.read_bundle

    def broken(folder, digest):
        if digest == trained.versions[0].digest:
            raise DamagedBundle("the first one is damaged")
        return read(folder, digest)

    monkeypatch.setattr(watching, "read_bundle", broken)
    watch = watched(serving)
    assert (watch.previous, watch.production.placed.version) == (None, "2")


def test_rows_lie_on_the_bars_of_their_moment(serving, trained):
    from forecasting.adapters.matured import matured_rows
    from forecasting.adapters.watching import _bundle

    bundle = _bundle(serving, hourly_horizon(), watched(serving).production.placed)
    first_ms = int(trained.candles["AAA/USDT"].close_time_ms[TRAINED])
    bars = matured_rows(serving, bundle, "", first_ms, first_ms + 10 * HOUR_MS).bars
    close = trained.candles["AAA/USDT"].close
    assert bars.returns[0, 0] == close[TRAINED] / close[TRAINED - 1] - 1
    assert np.isnan(bars.forecasts[:10]).all()
    assert np.isfinite(bars.forecasts[10:]).all()
