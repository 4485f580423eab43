"""Laws of the engine: it equals a plain loop, its books add up, and it knows nothing of the future."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from forecasting.backtest.engine.rule import Reason, RuleNumbers
from forecasting.backtest.engine.simulation import Simulation, simulate
from forecasting.backtest.engine.ticks import Ticks
from tests.forecasting.backtest.engine.markets import random_ticks, rules
from tests.oracles.loop_simulation import Story, trade_by_hand

WORDS = {
    Reason.OPPOSITE_SIGNAL: "opposite",
    Reason.SIGNAL_GONE: "gone",
    Reason.HORIZON_OVER: "over",
    Reason.CAPITAL_GONE: "ruin",
    Reason.SETTLED: "settled",
}
CASES = (st.integers(0, 10_000), st.integers(1, 60), st.integers(1, 5), rules())


def by_hand(ticks: Ticks, rule: RuleNumbers) -> Story:
    candles = ticks.candles
    names = {"over": rule.exit_over, "opposite": rule.exit_opposite, "gone": rule.exit_gone}
    return trade_by_hand(
        candles.open_time_ms.tolist(),
        candles.open.tolist(),
        candles.close.tolist(),
        list(zip(ticks.pred_return.tolist(), ticks.conf.tolist(), ticks.volatility.tolist(), strict=True)),
        candles.interval_ms,
        ticks.look_ahead_ms,
        min_return=rule.min_return,
        min_conf=rule.min_conf,
        long_only=rule.long_only,
        exits=[name for name, on in names.items() if on],
        full_edge=rule.full_edge,
        max_weight=rule.max_weight,
        bar_volatility=rule.bar_volatility,
        band=rule.resize_band,
        fee=rule.fee,
        impact=rule.impact,
        funding=rule.funding,
    )


def trade_rows(done: Simulation) -> list[tuple[object, ...]]:
    trades = done.trades
    words = [WORDS[Reason(each)] for each in trades.reason]
    columns = (trades.decided, trades.entered, trades.exit_decided, trades.exited)
    return list(zip(*(each.tolist() for each in columns), words, strict=True))


@given(*CASES)
@settings(max_examples=200, deadline=None)
def test_the_compiled_pass_equals_the_plain_loop(seed: int, count: int, bars: int, rule: RuleNumbers) -> None:
    ticks = random_ticks(seed, count, bars)
    done, story = simulate(ticks, rule), by_hand(ticks, rule)
    np.testing.assert_allclose(done.equity, story.equity, rtol=1e-12, atol=1e-12)
    np.testing.assert_allclose(done.units, story.units, rtol=1e-12, atol=1e-12)
    assert trade_rows(done) == [trade[:5] for trade in story.trades]
    values = np.array([trade[5:] for trade in story.trades]).reshape(-1, 3)
    ours = np.column_stack([done.trades.units, done.trades.entry, done.trades.exit])
    np.testing.assert_allclose(ours, values, rtol=1e-12)
    orders = list(zip(done.orders.decided.tolist(), done.orders.filled.tolist(), strict=True))
    assert orders == [order[:2] for order in story.orders]
    np.testing.assert_allclose(done.orders.units, [order[2] for order in story.orders], rtol=1e-9, atol=1e-14)


@given(*CASES)
@settings(max_examples=150, deadline=None)
def test_profits_of_all_trades_add_up_to_the_change_of_the_equity(
    seed: int, count: int, bars: int, rule: RuleNumbers
) -> None:
    done = simulate(random_ticks(seed, count, bars), rule)
    assert done.equity[-1] - 1.0 == pytest.approx(done.trades.net.sum(), abs=1e-10, rel=1e-10)
    assert done.orders.fee.sum() == pytest.approx(done.trades.fee.sum(), rel=1e-12)
    assert done.orders.impact.sum() == pytest.approx(done.trades.impact.sum(), rel=1e-12)
    filled = done.orders.filled >= 0
    assert done.orders.units[filled].sum() == pytest.approx(0.0, abs=1e-12)


@given(*CASES, st.integers(0, 59), st.sampled_from(["end", "prices", "forecasts", "all"]))
@settings(max_examples=300, deadline=None)
def test_nothing_after_a_tick_changes_what_was_decided_at_or_before_it(
    seed: int, count: int, bars: int, rule: RuleNumbers, tick: int, change: str
) -> None:
    tick = min(tick, count - 1)
    ticks, other = random_ticks(seed, count, bars), random_ticks(seed + 1, count, bars)
    changed = other_future(ticks, other, tick, change)
    before, after = simulate(ticks, rule), simulate(changed, rule)
    assert decided_by(before, tick) == decided_by(after, tick)
    # The last close of a series settles, which is no decision.
    last = tick if tick < count - 1 and change != "end" else tick - 1
    assert before.equity[: last + 1].tolist() == after.equity[: last + 1].tolist()
    assert before.units[: last + 1].tolist() == after.units[: last + 1].tolist()


def other_future(ticks: Ticks, other: Ticks, tick: int, change: str) -> Ticks:
    """The same ticks up to one; later ones end, or are of another market, or carry other forecasts, or both."""
    if change == "end":
        return ticks.until(int(ticks.as_of_ms[tick]))
    then = np.arange(len(ticks)) > tick
    names = ("pred_return", "conf", "volatility")
    forecasts = {name: np.where(then, getattr(other, name), getattr(ticks, name)) for name in names}
    ours, theirs = ticks.candles, other.candles
    moved = ours.open_time_ms + np.where(then, 7 * ours.interval_ms, 0)
    prices = {
        name: np.where(then, getattr(theirs, name), getattr(ours, name))
        for name in ("open", "high", "low", "close")
    }
    candles = replace(ours, open_time_ms=moved, **prices)
    if change == "prices":
        return replace(ticks, candles=candles)
    return replace(ticks, **forecasts, candles=candles if change == "all" else ours)


def decided_by(done: Simulation, tick: int) -> list[tuple[int, float]]:
    """Orders that closes up to a tick gave, but for settlements; the units are known when they are given."""
    orders = done.orders
    chosen = (orders.decided <= tick) & (orders.decided != orders.filled)
    return list(zip(orders.decided[chosen].tolist(), orders.units[chosen].tolist(), strict=True))


@given(*CASES)
@settings(max_examples=150, deadline=None)
def test_each_order_is_filled_at_the_next_open_there_is(
    seed: int, count: int, bars: int, rule: RuleNumbers
) -> None:
    done = simulate(random_ticks(seed, count, bars), rule)
    orders = done.orders
    settled = orders.filled == orders.decided
    unfilled = orders.filled < 0
    assert (orders.filled - orders.decided)[~settled & ~unfilled].tolist() == [1] * int(
        (~settled & ~unfilled).sum()
    )
    assert (orders.decided[settled | unfilled] == count - 1).all()
    opens = done.ticks.candles.open[orders.filled[~settled & ~unfilled]]
    assert orders.price[~settled & ~unfilled].tolist() == opens.tolist()


@given(*CASES)
@settings(max_examples=100, deadline=None)
def test_long_only_never_sells_what_is_not_held(seed: int, count: int, bars: int, rule: RuleNumbers) -> None:
    done = simulate(random_ticks(seed, count, bars), rule._replace(long_only=True))
    assert (done.units >= 0).all()
    assert (done.trades.units > 0).all()


def test_a_pass_leaves_its_inputs_as_they_are() -> None:
    ticks = random_ticks(3, 50, 2)
    kept = [ticks.pred_return.copy(), ticks.candles.open.copy()]
    simulate(ticks, RuleNumbers(0.0, 0.0, False, True, True, True, 0.01, 1.0, 0.01, 0.1, 1e-3, 1e-3, 1e-3))
    np.testing.assert_array_equal(ticks.pred_return, kept[0])
    np.testing.assert_array_equal(ticks.candles.open, kept[1])
