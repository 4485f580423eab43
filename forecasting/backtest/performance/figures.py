"""What a strategy did, in figures; a year has 365 days, for the market never closes.

References
----------
Sortino and van der Meer (1991), Downside risk, Journal of Portfolio Management 17(4). Young (1991), Calmar ratio,
Futures magazine.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from forecasting.backtest.engine import CAPITAL, Simulation
from forecasting.backtest.performance.curve import EquityCurve, day_returns, equity_curve
from forecasting.backtest.strategies import YEAR_MS
from forecasting.types import FloatArray

YEAR_DAYS = 365


@dataclass(frozen=True, slots=True)
class Performance:
    """Figures of one run; those that cannot be told, as a ratio to nothing, are NaN.

    Attributes
    ----------
    pnl
        Profit after costs, a fraction of the capital.
    gross
        Profit before costs, a fraction of the capital; the positions are those that the costs left money for.
    cost_drag
        All costs, a fraction of the capital: `gross - pnl`.
    cagr
        Growth a year that compounds to the profit. A short run makes it large: look at the days.
    volatility
        Standard deviation of the returns from day to day, of a year.
    sharpe, sortino
        Mean return from day to day over its deviation, and over that of the losses alone, of a year.
    max_drawdown
        Largest loss since a highest equity, over all closes, a fraction of that equity.
    calmar
        `cagr` over `max_drawdown`.
    turnover
        Traded money over equity, summed over all orders, mean over symbols.
    exposure
        Mean over the closes of held money over equity.
    trades
        Their number.
    hit_rate
        Share of trades that earned more than they cost.
    profit_factor
        What those earned over what the others lost.
    days
        Days from the first open to the last close, each begun one whole.
    """

    pnl: float
    gross: float
    cost_drag: float
    cagr: float
    volatility: float
    sharpe: float
    sortino: float
    max_drawdown: float
    calmar: float
    turnover: float
    exposure: float
    trades: int
    hit_rate: float
    profit_factor: float
    days: int


def performance(simulations: Sequence[Simulation], curve: EquityCurve | None = None) -> Performance:
    """Figures of one or several symbols, each with one unit of capital.

    Parameters
    ----------
    simulations
        At least one.
    curve
        Their equity, where it is known already.

    Raises
    ------
    NotEnoughHistory
        There is no simulation.
    """
    curve = equity_curve(simulations) if curve is None else curve
    returns = day_returns(curve)[1]
    net = np.concatenate([each.trades.net for each in simulations])
    cost = float(sum(each.trades.cost.sum() for each in simulations)) / len(simulations)
    pnl, drawdown = float(curve.equity[-1]) - CAPITAL, float(curve.drawdown.max(initial=0.0))
    growth = yearly_growth(curve)
    return Performance(
        pnl=pnl,
        gross=pnl + cost,
        cost_drag=cost,
        cagr=growth,
        volatility=yearly_volatility(returns),
        sharpe=sharpe(returns),
        sortino=sortino(returns),
        max_drawdown=drawdown,
        calmar=_ratio(growth, drawdown),
        turnover=float(np.mean([turnover(each) for each in simulations])),
        exposure=float(curve.exposure.mean()),
        trades=len(net),
        hit_rate=hit_rate(net),
        profit_factor=profit_factor(net),
        days=len(returns),
    )


def yearly_growth(curve: EquityCurve) -> float:
    """Growth a year that compounds to the last equity, a fraction; -1 when nothing is left."""
    years = (int(curve.time_ms[-1]) - curve.start_ms) / YEAR_MS
    left = float(curve.equity[-1])
    if left <= 0:
        return -1.0
    try:
        return math.pow(left / CAPITAL, 1 / years) - 1.0
    except OverflowError:  # a few minutes of luck, made a year of
        return math.nan


def yearly_volatility(returns: FloatArray) -> float:
    """Sample standard deviation of returns a day, of a year; NaN for fewer than two."""
    return float(returns.std(ddof=1)) * math.sqrt(YEAR_DAYS) if len(returns) > 1 else math.nan


def sharpe(returns: FloatArray) -> float:
    """Sharpe ratio of returns a day, of a year, nothing taken for the free rate; NaN where they do not move."""
    return _ratio(float(returns.mean()) * YEAR_DAYS, yearly_volatility(returns))


def sortino(returns: FloatArray) -> float:
    """Mean return a day over the root mean square of the losses, of a year; NaN without a loss."""
    losses = math.sqrt(float(np.square(np.minimum(returns, 0.0)).mean()))
    return _ratio(float(returns.mean()) * math.sqrt(YEAR_DAYS), losses)


def turnover(simulation: Simulation) -> float:
    """Traded money over the equity at the close that ordered it, summed over the orders that were filled."""
    orders = simulation.orders
    filled = orders.filled >= 0
    money = np.abs(orders.units[filled]) * orders.price[filled]
    # A settlement rewrites the equity of its close, which then lacks its own cost.
    equity = simulation.equity[orders.decided[filled]]
    return float(np.divide(money, equity, out=np.zeros(len(money)), where=equity > 0).sum())


def hit_rate(net: FloatArray) -> float:
    """Share of profits above zero; NaN without a trade."""
    return float((net > 0).mean()) if len(net) else math.nan


def profit_factor(net: FloatArray) -> float:
    """Sum of the profits over the sum of the losses; NaN without a loss."""
    return _ratio(float(net[net > 0].sum()), float(-net[net < 0].sum()))


def _ratio(above: float, below: float) -> float:
    return above / below if below > 0 else math.nan
