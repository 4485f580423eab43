"""The one alert of a write that revises candles, kept before the blocks are."""

from __future__ import annotations

import sys
from dataclasses import dataclass, replace

import numpy as np

from forecasting.adapters.store.alerts import Alert, AlertBook, new_alert
from forecasting.adapters.store.versions import Amendment
from forecasting.candles import PRICE_COLUMNS, Candles

REVISION = "revision"


@dataclass(frozen=True, slots=True)
class _Revised:
    """What is revised in one block."""

    candles: int
    first_open_ms: int
    last_open_ms: int
    largest_price_change: float


class RevisionAlert:
    """Alert of the revisions of one write.

    It is written before each block that revises: a process that dies between the two leaves an alert too many,
    never one too few. The same write repeated then raises it again.
    """

    def __init__(self, book: AlertBook, symbol: str, interval: str, source: str) -> None:
        self._book = book
        self._alert = new_alert(REVISION, {"symbol": symbol, "interval": interval, "source": source})
        self._blocks: dict[str, _Revised] = {}

    def expect(self, block: str, amendment: Amendment) -> None:
        """Tell of what is about to be revised in a block, in place of what was told of that block before."""
        if amendment.revised:
            self._blocks[block] = _revised(amendment)
            self._book.keep(self._told())
        else:
            self.forget(block)

    def forget(self, block: str) -> None:
        """Nothing of the block is revised after all: another writer was first."""
        if self._blocks.pop(block, None) is None:
            return
        if self._blocks:
            self._book.keep(self._told())
        else:
            self._book.withdraw(self._alert)

    def announce(self) -> None:
        """Log what was revised, if anything was."""
        if self._blocks:
            self._book.announce(self._told())

    def _told(self) -> Alert:
        blocks = self._blocks.values()
        facts = {
            **self._alert.facts,
            "candles": sum(each.candles for each in blocks),
            "first_open_ms": min(each.first_open_ms for each in blocks),
            "last_open_ms": max(each.last_open_ms for each in blocks),
            "largest_price_change": max(each.largest_price_change for each in blocks),
        }
        return replace(self._alert, facts=facts)


def _revised(amendment: Amendment) -> _Revised:
    times = amendment.after.open_time_ms
    change = largest_price_change(amendment.before, amendment.after)
    return _Revised(len(times), int(times[0]), int(times[-1]), change)


def largest_price_change(before: Candles, after: Candles) -> float:
    """Largest change of any price of the same candles, as a share of the price before; 0 where only volumes differ."""
    with np.errstate(over="ignore"):
        changes = [np.abs(getattr(after, name) / getattr(before, name) - 1) for name in PRICE_COLUMNS]
    return min(float(np.max(changes)), sys.float_info.max)
