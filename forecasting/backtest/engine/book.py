"""The rows that a simulation writes, and the arithmetic of a fill: compiled.

Money moves in three ways only: a fill, funding, and the settlement at the end, which is a fill too. So the profits of
all trades add up to the change of the equity.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from forecasting.backtest.engine.rule import RuleNumbers
from forecasting.features.compilation import compiled
from forecasting.types import FloatArray, IntArray

NEVER = -1
# Columns of `Book.order_ticks` and `Book.order_values`.
DECIDED, FILLED = 0, 1
BOUGHT, ASKED, ORDER_FEE, ORDER_IMPACT = 0, 1, 2, 3
# Columns of `Book.trade_ticks` and `Book.trade_values`; DECIDED is the first of the ticks.
ENTERED, EXIT_DECIDED, EXITED, REASON = 1, 2, 3, 4
HELD, ENTRY, EXIT, FEE, IMPACT, FUNDING = 0, 1, 2, 3, 4, 5


class Book(NamedTuple):
    """Rows of columns that are named above; the trade that is open is the row after the last."""

    order_ticks: IntArray
    order_values: FloatArray
    trade_ticks: IntArray
    trade_values: FloatArray


class Fill(NamedTuple):
    """What a fill costs, and how it falls on the trade that ends and on the one that begins.

    Attributes
    ----------
    cash
        What is taken from the cash, negative when it grows.
    fee, impact
        Paid for the whole of it.
    leaving
        Share of both that the ending trade pays, in [0, 1].
    """

    cash: float
    fee: float
    impact: float
    leaving: float


def open_book(ticks: int) -> Book:
    """Give room for one order and one trade at each tick and at the end."""
    rows = ticks + 2
    return Book(
        np.empty((rows, 2), dtype=np.int64),
        np.empty((rows, 4)),
        np.empty((rows, 5), dtype=np.int64),
        np.empty((rows, 6)),
    )


@compiled
def cost_of(held: float, wanted: float, price: float, rule: RuleNumbers) -> Fill:
    """Cost of changing a position at a price: only the difference is traded."""
    bought = wanted - held
    size = abs(bought)
    if size == 0.0:
        return Fill(0.0, 0.0, 0.0, 0.0)
    paid = price * (1.0 + rule.impact if bought > 0.0 else 1.0 - rule.impact)
    fee = size * paid * rule.fee
    turned = held * wanted <= 0.0
    leaving = abs(held) if turned else max(abs(held) - abs(wanted), 0.0)
    return Fill(bought * paid + fee, fee, size * price * rule.impact, leaving / size)


@compiled
def end_trade(
    ticks: IntArray, values: FloatArray, decided: int, why: int, at: int, price: float, filled: Fill
) -> None:
    """Complete the row of a trade; `ticks` and `values` are its columns."""
    ticks[EXIT_DECIDED] = decided
    ticks[EXITED] = at
    ticks[REASON] = why
    values[EXIT] = price
    values[FEE] += filled.fee * filled.leaving
    values[IMPACT] += filled.impact * filled.leaving


@compiled
def begin_trade(
    ticks: IntArray, values: FloatArray, decided: int, at: int, units: float, price: float, filled: Fill
) -> None:
    """Begin the row of a trade; `ticks` and `values` are its columns."""
    ticks[DECIDED] = decided
    ticks[ENTERED] = at
    values[HELD] = units
    values[ENTRY] = price
    values[FEE] = filled.fee * (1.0 - filled.leaving)
    values[IMPACT] = filled.impact * (1.0 - filled.leaving)
    values[FUNDING] = 0.0


@compiled
def write_order(
    ticks: IntArray, values: FloatArray, decided: int, at: int, bought: float, price: float, filled: Fill
) -> None:
    """Write the row of an order; `ticks` and `values` are its columns."""
    ticks[DECIDED] = decided
    ticks[FILLED] = at
    values[BOUGHT] = bought
    values[ASKED] = price
    values[ORDER_FEE] = filled.fee
    values[ORDER_IMPACT] = filled.impact
