"""Baselines act at the same closes, by the same rule, at the same costs."""

from __future__ import annotations

import numpy as np
import pytest

from forecasting.backtest.sources import last_move, run_strategy
from forecasting.backtest.strategies import Costs, Strategy, load_strategies
from forecasting.errors import InvalidSettings
from tests.forecasting.backtest.engine.markets import market, random_ticks, ticks_of

COSTS = Costs(fee_bps=10, half_spread_bps=2, slippage_bps=3, funding_bps=1)
TICKS = random_ticks(3, 200, 3)


def test_the_ensemble_acts_on_the_forecasts_that_were_issued() -> None:
    done = run_strategy(load_strategies().find("ensemble-threshold"), COSTS, TICKS)
    assert done.ticks is TICKS
    assert len(done.trades) > 20


def test_naive_acts_on_its_own_forecasts_by_the_same_rule() -> None:
    naive = TICKS.saying("naive", -TICKS.pred_return, TICKS.conf)
    ours = run_strategy(load_strategies().find("ensemble-threshold"), COSTS, TICKS)
    theirs = run_strategy(load_strategies().find("baseline"), COSTS, TICKS, naive)
    assert np.sign(theirs.trades.units).tolist() == (-np.sign(ours.trades.units)).tolist()
    assert theirs.trades.decided.tolist() == ours.trades.decided.tolist()


def test_naive_without_its_forecasts_is_refused() -> None:
    with pytest.raises(InvalidSettings, match="BTC/USDT: a strategy acts on naive's forecasts"):
        run_strategy(load_strategies().find("baseline"), COSTS, TICKS)


def test_buy_and_hold_buys_at_the_second_open_and_is_settled_at_the_end() -> None:
    prices = [10.0, 20.0, 30.0, 5.0, 40.0]
    costs = Costs(fee_bps=0, half_spread_bps=0, slippage_bps=0, funding_bps=0)
    done = run_strategy(
        load_strategies().find("buy-and-hold"), costs, ticks_of(market(prices, prices), np.zeros(5))
    )
    # One unit of capital buys a tenth at the first close, for which the next open asks 20.
    assert done.trades.units.tolist() == [0.1]
    assert done.equity.tolist() == pytest.approx([1.0, 1.0, 2.0, -0.5, 3.0])


def test_buy_and_hold_takes_of_its_rule_the_largest_position_alone() -> None:
    odd = Strategy(
        name="odd",
        source="buy_and_hold",
        max_weight=0.5,
        full_edge=0.1,
        volatility_target=0.1,
        exit="signal_gone",
    )
    plain = Strategy(name="plain", source="buy_and_hold", max_weight=0.5)
    assert odd.numbers(COSTS, 60_000) == plain.numbers(COSTS, 60_000)
    assert run_strategy(plain, COSTS, TICKS).weight[1] == pytest.approx(0.5, rel=0.05)


def test_flat_never_trades() -> None:
    done = run_strategy(load_strategies().find("flat"), COSTS, TICKS)
    assert len(done.orders) == 0
    assert (done.equity == 1.0).all()


def test_persistence_forecasts_the_last_move_over_again() -> None:
    ticks = ticks_of(market([10, 11, 12, 15], closes=[10, 11, 12, 15]), np.zeros(4), bars=2)
    assert last_move(ticks).tolist() == pytest.approx([np.nan, np.nan, 0.2, 15 / 11 - 1], nan_ok=True)


def test_persistence_is_silent_where_the_move_begins_in_an_outage() -> None:
    candles = market([10, 11, 12], closes=[10, 11, 12], hours=np.array([0, 2, 3]))
    assert last_move(ticks_of(candles, np.zeros(3))).tolist() == pytest.approx(
        [np.nan, np.nan, 12 / 11 - 1], nan_ok=True
    )


def test_persistence_trades_by_the_rule() -> None:
    done = run_strategy(load_strategies().find("persistence"), COSTS, TICKS)
    moves = last_move(TICKS)
    assert np.sign(done.trades.units).tolist() == np.sign(moves[done.trades.decided]).tolist()
