"""The strategies file, and the numbers that the engine is given."""

from __future__ import annotations

from pathlib import Path

import pytest

from forecasting.backtest.strategies import Costs, Strategy, load_strategies
from forecasting.errors import InvalidSettings
from forecasting.horizons import load_horizons
from forecasting.types import DAY_MS, HOUR_MS

COSTS = Costs(fee_bps=10, half_spread_bps=2, slippage_bps=3, funding_bps=1)
OWN = """
costs: {fee_bps: 10, half_spread_bps: 2, slippage_bps: 3, funding_bps: 1}
strategies:
  mine: {source: ensemble, min_return: 0.001, exit: opposite, horizons: [1h]}
"""


def written(folder: Path, text: str) -> Path:
    path = folder / "strategies.yaml"
    path.write_text(text)
    return path


def test_the_default_strategies_come_with_the_package() -> None:
    assert list(load_strategies().strategies) == [
        "ensemble-threshold",
        "baseline",
        "persistence",
        "buy-and-hold",
        "flat",
        "scalping",
        "swing",
        "swing-long-only",
    ]


def test_a_strategy_differs_from_its_baseline_by_the_source_alone() -> None:
    book = load_strategies()
    ours, theirs = book.find("ensemble-threshold"), book.find("baseline")
    assert ours.model_copy(update={"name": "baseline", "source": "naive"}) == theirs


def test_a_file_of_ones_own_is_read(tmp_path: Path) -> None:
    book = load_strategies(written(tmp_path, OWN))
    assert book.costs == COSTS
    assert book.find("mine") == Strategy(
        name="mine", source="ensemble", min_return=0.001, exit="opposite", horizons=("1h",)
    )


def test_an_unknown_strategy_is_answered_with_the_known_ones() -> None:
    with pytest.raises(
        InvalidSettings, match="strategy 'nope' is unknown: one of ensemble-threshold, baseline"
    ):
        load_strategies().find("nope")


def test_scalping_is_for_minutes_and_swing_for_days() -> None:
    book, horizons = load_strategies(), load_horizons()
    book.find("scalping").demand_horizon(horizons["1m"])
    book.find("swing").demand_horizon(horizons["1d"])
    with pytest.raises(InvalidSettings, match="strategy scalping is for 1m, 5m, 1d was asked for"):
        book.find("scalping").demand_horizon(horizons["1d"])


def test_a_strategy_without_horizons_is_for_all() -> None:
    for horizon in load_horizons().values():
        load_strategies().find("baseline").demand_horizon(horizon)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (("min_return: 0.001", "min_return: -1"), "strategy mine, min_return"),
        (("min_return: 0.001", "min_return: .nan"), "strategy mine, min_return"),
        (("min_return: 0.001", "min_retrun: 1"), "strategy mine, min_retrun"),
        (("exit: opposite", "exit: never"), "strategy mine, exit"),
        (("horizons: [1h]", "horizons: [hour]"), "strategy mine, horizons.0"),
        (("funding_bps: 1", "funding_bps: -1"), "costs, funding_bps"),
        ((", funding_bps: 1", ""), "costs, funding_bps"),
        (("strategies:", "others:"), "has no 'strategies:' mapping"),
        (("{source: ensemble, min_return: 0.001, exit: opposite, horizons: [1h]}", "3"), "mine: a mapping"),
        (("mine:", "M I:"), "strategy M I, name"),
        (("strategies:", "strategies: ]"), "is not YAML"),
    ],
)
def test_a_wrong_file_is_refused_by_the_name_of_what_is_wrong(
    tmp_path: Path, change: tuple[str, str], said: str
) -> None:
    with pytest.raises(InvalidSettings, match=said) as refused:
        load_strategies(written(tmp_path, OWN.replace(*change)))
    assert "\n" not in str(refused.value)


def test_a_missing_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InvalidSettings, match="cannot be read"):
        load_strategies(tmp_path / "none.yaml")


def test_a_forecast_must_pay_for_its_round_trip_by_default() -> None:
    numbers = Strategy(name="a", source="ensemble").numbers(COSTS, HOUR_MS)
    assert numbers.min_return == pytest.approx(2 * 15e-4)


def test_costs_become_fractions() -> None:
    numbers = Strategy(name="a", source="ensemble").numbers(COSTS, HOUR_MS)
    assert (numbers.fee, numbers.impact, numbers.funding) == pytest.approx((1e-3, 5e-4, 1e-4))


def test_a_yearly_volatility_is_shared_out_over_a_year_of_365_days() -> None:
    numbers = Strategy(name="a", source="ensemble", volatility_target=0.73).numbers(COSTS, DAY_MS)
    assert numbers.bar_volatility == pytest.approx(0.73 / 365**0.5)


@pytest.mark.parametrize(
    ("name", "flags"),
    [
        ("horizon", (True, False, False)),
        ("opposite", (False, True, False)),
        ("horizon_or_opposite", (True, True, False)),
        ("signal_gone", (False, False, True)),
    ],
)
def test_each_exit_is_what_it_says(name: str, flags: tuple[bool, bool, bool]) -> None:
    numbers = Strategy.model_validate({"name": "a", "source": "ensemble", "exit": name}).numbers(
        COSTS, HOUR_MS
    )
    assert (numbers.exit_over, numbers.exit_opposite, numbers.exit_gone) == flags
