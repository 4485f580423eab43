"""Simulate a strategy over the ticks of one symbol: orders, trades and equity."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from forecasting.backtest.engine import book as column
from forecasting.backtest.engine.kernel import TickColumns, run_ticks
from forecasting.backtest.engine.rule import RuleNumbers
from forecasting.backtest.engine.ticks import Ticks
from forecasting.backtest.engine.trades import Orders, Trades
from forecasting.types import FloatArray

CAPITAL = 1.0


@dataclass(frozen=True, slots=True, eq=False)
class Simulation:
    """What a strategy did with one unit of capital in one symbol.

    Attributes
    ----------
    ticks
        What it was given, n closes.
    equity
        Shape (n,): cash and position at each close, in units of the capital; at the last, after settling.
    units
        Shape (n,): what is held at each close, in units of the base currency, negative when short.
    orders, trades
        Oldest first.
    """

    ticks: Ticks
    equity: FloatArray
    units: FloatArray
    orders: Orders
    trades: Trades

    @property
    def symbol(self) -> str:
        """Unified market name."""
        return self.ticks.symbol

    @property
    def weight(self) -> FloatArray:
        """Shape (n,): held money over equity at each close, negative when short; NaN without equity."""
        held = self.units * self.ticks.candles.close
        share: FloatArray = np.divide(
            held, self.equity, out=np.full(len(held), np.nan), where=self.equity > 0
        )
        return share

    @property
    def silent(self) -> int:
        """Number of closes without a finite forecast."""
        spoken = np.isfinite(self.ticks.pred_return) & np.isfinite(self.ticks.conf)
        return int(np.count_nonzero(~spoken))


def tick_columns(ticks: Ticks) -> TickColumns:
    """Columns of the ticks as compiled code wants them; several runs may share them."""
    candles = ticks.candles
    return TickColumns(
        np.ascontiguousarray(candles.open_time_ms, dtype=np.int64),
        *(
            np.ascontiguousarray(each, dtype=np.float64)
            for each in (candles.open, candles.close, ticks.pred_return, ticks.conf, ticks.volatility)
        ),
    )


@dataclass(frozen=True, slots=True, eq=False)
class Room:
    """Where a pass writes; it may be used for one pass after the other.

    Attributes
    ----------
    book
        Rows of orders and trades.
    equity, units
        Shape (n,): as in `Simulation`.
    """

    book: column.Book
    equity: FloatArray
    units: FloatArray

    @classmethod
    def for_ticks(cls, count: int) -> Room:
        """Room for a pass over so many ticks."""
        return cls(column.open_book(count), np.empty(count), np.empty(count))


def one_pass(ticks: Ticks, columns: TickColumns, rule: RuleNumbers, room: Room) -> tuple[int, int]:
    """Trade one symbol into a room and give the numbers of orders and trades; `columns` are those of the ticks."""
    interval_ms, look_ahead_ms = ticks.candles.interval_ms, ticks.look_ahead_ms
    orders, trades = run_ticks(
        columns, interval_ms, look_ahead_ms, rule, CAPITAL, room.book, room.equity, room.units
    )
    return orders, trades


def simulate(ticks: Ticks, rule: RuleNumbers) -> Simulation:
    """Trade one symbol.

    A decision is made at each close from the forecast of that close and what is held, and filled at the next open there
    is; in an outage an order waits and a position is carried. A forecast that is absent or not finite opens nothing and
    extends nothing; only the time and, where a position needs its signal, the lack of one may close.

    Parameters
    ----------
    ticks
        At least one.
    rule
        Numbers of a strategy and its costs.
    """
    room = Room.for_ticks(len(ticks))
    orders, trades = one_pass(ticks, tick_columns(ticks), rule, room)
    return Simulation(ticks, room.equity, room.units, _orders(room.book, orders), _trades(room.book, trades))


def _orders(written: column.Book, count: int) -> Orders:
    # Copies, for the room that was made is much larger than what is used of it.
    ticks, values = written.order_ticks[:count].T.copy(), written.order_values[:count].T.copy()
    return Orders(
        decided=ticks[column.DECIDED],
        filled=ticks[column.FILLED],
        units=values[column.BOUGHT],
        price=values[column.ASKED],
        fee=values[column.ORDER_FEE],
        impact=values[column.ORDER_IMPACT],
    )


def _trades(written: column.Book, count: int) -> Trades:
    ticks, values = written.trade_ticks[:count].T.copy(), written.trade_values[:count].T.copy()
    return Trades(
        decided=ticks[column.DECIDED],
        entered=ticks[column.ENTERED],
        exit_decided=ticks[column.EXIT_DECIDED],
        exited=ticks[column.EXITED],
        reason=ticks[column.REASON],
        units=values[column.HELD],
        entry=values[column.ENTRY],
        exit=values[column.EXIT],
        fee=values[column.FEE],
        impact=values[column.IMPACT],
        funding=values[column.FUNDING],
    )
