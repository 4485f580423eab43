"""Backtest candidate and baseline forecasts through the same rule, over the same rows, at the same costs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from forecasting.backtest.trading import ThresholdRule, TradePath, rule_signals, trade
from forecasting.candles import Candles
from forecasting.dataset import Dataset
from forecasting.errors import UnknownSymbol
from forecasting.evaluation.columns import ForecastColumns, judged_rows


@dataclass(frozen=True, slots=True)
class SymbolResult:
    """What the rule earned in one symbol over all rows; fractions of one unit, summed and not compounded.

    Attributes
    ----------
    symbol
        Unified market name.
    pnl, gross, cost
        Profit after costs, before costs, and the costs.
    turnover
        Sum of the absolute changes of position, in units.
    trades
        Number of opens at which the position changed.
    exposure
        Mean absolute position over the candles between the first open and the last, in [0, 1].
    """

    symbol: str
    pnl: float
    gross: float
    cost: float
    turnover: float
    trades: int
    exposure: float


@dataclass(frozen=True, slots=True)
class BacktestResult:
    """What the rule earned, averaged over symbols with one unit of capital each (`trades` is the sum).

    All numbers are NaN when there was no row or a forecast was not finite: never a silent zero.
    """

    pnl: float
    gross: float
    cost: float
    turnover: float
    trades: int
    exposure: float
    symbols: tuple[SymbolResult, ...]


@dataclass(frozen=True, slots=True)
class StrategyComparison:
    """The same rule at the same costs over the same rows, on candidate and baseline forecasts."""

    strategy: BacktestResult
    baseline: BacktestResult

    @property
    def uplift(self) -> float:
        """Profit of the strategy above that of the baseline, a fraction of one unit of capital."""
        return self.strategy.pnl - self.baseline.pnl


def compare_strategies(
    candles: Mapping[str, Candles],
    rows: Dataset,
    candidate: ForecastColumns,
    baseline: ForecastColumns,
    rule: ThresholdRule,
) -> StrategyComparison:
    """Trade candidate and baseline forecasts on the rows that neither was fitted on (`judged_rows`).

    Parameters
    ----------
    candles
        Candles of the horizon's base interval by symbol, at least from the first row to the last label end.
    rows
        Test rows, ordered by as_of.
    candidate, baseline
        One forecast for each row.
    rule
        When to act, and the costs of both.

    Raises
    ------
    UnknownSymbol, InvalidCandles, NotEnoughHistory
        As in `backtest`.
    """
    judged = judged_rows(rows, [candidate, baseline])
    results = (
        backtest(candles, rows.take(judged), each.take(judged), rule) for each in (candidate, baseline)
    )
    return StrategyComparison(*results)


def backtest(
    candles: Mapping[str, Candles], rows: Dataset, forecasts: ForecastColumns, rule: ThresholdRule
) -> BacktestResult:
    """Trade the forecasts of all rows; which rows are fair to trade is the caller's to say.

    Raises
    ------
    UnknownSymbol
        Candles of a symbol that has rows are not given.
    InvalidCandles
        The rows of a symbol do not lie on the grid of its candles.
    NotEnoughHistory
        Fewer than two candles open between the first row and the last label end of a symbol.
    """
    signals = rule_signals(forecasts, rule)
    results = tuple(
        _symbol_result(symbol, trade(_of(candles, symbol), part, signals[chosen], rule.cost_bps))
        for number, symbol in enumerate(rows.symbols)
        if len(part := rows.take(chosen := rows.symbol == number))
    )
    return BacktestResult(
        pnl=_mean([each.pnl for each in results]),
        gross=_mean([each.gross for each in results]),
        cost=_mean([each.cost for each in results]),
        turnover=_mean([each.turnover for each in results]),
        trades=sum(each.trades for each in results),
        exposure=_mean([each.exposure for each in results]),
        symbols=results,
    )


def _of(candles: Mapping[str, Candles], symbol: str) -> Candles:
    try:
        return candles[symbol]
    except KeyError:
        raise UnknownSymbol(
            f"{symbol} has rows to trade but only candles of {', '.join(candles) or 'no symbol'} were given"
        ) from None


def _mean(values: list[float]) -> float:
    return float(np.mean(values)) if values else float("nan")


def _symbol_result(symbol: str, path: TradePath) -> SymbolResult:
    changes = np.abs(np.diff(path.position, prepend=0.0))
    return SymbolResult(
        symbol=symbol,
        pnl=float(path.net.sum()),
        gross=float(path.gross.sum()),
        cost=float(path.cost.sum()),
        turnover=float(changes.sum()),
        trades=int(np.count_nonzero(changes)),
        exposure=float(np.abs(path.position[:-1]).mean()),
    )
