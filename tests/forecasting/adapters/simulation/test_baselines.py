"""Baselines follow the strategy's own rule."""

from forecasting.adapters.simulation.baselines import baselines_of
from forecasting.backtest.strategies import Strategy


def test_naive_and_persistence_go_through_the_very_rule_of_the_strategy():
    strategy = Strategy(name="swing", source="ensemble", min_return=0.01, exit="opposite", full_edge=0.02)
    for each in baselines_of(strategy)[:2]:
        assert each == strategy.model_copy(update={"name": each.name, "source": each.source})


def test_buy_and_hold_takes_no_larger_position_than_the_strategy():
    held = {
        each.name: each for each in baselines_of(Strategy(name="half", source="ensemble", max_weight=0.5))
    }
    assert held["buy-and-hold"].max_weight == 0.5


def test_a_strategy_is_not_held_against_its_own_source():
    names = [each.name for each in baselines_of(Strategy(name="hold", source="buy_and_hold"))]
    assert names == ["hold-on-naive", "hold-on-persistence", "flat"]
