"""Trades of all symbols beside what was forecast for them, and their sums by symbol, horizon, regime, model or month."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from forecasting.backtest.engine import Reason, Simulation
from forecasting.backtest.performance.curve import month_names
from forecasting.backtest.performance.figures import hit_rate, profit_factor
from forecasting.types import FloatArray, IntArray

Grouping = Literal["symbol", "horizon", "regime", "model_id", "month"]


@dataclass(frozen=True, slots=True, eq=False)
class TradeTable:
    """Trades of all symbols, in the order of their ends; shape (k,) each.

    Attributes
    ----------
    symbol, horizon, model_id, regime
        Whose forecast it was, of what, and in which regime it was made.
    decided_ms, entered_ms, exited_ms
        Close that decided, open that was bought or sold at, and the end, epoch milliseconds UTC.
    reason
        Why it ended, in words.
    weight
        Held money at the price of entry over the equity at the deciding close, negative when short.
    pred_return, conf, low, high
        The forecast that the trade acts on: return, confidence, ends of the interval; fractions.
    realised_return
        Return of the price from entry to exit, a fraction: what `pred_return` was to be.
    gross, fee, impact, funding, net
        Profit before costs, what was paid, and profit after costs: fractions of the capital of all symbols together, so
        that `net` adds up to the profit of the run.
    """

    symbol: NDArray[np.str_]
    horizon: NDArray[np.str_]
    model_id: NDArray[np.str_]
    regime: NDArray[np.str_]
    decided_ms: IntArray
    entered_ms: IntArray
    exited_ms: IntArray
    reason: NDArray[np.str_]
    weight: FloatArray
    pred_return: FloatArray
    conf: FloatArray
    low: FloatArray
    high: FloatArray
    realised_return: FloatArray
    gross: FloatArray
    fee: FloatArray
    impact: FloatArray
    funding: FloatArray
    net: FloatArray

    def __len__(self) -> int:
        return len(self.net)

    @property
    def month(self) -> NDArray[np.str_]:
        """Shape (k,): month in which each trade ended, UTC, as in `2025-09`."""
        return month_names(self.exited_ms - 1)

    def to_frame(self) -> pd.DataFrame:
        """Table with one row a trade."""
        return pd.DataFrame({name: getattr(self, name) for name in self.__dataclass_fields__})


@dataclass(frozen=True, slots=True)
class TradeGroup:
    """Sums and means of some trades; `net` of all groups adds up to the profit of the run.

    Attributes
    ----------
    name
        What the trades have in common.
    trades
        Their number.
    gross, cost, net
        Fractions of the capital of all symbols together.
    hit_rate, profit_factor
        As in `Performance`.
    predicted, realised
        Mean over the trades of the forecast return and of what came, each in the direction of the forecast: both are
        above zero where forecasts were right.
    """

    name: str
    trades: int
    gross: float
    cost: float
    net: float
    hit_rate: float
    profit_factor: float
    predicted: float
    realised: float


def trade_table(simulations: Sequence[Simulation]) -> TradeTable:
    """Lay the trades of at least one symbol beside the forecasts that they act on."""
    parts = [_columns(each, 1.0 / len(simulations)) for each in simulations]
    whole = {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}
    order = np.lexsort((whole["symbol"], whole["decided_ms"], whole["exited_ms"]))
    return TradeTable(**{name: column[order] for name, column in whole.items()})


def group_trades(table: TradeTable, by: Grouping) -> tuple[TradeGroup, ...]:
    """Sum trades up by what they have in common, in the order of its name; none without a trade."""
    keys: NDArray[np.str_] = getattr(table, by)
    return tuple(_group(str(name), table, keys == name) for name in np.unique(keys))


def _group(name: str, table: TradeTable, chosen: NDArray[np.bool_]) -> TradeGroup:
    net, gross = table.net[chosen], table.gross[chosen]
    side = np.sign(table.pred_return[chosen])
    return TradeGroup(
        name=name,
        trades=len(net),
        gross=float(gross.sum()),
        cost=float(gross.sum() - net.sum()),
        net=float(net.sum()),
        hit_rate=hit_rate(net),
        profit_factor=profit_factor(net),
        predicted=float((side * table.pred_return[chosen]).mean()),
        realised=float((side * table.realised_return[chosen]).mean()),
    )


def _columns(simulation: Simulation, share: float) -> dict[str, NDArray[Any]]:
    """Columns of `TradeTable` of one symbol, whose capital is a share of the whole."""
    ticks, trades = simulation.ticks, simulation.trades
    candles, at = ticks.candles, trades.decided
    settled = trades.reason == Reason.SETTLED
    ends = np.where(settled, candles.close_time_ms[trades.exited], candles.open_time_ms[trades.exited])
    return {
        "symbol": np.full(len(trades), ticks.symbol),
        "horizon": np.full(len(trades), ticks.horizon),
        "model_id": ticks.model_id[at],
        "regime": ticks.regime[at],
        "decided_ms": ticks.as_of_ms[at],
        "entered_ms": candles.open_time_ms[trades.entered],
        "exited_ms": ends,
        "reason": _REASONS[trades.reason],
        "weight": trades.units * trades.entry / simulation.equity[at],
        "pred_return": ticks.pred_return[at],
        "conf": ticks.conf[at],
        "low": ticks.interval[at, 0],
        "high": ticks.interval[at, 1],
        "realised_return": trades.realised_return,
        **{name: share * getattr(trades, name) for name in ("gross", "fee", "impact", "funding", "net")},
    }


_REASONS = np.array([reason.name.lower().replace("_", " ") for reason in Reason])
