"""The engine: a strategy's orders, trades and equity over the ticks of one symbol, in one compiled pass."""

from forecasting.backtest.engine.rule import Reason, RuleNumbers
from forecasting.backtest.engine.simulation import CAPITAL, Simulation, simulate, tick_columns
from forecasting.backtest.engine.ticks import IssuedForecasts, Ticks, lay_ticks
from forecasting.backtest.engine.trades import UNFILLED, Orders, Trades

__all__ = [
    "CAPITAL",
    "UNFILLED",
    "IssuedForecasts",
    "Orders",
    "Reason",
    "RuleNumbers",
    "Simulation",
    "Ticks",
    "Trades",
    "lay_ticks",
    "simulate",
    "tick_columns",
]
