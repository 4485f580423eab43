"""One pass over the ticks of a symbol: fill at the open, mark at the close, decide for the next open.

No look-ahead by construction: the pass at tick t reads row t of each column and nothing else, and what it decides at
the close of candle t is filled at the open of the next candle there is.
"""

from __future__ import annotations

import math
from typing import NamedTuple

from forecasting.backtest.engine.book import (
    FUNDING,
    NEVER,
    Book,
    Fill,
    begin_trade,
    cost_of,
    end_trade,
    write_order,
)
from forecasting.backtest.engine.rule import KEEP, Reason, RuleNumbers, signal, wanted_side, weight
from forecasting.features.compilation import compiled
from forecasting.types import HOUR_MS, FloatArray, IntArray

FUNDING_MS = 8 * HOUR_MS
_RUINED, _SETTLED = int(Reason.CAPITAL_GONE), int(Reason.SETTLED)


class TickColumns(NamedTuple):
    """Columns of `Ticks` for compiled code, each of shape (n,) and contiguous."""

    open_time_ms: IntArray
    open: FloatArray
    close: FloatArray
    pred_return: FloatArray
    conf: FloatArray
    volatility: FloatArray


class Order(NamedTuple):
    """What was decided at a close and waits for the next open.

    Attributes
    ----------
    decided
        The tick; `NEVER` when nothing waits.
    target
        Units that are wanted.
    why
        Number of the `Reason` why a held trade ends.
    """

    decided: int
    target: float
    why: int


@compiled
def run_ticks(
    ticks: TickColumns,
    interval_ms: int,
    look_ahead_ms: int,
    rule: RuleNumbers,
    capital: float,
    book: Book,
    equity: FloatArray,
    units: FloatArray,
) -> tuple[int, int]:
    """Trade all ticks and give the numbers of orders and of trades.

    `equity` and `units`, shape (n,), become what there is at each close, after settling at the last. What is still held at
    the last close is settled there at the usual costs: a series ends because the run does or because the symbol was
    delisted, and neither was known before.
    """
    opened_ms, opens, closes, pred_return, conf, volatility = ticks
    count, closed_ms, due_ms = len(opens), opened_ms[0], opened_ms[0]
    cash, held, orders, trades = capital, 0.0, 0, 0
    order = Order(NEVER, 0.0, 0)
    for at in range(count):
        cash -= _fund(book, trades, held, opens[at], opened_ms[at] - closed_ms, rule)
        if order.decided != NEVER:
            taken, orders, trades = _fill(book, orders, trades, held, order, at, opens[at], rule)
            cash, held = cash - taken, order.target
        cash -= _fund(book, trades, held, opens[at], interval_ms, rule)
        closed_ms = opened_ms[at] + interval_ms
        equity[at], units[at] = cash + held * closes[at], held
        share = weight(pred_return[at], conf[at], volatility[at], rule)
        full = share * equity[at] / closes[at]
        said = signal(pred_return[at], conf[at], rule)
        order = _decide(at, held, equity[at], said, full, closed_ms >= due_ms, rule)
        if order.decided != NEVER:
            due_ms = closed_ms + look_ahead_ms
    if order.decided != NEVER and order.target != held:
        _unfilled(book, orders, held, order)
        orders += 1
    if held != 0.0:
        last = Order(count - 1, 0.0, _SETTLED)
        taken, orders, trades = _fill(book, orders, trades, held, last, count - 1, closes[-1], rule)
        equity[-1], units[-1] = cash - taken, 0.0
    return orders, trades


@compiled
def _decide(
    at: int, held: float, equity: float, said: float, full: float, over: bool, rule: RuleNumbers
) -> Order:
    """Order for the next open; `full` is the size that the forecast of this close asks for, in units."""
    if equity <= 0.0:
        return Order(NEVER if held == 0.0 else at, 0.0, _RUINED)
    side = 0 if held == 0.0 else int(math.copysign(1.0, held))
    wanted, why = wanted_side(side, said, over, rule)
    if wanted == KEEP:
        return Order(NEVER, 0.0, why)
    target = wanted * full
    if wanted == side and abs(target - held) <= rule.resize_band * abs(held):
        target = held
    return Order(NEVER if target == 0.0 and held == 0.0 else at, target, why)


@compiled
def _fund(book: Book, trades: int, held: float, price: float, span_ms: int, rule: RuleNumbers) -> float:
    """Charge the open trade for what holding costs over a span, long or short alike."""
    if held == 0.0 or rule.funding == 0.0 or span_ms == 0:
        return 0.0
    paid = abs(held) * price * rule.funding * (span_ms / FUNDING_MS)
    book.trade_values[trades, FUNDING] += paid
    return paid


@compiled
def _fill(
    book: Book, orders: int, trades: int, held: float, order: Order, at: int, price: float, rule: RuleNumbers
) -> tuple[float, int, int]:
    """Fill an order: the held trade ends, the wanted one begins, the difference is traded.

    Returns
    -------
    tuple
        What it takes from the cash, and the numbers of orders and trades.
    """
    filled = cost_of(held, order.target, price, rule)
    if held != 0.0:
        end_trade(
            book.trade_ticks[trades], book.trade_values[trades], order.decided, order.why, at, price, filled
        )
        trades += 1
    if order.target != 0.0:
        begin_trade(
            book.trade_ticks[trades],
            book.trade_values[trades],
            order.decided,
            at,
            order.target,
            price,
            filled,
        )
    if order.target != held:
        write_order(
            book.order_ticks[orders],
            book.order_values[orders],
            order.decided,
            at,
            order.target - held,
            price,
            filled,
        )
        orders += 1
    return filled.cash, orders, trades


@compiled
def _unfilled(book: Book, orders: int, held: float, order: Order) -> None:
    """Keep the order that the last close gave: no open fills it."""
    write_order(
        book.order_ticks[orders],
        book.order_values[orders],
        order.decided,
        NEVER,
        order.target - held,
        math.nan,
        Fill(0.0, 0.0, 0.0, 0.0),
    )
