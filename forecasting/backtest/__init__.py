"""Forward backtest of the threshold rule: what acting on forecasts would have earned after costs."""

from forecasting.backtest.results import (
    BacktestResult,
    StrategyComparison,
    SymbolResult,
    backtest,
    compare_strategies,
)
from forecasting.backtest.trading import ThresholdRule, TradePath, rule_signals, trade

__all__ = [
    "BacktestResult",
    "StrategyComparison",
    "SymbolResult",
    "ThresholdRule",
    "TradePath",
    "backtest",
    "compare_strategies",
    "rule_signals",
    "trade",
]
