"""Stored runs held against each other."""

from dataclasses import replace

import pytest

from forecasting.adapters.simulation.comparison import difference_document, differing_inputs, uplift_document
from forecasting.adapters.simulation.market import walk_market
from forecasting.adapters.simulation.running import curve_of, run
from forecasting.backtest.strategies import load_strategies
from forecasting.types import DAY_MS
from tests.forecasting.adapters.simulation.markets import quick_horizon

BOOK = load_strategies()
EAGER = BOOK.find("ensemble-threshold").model_copy(
    update={"name": "eager", "min_return": 0.0, "min_conf": 0.0}
)
NEVER = EAGER.model_copy(update={"name": "never", "min_return": 0.9})


@pytest.fixture
def eager(market):
    return run(EAGER, BOOK.costs, market, 1)


@pytest.fixture
def never(market):
    return run(NEVER, BOOK.costs, market, 1)


def test_two_that_never_traded_have_nothing_to_compare(never):
    found = uplift_document(never, never)
    assert found["note"].startswith("neither of the two traded at all")
    assert (found["pnl_uplift_is"], found["pnl_uplift"]) == ("difference", 0)


def test_a_losing_baseline_that_is_told_from_nothing_has_a_ratio(market, never):
    dear = BOOK.costs.model_copy(update={"fee_bps": 100.0})
    losing = run(EAGER, dear, market, 1)
    found = uplift_document(never, losing)
    assert losing.stored.metrics["pnl"] < -0.5
    assert (found["pnl_uplift_is"], found["note"]) == ("ratio", None)
    assert found["pnl_uplift"] == pytest.approx(1.0)


def test_the_difference_to_a_run_that_never_traded_is_the_profit(eager, never):
    found = difference_document(eager.stored, never.stored)
    assert found["pnl"]["value"] == pytest.approx(eager.stored.metrics["pnl"])


def test_runs_of_other_days_have_no_difference(given, eager):
    short = walk_market(given, quick_horizon(), refits=1, every_ms=21 * DAY_MS)
    other = run(EAGER, BOOK.costs, short, 1)
    assert difference_document(eager.stored, other.stored) is None
    assert differing_inputs([eager.stored, other.stored]) == ["start_ms", "forecasts"]


def test_a_run_that_was_read_without_its_equity_has_no_curve(eager):
    with pytest.raises(ValueError, match="was read without its equity"):
        curve_of(replace(eager.stored, curve=None))
