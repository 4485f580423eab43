"""Trades beside their forecasts, and their sums."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from forecasting.backtest.engine import RuleNumbers, Simulation, simulate
from forecasting.backtest.performance import Grouping, group_trades, performance, trade_table
from forecasting.types import DAY_MS, HOUR_MS
from tests.forecasting.backtest.engine.markets import FREE, market, random_ticks, rules, ticks_of

NONE = float("nan")
GROUPINGS: tuple[Grouping, ...] = ("symbol", "horizon", "regime", "model_id", "month")


def told(count: int = 4) -> Simulation:
    ticks = ticks_of(market([10, 10, 12, 12], closes=[10, 12, 12, 12]), [0.1, NONE, NONE, NONE], 0.7)
    regime = np.array(["uptrend", "chop", "chop", "chop"])
    return simulate(
        replace(ticks, interval=np.tile([-0.05, 0.25], (4, 1)), regime=regime), FREE._replace(fee=0.01)
    )


def named(done: Simulation, symbol: str) -> Simulation:
    return replace(done, ticks=replace(done.ticks, candles=replace(done.ticks.candles, symbol=symbol)))


def test_a_trade_keeps_the_forecast_that_it_acts_on_and_what_came_of_it() -> None:
    table = trade_table([told()])
    row = table.to_frame().iloc[0].to_dict()
    assert (row["symbol"], row["horizon"], row["model_id"]) == ("BTC/USDT", "1h", "model-1")
    assert (row["regime"], row["reason"]) == ("uptrend", "horizon over")
    assert (row["decided_ms"], row["entered_ms"], row["exited_ms"]) == (HOUR_MS, HOUR_MS, 2 * HOUR_MS)
    assert (row["pred_return"], row["conf"], row["low"], row["high"]) == (0.1, 0.7, -0.05, 0.25)
    assert row["realised_return"] == pytest.approx(0.2)
    assert (row["weight"], row["gross"]) == pytest.approx((1.0, 0.2))
    assert row["fee"] == pytest.approx(0.01 + 0.012)
    assert row["net"] == pytest.approx(0.2 - 0.022)


def test_a_settled_trade_ends_at_the_last_close() -> None:
    done = simulate(ticks_of(market([10, 10]), [0.1, NONE], bars=9), FREE)
    table = trade_table([done])
    assert (table.exited_ms.tolist(), table.reason.tolist()) == ([2 * HOUR_MS], ["settled"])


def test_trades_of_all_symbols_are_in_the_order_of_their_ends() -> None:
    done = [named(simulate(random_ticks(seed, 40, 2), FREE), f"S{seed}/USDT") for seed in (1, 2, 3)]
    table = trade_table(done)
    assert (np.diff(table.exited_ms) >= 0).all()
    assert set(table.symbol) == {"S1/USDT", "S2/USDT", "S3/USDT"}


@given(st.integers(0, 1_000), rules(), st.sampled_from(GROUPINGS))
@settings(max_examples=60, deadline=None)
def test_groups_add_up_to_the_profit_of_the_run(seed: int, rule: RuleNumbers, by: Grouping) -> None:
    done = [named(simulate(random_ticks(seed + each, 50, 2), rule), f"S{each}/USDT") for each in range(3)]
    groups, figures = group_trades(trade_table(done), by), performance(done)
    assert sum(group.net for group in groups) == pytest.approx(figures.pnl, abs=1e-12)
    assert sum(group.cost for group in groups) == pytest.approx(figures.cost_drag, abs=1e-12)
    assert sum(group.trades for group in groups) == figures.trades


def test_groups_tell_predicted_and_realised_moves_in_the_direction_of_the_forecast() -> None:
    prices = [10, 10, 9, 9, 9, 9]
    done = simulate(ticks_of(market(prices), [-0.2, NONE, NONE, 0.1, NONE, NONE]), FREE)
    (group,) = group_trades(trade_table([done]), "symbol")
    assert (group.name, group.trades, group.hit_rate) == ("BTC/USDT", 2, 0.5)
    assert group.predicted == pytest.approx(0.15)
    assert group.realised == pytest.approx(0.05)


def test_a_trade_belongs_to_the_month_that_it_ends_in() -> None:
    hours = np.arange(4) + 31 * 24 - 3
    done = simulate(ticks_of(market([10] * 4, hours=hours), [0.1, 0.1, NONE, NONE]), FREE)
    assert done.ticks.as_of_ms[2] == 31 * DAY_MS
    table = trade_table([done])
    assert table.exited_ms.tolist() == [31 * DAY_MS - HOUR_MS, 31 * DAY_MS]
    assert [group.name for group in group_trades(table, "month")] == ["1970-01"]


def test_a_run_without_a_trade_has_no_group() -> None:
    table = trade_table([simulate(ticks_of(market([10] * 3), [0.0] * 3), FREE)])
    assert len(table) == 0
    assert group_trades(table, "regime") == ()
