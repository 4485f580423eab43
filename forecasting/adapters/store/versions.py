"""Every value that a candle ever had: versions, ordered by the moment this installation received them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Self

import numpy as np

from forecasting.candles import CANDLE_COLUMNS, Candles, join_candles
from forecasting.types import BoolArray, IntArray


@dataclass(frozen=True, slots=True, eq=False)
class Versions:
    """Versions of candles of one series, by open time, then by the moment they were received.

    Attributes
    ----------
    values
        One row a version, so that open times repeat.
    received_ms
        Shape (n,): when this installation received the version, epoch milliseconds UTC; 0 where nobody knows.
    source
        Shape (n,): number of the version's source in a list that is kept elsewhere.
    """

    values: Candles
    received_ms: IntArray
    source: IntArray

    def __len__(self) -> int:
        return len(self.received_ms)

    @classmethod
    def received_at(cls, candles: Candles, received_ms: int, source: int) -> Self:
        """Candles that were all received at one moment from one source."""
        rows = len(candles)
        return cls(candles, np.full(rows, received_ms, dtype=np.int64), np.full(rows, source, dtype=np.int64))

    def take(self, rows: slice | IntArray | BoolArray) -> Versions:
        """Return the chosen versions, in the order given."""
        return Versions(self.values.take(rows), self.received_ms[rows], self.source[rows])

    def in_order(self) -> Versions:
        """Return all versions by open time, then by received; of equal ones the earlier row stays first."""
        return self.take(np.lexsort((self.received_ms, self.values.open_time_ms)))

    def received_by(self, as_of_ms: int) -> Versions:
        """Return the versions that had been received at a moment."""
        return self.take(self.received_ms <= as_of_ms)

    def without_repeats(self) -> Versions:
        """Of consecutive equal versions of a candle only the earliest."""
        repeated = np.zeros(len(self), dtype=np.bool_)
        repeated[1:] = True
        for name in CANDLE_COLUMNS:
            column = getattr(self.values, name)
            repeated[1:] &= column[1:] == column[:-1]
        return self.take(~repeated)

    def newest(self) -> BoolArray:
        """Shape (n,): whether a version is the one of its candle that was received last."""
        times = self.values.open_time_ms
        last = np.ones(len(self), dtype=np.bool_)
        last[:-1] = times[1:] != times[:-1]
        return last

    def count_at(self, open_time_ms: IntArray) -> IntArray:
        """Shape of `open_time_ms`: how many versions the candle of each open time has."""
        times = self.values.open_time_ms
        right, left = (np.searchsorted(times, open_time_ms, side) for side in ("right", "left"))
        return (right - left).astype(np.int64)


def join_versions(symbol: str, interval: str, parts: Sequence[Versions]) -> Versions:
    """One table of several, one after the other."""
    nothing = np.empty(0, dtype=np.int64)
    return Versions(
        join_candles(symbol, interval, [part.values for part in parts]),
        np.concatenate([nothing, *(part.received_ms for part in parts)]),
        np.concatenate([nothing, *(part.source for part in parts)]),
    )


@dataclass(frozen=True, slots=True, eq=False)
class Block:
    """What is known of the candles of one symbol, interval and calendar block.

    Attributes
    ----------
    current
        The version of each candle that was received last.
    superseded
        All earlier versions.
    sources
        Names of the sources by their number.
    """

    current: Versions
    superseded: Versions
    sources: tuple[str, ...]

    @classmethod
    def of_versions(cls, versions: Versions, sources: tuple[str, ...]) -> Self:
        """Build from versions in order, none repeated; a source that none of them has any more is forgotten."""
        used = np.bincount(versions.source, minlength=len(sources)) > 0
        if not used.all():
            sources = tuple(name for name, kept in zip(sources, used, strict=True) if kept)
            numbers = np.cumsum(used, dtype=np.int64) - 1
            versions = replace(versions, source=numbers[versions.source])
        newest = versions.newest()
        if newest.all():
            return cls(versions, versions.take(slice(0)), sources)
        return cls(versions.take(newest), versions.take(~newest), sources)

    def versions(self, *more: Versions) -> Versions:
        """All versions in order, and more of them that were written after these."""
        values = self.current.values
        return join_versions(
            values.symbol, values.interval, [self.superseded, self.current, *more]
        ).in_order()

    def known_at(self, as_of_ms: int) -> Candles:
        """Candles as they were known at a moment; those received later are absent."""
        if not len(self.superseded):
            return self.current.received_by(as_of_ms).values
        known = self.versions().received_by(as_of_ms)
        return known.take(known.newest()).values


@dataclass(frozen=True, slots=True, eq=False)
class Amendment:
    """A block after a write, and what the write changed.

    Attributes
    ----------
    block
        The block with the new versions in their places.
    added, revised
        Candles that were not known before, and those of which another value was known.
    before, after
        The values of the revised candles: those that were current before the write, and those that were written.
    """

    block: Block
    added: int
    revised: int
    before: Candles
    after: Candles


def amend(block: Block, candles: Candles, received_ms: int, source: str) -> Amendment:
    """Put the versions of a write where their received time says, which need not be the end.

    A value that equals the one before it, or after it, is no version of its own: the earlier moment stays. That a
    value was seen once more is not remembered.
    """
    sources = block.sources if source in block.sources else (*block.sources, source)
    new = Versions.received_at(candles, received_ms, sources.index(source))
    every = block.versions(new).without_repeats()
    times = candles.open_time_ms
    known = block.superseded.count_at(times) + block.current.count_at(times)
    revised = (known > 0) & (every.count_at(times) > known)
    places = np.searchsorted(block.current.values.open_time_ms, times[revised])
    return Amendment(
        Block.of_versions(every, sources),
        int((known == 0).sum()),
        int(revised.sum()),
        block.current.values.take(places),
        candles.take(revised),
    )


def unchanged_by(current: Candles, candles: Candles) -> bool:
    """Whether every candle is there with the very same values."""
    places = np.searchsorted(current.open_time_ms, candles.open_time_ms)
    if len(candles) and (not len(current) or int(places[-1]) >= len(current)):
        return False
    return all(
        bool((getattr(current, name)[places] == getattr(candles, name)).all()) for name in CANDLE_COLUMNS
    )
