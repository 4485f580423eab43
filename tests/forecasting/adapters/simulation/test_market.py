"""A walked market: forecasts that were made before their labels, laid beside the closes they were made at."""

from dataclasses import replace

import numpy as np
import pytest

from forecasting.adapters.simulation.market import walk_market
from forecasting.studies.walk_forward import walk_forward
from forecasting.types import DAY_MS, HOUR_MS, parse_utc
from tests.forecasting.adapters.simulation.markets import quick_horizon


def test_every_judged_row_is_a_tick_with_its_forecast(given, market):
    walked = walk_forward(given.rows, quick_horizon(), given.spec, refits=3, every_ms=8 * DAY_MS, seed=7)
    own = walked.rows.symbol == 1
    ticks = market.ensemble[1]
    said = np.isfinite(ticks.pred_return)
    assert np.array_equal(ticks.as_of_ms[said], walked.rows.as_of_ms[own])
    assert np.array_equal(ticks.pred_return[said], walked.returns["ensemble"][own])
    assert np.array_equal(ticks.conf[said], walked.conf[own])


def test_ticks_end_with_the_last_label(given, market):
    assert market.span_ms[1] == int(given.rows.label_end_ms.max())
    assert market.symbols == ("AAA/USDT", "BBB/USDT")


def test_the_volatility_of_the_first_close_is_known(market):
    assert np.isfinite(market.ensemble[0].volatility[0])


def test_a_model_is_named_by_the_moment_of_its_training(market):
    ticks = market.ensemble[0]
    said = np.isfinite(ticks.pred_return)
    trained = np.array([parse_utc(each.removeprefix("ensemble of ")) for each in ticks.model_id[said]])
    assert len(np.unique(trained)) == 3
    age_ms = ticks.as_of_ms[said] - trained
    assert age_ms.min() > 0
    assert age_ms.max() <= 8 * DAY_MS


def test_naive_speaks_at_the_same_closes_with_a_confidence_of_its_own(market):
    ours, naive = market.ensemble[0], market.naive[0]
    assert np.array_equal(ours.as_of_ms, naive.as_of_ms)
    assert np.array_equal(np.isfinite(ours.pred_return), np.isfinite(naive.pred_return))
    assert not np.array_equal(ours.conf, naive.conf)


def test_naive_is_the_naive_member_and_not_the_ensemble(given, market):
    walked = walk_forward(given.rows, quick_horizon(), given.spec, refits=3, every_ms=8 * DAY_MS, seed=7)
    naive = market.naive[0]
    said = np.isfinite(naive.pred_return)
    assert np.array_equal(naive.pred_return[said], walked.returns["naive"][walked.rows.symbol == 0])


def test_no_forecast_changes_when_what_follows_it_does(given, market):
    at = int(given.rows.as_of_ms.max()) - 4 * DAY_MS
    later = given.rows.label_end_ms > at
    changed = replace(given.rows, y=np.where(later, -5 * given.rows.y, given.rows.y))
    again = walk_market(replace(given, rows=changed), quick_horizon(), refits=3, every_ms=8 * DAY_MS)
    for ours, theirs in zip(market.ensemble, again.ensemble, strict=True):
        known = ours.as_of_ms <= at
        assert np.array_equal(ours.pred_return[known], theirs.pred_return[known], equal_nan=True)
        assert np.array_equal(ours.conf[known], theirs.conf[known], equal_nan=True)
    assert again.data_fingerprint != market.data_fingerprint


def test_progress_names_what_is_trained(given):
    seen = []
    walk_market(given, quick_horizon(), refits=1, on_progress=lambda *step: seen.append(step))
    assert seen == [("ensemble", 0, 1), ("naive", 0, 1)]


@pytest.mark.parametrize("every_ms", [None, 24 * HOUR_MS])
def test_the_cadence_is_the_horizons_own_unless_another_is_given(given, every_ms):
    walked = walk_market(given, quick_horizon(), refits=1, every_ms=every_ms)
    assert walked.cadence.every_ms == DAY_MS
