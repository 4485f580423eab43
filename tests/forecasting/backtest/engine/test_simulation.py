"""Examples that can be computed by hand: fills, exits, sizes, costs, outages and ends."""

from __future__ import annotations

import numpy as np
import pytest

from forecasting.backtest.engine.rule import Reason
from forecasting.backtest.engine.simulation import Simulation, simulate
from forecasting.backtest.engine.trades import UNFILLED
from tests.forecasting.backtest.engine.markets import FREE, market, ticks_of

NONE = float("nan")


def reasons(done: Simulation) -> list[Reason]:
    return [Reason(each) for each in done.trades.reason]


def test_a_forecast_is_filled_at_the_next_open_never_at_the_close_that_made_it() -> None:
    candles = market([10, 10, 20, 20], closes=[15, 16, 20, 20])
    done = simulate(ticks_of(candles, [0.1, NONE, NONE, NONE]), FREE)
    trades = done.trades
    assert (trades.decided[0], trades.entered[0], trades.exit_decided[0], trades.exited[0]) == (0, 1, 1, 2)
    assert (trades.entry[0], trades.exit[0]) == (10.0, 20.0)


def test_units_are_those_that_the_equity_buys_at_the_close_that_decides() -> None:
    done = simulate(ticks_of(market([10, 10, 20], closes=[8, 16, 20]), [0.1, NONE, NONE]), FREE)
    assert done.trades.units.tolist() == [1 / 8]
    assert done.equity.tolist() == [1.0, 1 + 6 / 8, 1 + 10 / 8]


def test_a_short_earns_what_the_price_falls() -> None:
    done = simulate(ticks_of(market([10, 10, 8, 8]), [-0.1, NONE, NONE, NONE]), FREE)
    assert done.units.tolist() == [0.0, -0.1, 0.0, 0.0]
    assert done.equity[-1] == pytest.approx(1.2)


def test_long_only_stays_out_of_what_it_expects_to_fall() -> None:
    done = simulate(ticks_of(market([10, 10, 8, 8]), [-0.1, -0.1, -0.1, NONE]), FREE._replace(long_only=True))
    assert len(done.orders) == len(done.trades) == 0
    assert done.equity.tolist() == [1.0] * 4


def test_long_only_closes_at_an_opposite_signal() -> None:
    rule = FREE._replace(long_only=True, exit_over=False, exit_opposite=True)
    done = simulate(ticks_of(market([10, 10, 10, 10, 10]), [0.1, 0.0, -0.1, 0.0, 0.0]), rule)
    assert done.units.tolist() == [0.0, 0.1, 0.1, 0.0, 0.0]
    assert reasons(done) == [Reason.OPPOSITE_SIGNAL]


def test_a_position_is_held_for_the_horizon_whatever_is_forecast_meanwhile() -> None:
    done = simulate(ticks_of(market([10] * 6), [0.1, -0.1, -0.1, NONE, NONE, NONE], bars=3), FREE)
    assert done.units.tolist() == [0.0, 0.1, 0.1, 0.1, 0.0, 0.0]
    assert reasons(done) == [Reason.HORIZON_OVER]


def test_a_horizon_that_is_over_turns_into_what_the_close_asks_for() -> None:
    done = simulate(ticks_of(market([10] * 5), [0.1, -0.1, NONE, NONE, NONE]), FREE)
    assert done.units.tolist() == [0.0, 0.1, -0.1, 0.0, 0.0]
    assert done.orders.units == pytest.approx([0.1, -0.2, 0.1])


def test_the_same_side_again_is_another_trade_without_an_order() -> None:
    done = simulate(ticks_of(market([10] * 5), [0.1, 0.2, NONE, NONE, NONE]), FREE._replace(fee=0.01))
    assert done.trades.decided.tolist() == [0, 1]
    assert done.trades.exited.tolist() == [2, 3]
    # A fee shrinks the equity, and so what the second forecast asks for, by less than the band.
    banded = simulate(
        ticks_of(market([10] * 5), [0.1, 0.2, NONE, NONE, NONE]), FREE._replace(fee=0.01, resize_band=0.1)
    )
    assert (len(done.orders), len(banded.orders)) == (3, 2)
    assert banded.trades.fee == pytest.approx([0.01, 0.01])


def test_a_larger_size_is_paid_by_the_trade_that_grows_and_a_smaller_by_the_one_that_shrinks() -> None:
    rule = FREE._replace(full_edge=0.1, fee=0.01)
    done = simulate(ticks_of(market([10] * 6), [0.05, 0.1, 0.02, NONE, NONE, NONE]), rule)
    first, second, third = done.trades.fee
    sizes = done.trades.units * 10
    assert first == pytest.approx(sizes[0] * 0.01)
    assert second == pytest.approx((sizes[1] - sizes[0] + sizes[1] - sizes[2]) * 0.01)
    assert third == pytest.approx(sizes[2] * 0.01)


def test_an_opposite_signal_ends_a_position_before_its_horizon_is_over() -> None:
    rule = FREE._replace(exit_opposite=True)
    done = simulate(ticks_of(market([10] * 6), [0.1, 0.0, -0.1, NONE, NONE, NONE], bars=5), rule)
    assert done.units.tolist() == [0.0, 0.1, 0.1, -0.1, -0.1, 0.0]
    assert reasons(done) == [Reason.OPPOSITE_SIGNAL, Reason.SETTLED]


def test_a_position_that_needs_its_signal_ends_with_it() -> None:
    rule = FREE._replace(exit_over=False, exit_gone=True, min_return=0.05)
    done = simulate(ticks_of(market([10] * 6), [0.1, 0.1, 0.01, 0.1, NONE, 0.1]), rule)
    assert done.units.tolist() == [0.0, 0.1, 0.1, 0.0, 0.1, 0.0]
    assert reasons(done) == [Reason.SIGNAL_GONE, Reason.SIGNAL_GONE]


@pytest.mark.parametrize(("pred_return", "conf"), [(0.05, 0.9), (-0.05, 0.9), (0.06, 0.6), (0.05, 0.6)])
def test_a_signal_must_be_beyond_both_thresholds(pred_return: float, conf: float) -> None:
    rule = FREE._replace(min_return=0.05, min_conf=0.6)
    assert not len(simulate(ticks_of(market([10] * 3), [pred_return, NONE, NONE], conf), rule).orders)


@pytest.mark.parametrize(("pred_return", "conf"), [(NONE, 0.9), (np.inf, 0.9), (-np.inf, 0.9), (0.1, NONE)])
def test_a_forecast_that_is_not_finite_opens_nothing(pred_return: float, conf: float) -> None:
    done = simulate(ticks_of(market([10] * 3), [pred_return, NONE, NONE], conf), FREE)
    assert not len(done.orders)
    assert done.silent == 3


def test_the_size_grows_with_return_times_confidence_up_to_the_cap() -> None:
    rule = FREE._replace(full_edge=0.1, max_weight=0.5)
    sizes = [
        simulate(ticks_of(market([10] * 3), [ret, NONE, NONE], conf), rule).weight[1]
        for ret, conf in [(0.05, 0.5), (0.05, 1.0), (0.1, 0.5), (0.1, 1.0), (0.9, 1.0)]
    ]
    assert sizes == pytest.approx([0.125, 0.25, 0.25, 0.5, 0.5])


def test_the_size_shrinks_where_the_market_moves_more_up_to_the_cap() -> None:
    rule = FREE._replace(bar_volatility=0.01, max_weight=2.0)
    sizes = [
        simulate(ticks_of(market([10] * 3), [0.1, NONE, NONE], volatility=each), rule).weight[1]
        for each in (0.04, 0.01, 0.001, 0.0)
    ]
    assert sizes == pytest.approx([0.25, 1.0, 2.0, 2.0])


def test_a_volatility_that_is_needed_and_unknown_opens_nothing() -> None:
    done = simulate(
        ticks_of(market([10] * 3), [0.1, NONE, NONE], volatility=NONE), FREE._replace(bar_volatility=0.01)
    )
    assert not len(done.orders)


def test_fee_and_impact_are_paid_on_the_traded_money() -> None:
    rule = FREE._replace(fee=0.01, impact=0.02)
    done = simulate(ticks_of(market([10, 10, 20, 20]), [0.1, NONE, NONE, NONE]), rule)
    assert done.orders.impact == pytest.approx([0.1 * 10 * 0.02, 0.1 * 20 * 0.02])
    assert done.orders.fee == pytest.approx([0.1 * 10.2 * 0.01, 0.1 * 19.6 * 0.01])
    assert done.equity[-1] == pytest.approx(1 - 0.1 * 10.2 * 1.01 + 0.1 * 19.6 * 0.99)


@pytest.mark.parametrize("pred_return", [0.1, -0.1])
def test_funding_is_paid_for_the_time_that_is_held_on_either_side(pred_return: float) -> None:
    done = simulate(
        ticks_of(market([10] * 12), [pred_return] + [NONE] * 11, bars=8), FREE._replace(funding=0.01)
    )
    assert done.trades.funding == pytest.approx([0.01])
    assert done.equity[-1] == pytest.approx(0.99)


def test_an_outage_carries_the_position_its_order_waits_and_funding_goes_on() -> None:
    candles = market([10, 10, 30, 40], closes=[10, 10, 30, 40], hours=np.array([0, 1, 9, 10]))
    done = simulate(ticks_of(candles, [0.1, NONE, NONE, NONE]), FREE._replace(funding=0.01))
    assert done.units.tolist() == [0.0, 0.1, 0.0, 0.0]
    assert (done.trades.exit_decided[0], done.trades.exited[0], done.trades.exit[0]) == (1, 2, 30.0)
    # One hour at a price of 10, then the seven of the outage at the price it ended with.
    assert done.trades.funding == pytest.approx([0.1 * 0.01 * (10 * 1 + 30 * 7) / 8])


def test_a_horizon_that_ends_in_an_outage_is_over_at_the_first_close_after_it() -> None:
    candles = market([10] * 4, hours=np.array([0, 1, 7, 8]))
    done = simulate(ticks_of(candles, [0.1, NONE, NONE, NONE], bars=3), FREE)
    assert done.units.tolist() == [0.0, 0.1, 0.1, 0.0]


def test_what_is_held_when_a_symbol_ends_is_settled_at_its_last_close_at_the_usual_costs() -> None:
    candles = market([10, 10, 10], closes=[10, 10, 4])
    done = simulate(ticks_of(candles, [0.1, NONE, NONE], bars=9), FREE._replace(fee=0.01))
    assert reasons(done) == [Reason.SETTLED]
    assert (done.trades.exited[0], done.trades.exit[0]) == (2, 4.0)
    assert (done.orders.decided[-1], done.orders.filled[-1]) == (2, 2)
    assert done.equity[-1] == pytest.approx(1 - 0.6 - 0.01 - 0.004)


def test_the_order_of_the_last_close_is_kept_and_not_filled() -> None:
    done = simulate(ticks_of(market([10, 10]), [NONE, 0.1]), FREE)
    assert (done.orders.decided.tolist(), done.orders.filled.tolist()) == ([1], [UNFILLED])
    assert done.orders.units.tolist() == [0.1]
    assert np.isnan(done.orders.price[0])
    assert done.equity.tolist() == [1.0, 1.0]


def test_a_lost_capital_ends_the_position_and_all_trading() -> None:
    candles = market([10, 10, 2, 2, 50, 50], closes=[10, 2, 2, 2, 50, 50])
    rule = FREE._replace(max_weight=2.0, exit_over=False, exit_opposite=True)
    done = simulate(ticks_of(candles, [0.1] * 6), rule)
    assert reasons(done) == [Reason.CAPITAL_GONE]
    assert done.units.tolist() == [0.0, 0.2, 0.0, 0.0, 0.0, 0.0]
    assert done.equity[-1] == pytest.approx(-0.6)


def test_one_candle_alone_leaves_the_capital_as_it_is() -> None:
    done = simulate(ticks_of(market([10]), [NONE]), FREE)
    assert done.equity.tolist() == [1.0]
    assert (len(done.orders), len(done.trades)) == (0, 0)
