"""What a simulated strategy did: equity, figures, their intervals, and its trades by what they have in common."""

from forecasting.backtest.performance.chance import (
    ChanceFigures,
    FigureInterval,
    chance_figures,
    chance_of_difference,
)
from forecasting.backtest.performance.curve import EquityCurve, day_returns, equity_curve, month_returns
from forecasting.backtest.performance.figures import Performance, performance
from forecasting.backtest.performance.table import (
    Grouping,
    TradeGroup,
    TradeTable,
    group_trades,
    trade_table,
)

__all__ = [
    "ChanceFigures",
    "EquityCurve",
    "FigureInterval",
    "Grouping",
    "Performance",
    "TradeGroup",
    "TradeTable",
    "chance_figures",
    "chance_of_difference",
    "day_returns",
    "equity_curve",
    "group_trades",
    "month_returns",
    "performance",
    "trade_table",
]
