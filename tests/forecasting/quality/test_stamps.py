"""Time stamps against other candles."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from forecasting.candles import Candles
from forecasting.quality.stamps import BLOCK_BARS, stamp_shifts
from tests.forecasting.quality.market import line_of, walk


def neighbour(candles: Candles, share: float, seed: int = 9) -> Candles:
    """Another market that moves with this one by that share of its variance."""
    own = walk(len(candles), interval=candles.interval, seed=seed)
    together = np.sqrt(share) * np.log(candles.close / candles.open)
    moves = together + np.sqrt(1 - share) * np.log(own.close / own.open)
    return replace(own, symbol="BBB/USD", close=own.open * np.exp(moves))


def late(candles: Candles, bars: int) -> Candles:
    return replace(candles, open_time_ms=candles.open_time_ms + bars * candles.interval_ms)


@pytest.mark.parametrize("interval", ["1m", "15m", "1h", "1d"])
@pytest.mark.parametrize("bars", [-2, -1, 0, 1, 2])
def test_late_stamps_are_positive_and_early_ones_negative(interval: str, bars: int) -> None:
    candles = walk(900, interval=interval)
    found = stamp_shifts(line_of(late(candles, bars)), [neighbour(candles, 0.5)])
    assert (found == bars).all()


@pytest.mark.parametrize(
    ("interval", "bars"), [("1m", 480), ("1m", -900), ("1h", 9), ("1h", -15), ("15m", 32)]
)
def test_every_zone_of_the_earth_is_found(interval: str, bars: int) -> None:
    candles = walk(4000, interval=interval)
    assert (stamp_shifts(line_of(late(candles, bars)), [neighbour(candles, 0.5)]) == bars).all()


def test_a_series_is_proven_by_itself_from_a_day_of_hours() -> None:
    candles = walk(400)
    part = late(candles.take(slice(200, 224)), 0)
    assert (stamp_shifts(line_of(part), [candles]) == 0).all()
    assert (stamp_shifts(line_of(late(part, 1)), [candles]) == 1).all()


def test_a_shift_of_a_part_of_the_series_is_found_in_that_part() -> None:
    candles = walk(3 * BLOCK_BARS, interval="1m")
    times = candles.open_time_ms.copy()
    times[2 * BLOCK_BARS :] += 60 * 60_000
    found = stamp_shifts(line_of(replace(candles, open_time_ms=times)), [neighbour(candles, 0.5)])
    assert (found[:BLOCK_BARS] == 0).all()
    assert (found[-BLOCK_BARS // 2 :] == 60).all()


@pytest.mark.parametrize("seed", range(20))
def test_a_market_that_moves_alone_proves_nothing(seed: int) -> None:
    stranger = walk(3000, interval="1m", seed=100 + seed)
    assert not stamp_shifts(line_of(walk(3000, interval="1m", seed=seed)), [stranger]).any()


@pytest.mark.parametrize("seed", range(10))
def test_a_market_that_follows_slowly_is_not_shifted(seed: int) -> None:
    leader = walk(3000, interval="1m", seed=seed)
    moves = np.log(leader.close / leader.open)
    follower = replace(leader, close=leader.open * np.exp(moves + np.r_[0.0, moves[:-1]]))
    assert not stamp_shifts(line_of(follower), [leader]).any()


def test_no_reference_proves_nothing() -> None:
    assert not stamp_shifts(line_of(walk(100)), []).any()


def test_a_reference_of_another_time_proves_nothing() -> None:
    candles = walk(500)
    assert not stamp_shifts(line_of(late(candles, 1)), [late(candles, 5000)]).any()


def test_the_surest_reference_speaks() -> None:
    candles = late(walk(600), 3)
    wrong = late(neighbour(walk(600), 0.3), 2)
    for references in ([wrong, walk(600)], [walk(600), wrong]):
        assert (stamp_shifts(line_of(candles), references) == 3).all()


def test_absent_and_wild_candles_do_not_hide_a_shift() -> None:
    candles = walk(900)
    kept = np.random.default_rng(2).random(900) > 0.2
    wild = late(candles, 1).take(kept)
    wild.close[::50] *= 100
    wild.close[7] = np.nan
    assert (stamp_shifts(line_of(wild), [neighbour(candles, 0.6)]) == 1).all()


def test_context_is_not_judged() -> None:
    candles = walk(900)
    rows = late(candles.take(slice(500, 900)), 1)
    found = stamp_shifts(line_of(rows, candles.take(slice(0, 500))), [neighbour(candles, 0.6)])
    assert (found[:500] == 0).all()
    assert (found[500:] == 1).all()
