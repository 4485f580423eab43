"""What a simulation writes down: the orders it gave and the trades that they made."""

from __future__ import annotations

from dataclasses import dataclass

from forecasting.types import FloatArray, IntArray

UNFILLED = -1


@dataclass(frozen=True, slots=True, eq=False)
class Orders:
    """Orders, oldest first; ticks are numbers of closes, as in `Ticks`.

    Attributes
    ----------
    decided
        Shape (k,): tick at whose close the order was given.
    filled
        Shape (k,): tick at whose open it was filled; `UNFILLED` for one that the last close gave. A position that was
        left at the end is settled at the last close: both ticks are the last.
    units
        Shape (k,): amount of base currency bought, negative when sold.
    price
        Shape (k,): open that it was filled at, before half-spread and slippage; NaN where it was not filled.
    fee, impact
        Shape (k,): what was paid as fee, and by half-spread and slippage, in units of the capital.
    """

    decided: IntArray
    filled: IntArray
    units: FloatArray
    price: FloatArray
    fee: FloatArray
    impact: FloatArray

    def __len__(self) -> int:
        return len(self.decided)


@dataclass(frozen=True, slots=True, eq=False)
class Trades:
    """Trades, oldest first: what one forecast led to, from fill to fill.

    When a horizon is over and the forecast of that close asks for the same side again, a new trade takes over the
    position at the next open; only a difference in size is traded and paid.

    Attributes
    ----------
    decided, entered
        Shape (k,): tick at whose close the trade was decided, and at whose open it began.
    exit_decided, exited
        Shape (k,): the same of its end.
    reason
        Shape (k,): numbers of `Reason`.
    units
        Shape (k,): held amount of base currency, negative when short.
    entry, exit
        Shape (k,): prices before half-spread and slippage.
    fee, impact, funding
        Shape (k,): what the trade paid, in units of the capital; a change of size is paid by the trade that shrinks or
        by the one that grows.
    """

    decided: IntArray
    entered: IntArray
    exit_decided: IntArray
    exited: IntArray
    reason: IntArray
    units: FloatArray
    entry: FloatArray
    exit: FloatArray
    fee: FloatArray
    impact: FloatArray
    funding: FloatArray

    def __len__(self) -> int:
        return len(self.decided)

    @property
    def cost(self) -> FloatArray:
        """Shape (k,): all that was paid, in units of the capital."""
        return self.fee + self.impact + self.funding

    @property
    def gross(self) -> FloatArray:
        """Shape (k,): profit before costs, in units of the capital."""
        return self.units * (self.exit - self.entry)

    @property
    def net(self) -> FloatArray:
        """Shape (k,): profit after costs; all of them add up to the change of the equity."""
        return self.gross - self.cost

    @property
    def realised_return(self) -> FloatArray:
        """Shape (k,): return of the price from entry to exit, a fraction."""
        return self.exit / self.entry - 1.0
