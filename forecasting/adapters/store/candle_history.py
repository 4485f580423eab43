"""Every version of stored candles: what was known, from when, until when, and who said so."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray

from forecasting.adapters.store.versions import Block
from forecasting.candles import Candles, join_candles
from forecasting.types import BoolArray, IntArray

NEVER_MS = int(np.iinfo(np.int64).max)


@dataclass(frozen=True, slots=True, eq=False)
class CandleHistory:
    """Versions of candles, by open time, then by the moment they were received.

    Attributes
    ----------
    values
        One row a version, so that open times repeat where a candle was revised.
    received_ms
        Shape (n,): when this installation received the version, epoch milliseconds UTC; 0 where nobody knows.
    superseded_ms
        Shape (n,): when the next version of the candle was received, epoch milliseconds UTC; `NEVER_MS` for the
        current one.
    source
        Shape (n,), text: who gave the version; empty where nobody knows.
    """

    values: Candles
    received_ms: IntArray
    superseded_ms: IntArray
    source: NDArray[np.str_]

    def __len__(self) -> int:
        return len(self.received_ms)

    @property
    def current(self) -> BoolArray:
        """Shape (n,): whether no later version superseded this one."""
        return np.asarray(self.superseded_ms == NEVER_MS)

    @classmethod
    def of_block(cls, block: Block) -> Self:
        """All versions of a block."""
        versions = block.versions()
        superseded_ms = np.full(len(versions), NEVER_MS, dtype=np.int64)
        replaced = np.flatnonzero(~versions.newest())
        superseded_ms[replaced] = versions.received_ms[replaced + 1]
        names = np.array(block.sources, dtype=np.str_)
        return cls(versions.values, versions.received_ms, superseded_ms, names[versions.source])

    def take(self, rows: slice | IntArray | BoolArray) -> CandleHistory:
        """Return the chosen versions, in the order given."""
        return CandleHistory(
            self.values.take(rows), self.received_ms[rows], self.superseded_ms[rows], self.source[rows]
        )

    def between(self, start_ms: int | None, stop_ms: int | None) -> CandleHistory:
        """Versions of the candles that open in [start_ms, stop_ms); None leaves that side open."""
        times = self.values.open_time_ms
        first = 0 if start_ms is None else int(np.searchsorted(times, start_ms))
        last = len(times) if stop_ms is None else int(np.searchsorted(times, stop_ms))
        return self.take(slice(first, max(first, last)))

    def known_at(self, as_of_ms: int) -> CandleHistory:
        """Return the versions that counted at a moment: received by then, and not superseded by then."""
        return self.take(self.counted_at(as_of_ms))

    def counted_at(self, as_of_ms: int) -> BoolArray:
        """Shape (n,): whether each version had been received by a moment, and not been superseded by then."""
        return (self.received_ms <= as_of_ms) & (self.superseded_ms > as_of_ms)


def join_histories(symbol: str, interval: str, parts: Sequence[CandleHistory]) -> CandleHistory:
    """One table of several, one after the other."""
    nothing = np.empty(0, dtype=np.int64)
    return CandleHistory(
        join_candles(symbol, interval, [part.values for part in parts]),
        np.concatenate([nothing, *(part.received_ms for part in parts)]),
        np.concatenate([nothing, *(part.superseded_ms for part in parts)]),
        np.concatenate([np.empty(0, dtype="<U1"), *(part.source for part in parts)]),
    )
