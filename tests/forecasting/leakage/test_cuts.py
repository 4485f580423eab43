"""Cuts lie where leaks hide, are the same for the same seed, and leave something on both sides."""

import numpy as np
import pytest

from forecasting.candles import find_gaps, resample
from forecasting.errors import NotEnoughHistory
from forecasting.leakage.cuts import cut_points
from forecasting.leakage.market import Market
from forecasting.types import DAY_MS, HOUR_MS
from tests.faults.leaks.markets import FIRST_MS, gappy_market

MARKET = gappy_market(2)
START_MS = FIRST_MS + 5 * DAY_MS
GAPS = [gap for each in MARKET.candles.values() for gap in find_gaps(each)]


def cuts(seed=7, count=100):
    return cut_points(MARKET, count, seed, start_ms=START_MS)


def test_so_many_different_moments_are_drawn_as_were_asked_for():
    assert len(set(cuts().tolist())) == 100


def test_the_same_seed_gives_the_same_moments_and_another_seed_others():
    assert cuts().tolist() == cuts().tolist()
    assert cuts().tolist() != cuts(seed=8).tolist()


def test_each_cut_has_later_closes_and_lies_on_the_grid_after_the_start():
    moments = cuts()
    assert moments[0] >= START_MS
    assert moments[-1] < MARKET.last_close_ms
    assert not (moments % HOUR_MS).any()


def test_a_quarter_lies_at_gaps_on_both_sides_and_within():
    moments = set(cuts().tolist())
    before = {gap.start_ms for gap in GAPS}
    after = {gap.start_ms + gap.bars * HOUR_MS + HOUR_MS for gap in GAPS}
    inside = {gap.start_ms + (gap.bars // 2) * HOUR_MS for gap in GAPS}
    assert min(len(moments & before), len(moments & after), len(moments & inside)) >= 5


def test_a_quarter_lies_next_to_midnight():
    around = np.isin(cuts() % DAY_MS, [0, HOUR_MS, DAY_MS - HOUR_MS])
    assert around.sum() >= 25


def test_candles_of_a_day_are_cut_next_to_the_boundaries_of_weeks():
    days = Market({symbol: resample(each, "1d") for symbol, each in gappy_market(3).candles.items()})
    moments = cut_points(days, 20, 7, start_ms=days.first_open_ms)
    assert len(moments) == 20
    monday = 4 * DAY_MS
    assert np.isin((moments - monday) % (7 * DAY_MS), [0, DAY_MS, 6 * DAY_MS]).sum() >= 8


def test_a_market_without_gaps_is_cut_as_often():
    whole = MARKET.candles["AAA/USDT"]
    run = Market({"AAA/USDT": whole.take(slice(0, 150))})
    assert len(cut_points(run, 100, 7, start_ms=run.first_open_ms)) == 100


def test_a_market_with_fewer_closes_is_cut_at_all_of_them():
    closes = np.unique(np.concatenate([each.close_time_ms for each in MARKET.candles.values()]))
    inside = closes[(closes >= START_MS) & (closes < MARKET.last_close_ms)]
    assert set(cuts(count=5000).tolist()) >= set(inside.tolist())


def test_a_market_without_a_moment_to_cut_at_is_refused():
    with pytest.raises(NotEnoughHistory, match="there is no moment to cut at: use more history"):
        cut_points(MARKET, 100, 7, start_ms=MARKET.last_close_ms)
