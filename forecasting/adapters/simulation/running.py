"""Run a strategy over a walked market, and write down what it was given and what it did."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, get_args

import numpy as np

from forecasting.adapters.simulation.market import WalkedMarket
from forecasting.adapters.store.run_log import StoredRun, digests_of
from forecasting.backtest.engine import Simulation, Ticks
from forecasting.backtest.performance import (
    ChanceFigures,
    EquityCurve,
    Grouping,
    TradeTable,
    chance_figures,
    equity_curve,
    group_trades,
    performance,
    trade_table,
)
from forecasting.backtest.sources import run_strategy
from forecasting.backtest.strategies import Costs, Strategy
from forecasting.errors import NotEnoughHistory

_SEEN = ("pred_return", "conf", "volatility")


@dataclass(frozen=True, slots=True, eq=False)
class Run:
    """A finished simulation.

    Attributes
    ----------
    stored
        What is kept of it.
    curve
        Its equity.
    """

    stored: StoredRun
    curve: EquityCurve


def run(strategy: Strategy, costs: Costs, market: WalkedMarket, now_ms: int) -> Run:
    """Simulate a strategy over all symbols of a market, each with one unit of capital.

    Parameters
    ----------
    strategy, costs
        What is done, and what it costs.
    market
        What it is given.
    now_ms
        Moment that is written down, epoch milliseconds UTC.

    Raises
    ------
    InvalidSettings
        The strategy may not be used on the market's horizon.
    """
    strategy.demand_horizon(market.horizon)
    pairs = zip(market.ensemble, market.naive, strict=True)
    simulations = [run_strategy(strategy, costs, ticks, naive) for ticks, naive in pairs]
    curve, table = equity_curve(simulations), trade_table(simulations)
    return Run(_stored(strategy, costs, market, simulations, curve, table, now_ms), curve)


def curve_of(stored: StoredRun) -> EquityCurve:
    """Equity of a run that was read with its columns."""
    if stored.curve is None:
        raise ValueError(f"run {stored.run_id} was read without its equity")
    return EquityCurve(stored.start_ms, **stored.curve)


def _stored(
    strategy: Strategy,
    costs: Costs,
    market: WalkedMarket,
    simulations: Sequence[Simulation],
    curve: EquityCurve,
    table: TradeTable,
    now_ms: int,
) -> StoredRun:
    start_ms, end_ms = market.span_ms
    columns = {name: getattr(curve, name) for name in ("time_ms", "equity", "exposure")}
    trades = {name: getattr(table, name) for name in table.__dataclass_fields__}
    return StoredRun(
        strategy=strategy.model_dump(mode="json"),
        costs=costs.model_dump(mode="json"),
        horizon=market.horizon.model_dump(mode="json"),
        symbols=market.symbols,
        start_ms=start_ms,
        end_ms=end_ms,
        forecasts=asdict(market.cadence),
        data_fingerprint=market.data_fingerprint,
        forecast_fingerprint=_fingerprint([each.ticks for each in simulations]),
        metrics=_told(asdict(performance(simulations, curve))),
        chance=_chance(curve, market.horizon.look_ahead_ms),
        groups={
            name: [_told(asdict(each)) for each in group_trades(table, name)] for name in get_args(Grouping)
        },
        silent=sum(each.silent for each in simulations),
        simulated_ms=now_ms,
        digests=digests_of(columns, trades),
        curve=columns,
        trades=trades,
    )


def chance_document(found: ChanceFigures) -> dict[str, Any]:
    """Figures of a bootstrap as a document: value, low and high of each, level, days and block length."""
    figures = asdict(found)
    return {name: _told(each) if isinstance(each, dict) else each for name, each in figures.items()}


def _chance(curve: EquityCurve, look_ahead_ms: int) -> dict[str, Any] | None:
    try:
        return chance_document(chance_figures(curve, look_ahead_ms))
    except NotEnoughHistory:  # a run of a few days has figures, and nobody can say what chance does to them
        return None


def _told(figures: Mapping[str, Any]) -> dict[str, Any]:
    """Figures that can be told; None for those that cannot, for a document knows no NaN."""
    return {
        name: None if isinstance(value, float) and not math.isfinite(value) else value
        for name, value in figures.items()
    }


def _fingerprint(given: Sequence[Ticks]) -> str:
    """Hex SHA-256 of candles and forecasts that the strategy saw."""
    digest = hashlib.sha256()
    for ticks in given:
        digest.update(ticks.candles.fingerprint().encode())
        for name in _SEEN:
            digest.update(np.ascontiguousarray(getattr(ticks, name)).tobytes())
    return digest.hexdigest()
