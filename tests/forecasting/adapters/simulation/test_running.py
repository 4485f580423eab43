"""A run: what it was given, what it did, and an id that both make."""

from dataclasses import replace

import numpy as np
import pytest

from forecasting.adapters.simulation.baselines import baselines_of
from forecasting.adapters.simulation.market import walk_market
from forecasting.adapters.simulation.running import run
from forecasting.backtest.strategies import load_strategies
from forecasting.errors import InvalidSettings
from forecasting.types import DAY_MS
from tests.forecasting.adapters.simulation.markets import quick_horizon

BOOK = load_strategies()
EAGER = BOOK.find("ensemble-threshold").model_copy(
    update={"name": "eager", "min_return": 0.0, "min_conf": 0.0}
)


def test_the_same_inputs_give_the_same_id_at_another_moment(given, market):
    again = walk_market(given, quick_horizon(), refits=3, every_ms=8 * DAY_MS)
    assert run(EAGER, BOOK.costs, market, 1).stored.run_id == run(EAGER, BOOK.costs, again, 2).stored.run_id


@pytest.mark.parametrize(
    "change",
    [
        lambda market: replace(market, data_fingerprint="0" * 64),
        lambda market: replace(market, cadence=replace(market.cadence, seed=8)),
        lambda market: replace(market, horizon=quick_horizon(threshold=0.001)),
    ],
    ids=["data", "seed", "horizon"],
)
def test_another_input_gives_another_id(market, change):
    assert (
        run(EAGER, BOOK.costs, market, 1).stored.run_id
        != run(EAGER, BOOK.costs, change(market), 1).stored.run_id
    )


def test_other_costs_and_other_strategies_give_other_ids(market):
    free = BOOK.costs.model_copy(update={"fee_bps": 0.0})
    runs = [run(EAGER, BOOK.costs, market, 1), run(EAGER, free, market, 1)]
    runs += [run(each, BOOK.costs, market, 1) for each in baselines_of(EAGER)]
    assert len({each.stored.run_id for each in runs}) == len(runs)


def test_other_forecasts_at_which_nothing_is_traded_give_another_id(market):
    never = EAGER.model_copy(update={"min_return": 0.9})
    moved = [replace(each, pred_return=each.pred_return + 1e-9) for each in market.ensemble]
    other = replace(market, ensemble=tuple(moved))
    assert run(never, BOOK.costs, market, 1).stored.run_id != run(never, BOOK.costs, other, 1).stored.run_id


def test_trades_add_up_to_the_profit_and_the_costs_to_the_drag(market):
    stored = run(EAGER, BOOK.costs, market, 1).stored
    assert stored.metrics["trades"] > 20
    assert stored.trades["net"].sum() == pytest.approx(stored.metrics["pnl"], abs=1e-12)
    assert stored.metrics["gross"] - stored.metrics["cost_drag"] == pytest.approx(stored.metrics["pnl"])
    assert stored.curve["equity"][-1] - 1 == stored.metrics["pnl"]


def test_every_group_is_kept(market):
    groups = run(EAGER, BOOK.costs, market, 1).stored.groups
    assert [each["name"] for each in groups["symbol"]] == ["AAA/USDT", "BBB/USDT"]
    assert set(groups) == {"symbol", "horizon", "regime", "model_id", "month"}


def test_baselines_trade_the_same_closes(market):
    curves = [run(each, BOOK.costs, market, 1).stored.curve for each in (EAGER, *baselines_of(EAGER))]
    assert all(np.array_equal(each["time_ms"], curves[0]["time_ms"]) for each in curves)


def test_a_figure_that_cannot_be_told_is_none_and_not_zero(market):
    flat = run(BOOK.find("flat"), BOOK.costs, market, 1).stored
    assert flat.metrics["sharpe"] is None
    assert flat.metrics["pnl"] == 0


def test_intervals_lie_around_the_figures_where_there_are_days_enough(market):
    stored = run(EAGER, BOOK.costs, market, 1).stored
    assert stored.chance["days"] == stored.metrics["days"]
    assert stored.chance["pnl"]["low"] < stored.metrics["pnl"] < stored.chance["pnl"]["high"]


def test_a_run_of_few_days_has_no_intervals(given):
    short = walk_market(given, quick_horizon(), refits=1)
    assert run(EAGER, BOOK.costs, short, 1).stored.chance is None


def test_a_horizon_that_the_strategy_may_not_use_is_refused(market):
    with pytest.raises(InvalidSettings, match="swing is for 1d, 1h was asked for"):
        run(BOOK.find("swing"), BOOK.costs, market, 1)
