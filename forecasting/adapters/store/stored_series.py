"""What is stored of each series, told from the blocks' documents without reading their candles."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from forecasting.adapters.store import blocks
from forecasting.candles import find_gaps
from forecasting.planning import SeriesSpan
from forecasting.types import interval_ms

Document = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class StoredSeries:
    """What is stored of one symbol and interval.

    Attributes
    ----------
    span
        First, last and number of its candles.
    gaps, absent
        Runs of absent candles between the first and the last, and how many candles those are.
    revisions
        Values that were superseded by later ones; all of them are kept.
    sources
        Who gave the values that are kept, in order; the empty name stands for sources that nobody noted.
    size_bytes
        Compressed size in the store, old values included.
    """

    span: SeriesSpan
    gaps: int
    absent: int
    revisions: int
    sources: tuple[str, ...]
    size_bytes: int

    def age_ms(self, now_ms: int) -> int:
        """Milliseconds since the last candle closed; negative only by a clock that is behind."""
        return now_ms - self.span.end_ms

    def bars_behind(self, now_ms: int) -> int:
        """How many candles have closed since the last one that is stored."""
        return max(0, self.age_ms(now_ms) // interval_ms(self.span.interval))


def span_of(documents: Sequence[Document]) -> SeriesSpan:
    """Span of the blocks of one series."""
    first = min(documents, key=lambda each: each["start_ms"])
    last_ms = max(int(each["last_ms"]) for each in documents)
    rows = sum(int(each["rows"]) for each in documents)
    return SeriesSpan(first["symbol"], first["interval"], int(first["start_ms"]), last_ms, rows)


def describe_series(documents: Iterable[Document], fetch: Callable[[str], Document]) -> StoredSeries:
    """Describe the blocks of one series; a block that an older Foretick wrote is fetched whole by its id."""
    own = [
        each if "bytes" in each else _described(fetch(each["_id"]))
        for each in sorted(documents, key=lambda each: int(each["start_ms"]))
    ]
    span, step_ms = span_of(own), interval_ms(own[0]["interval"])
    between = sum(
        int(later["start_ms"]) - int(earlier["last_ms"]) > step_ms for earlier, later in pairwise(own)
    )
    return StoredSeries(
        span,
        sum(int(each["gaps"]) for each in own) + between,
        (span.end_ms - span.first_open_ms) // step_ms - span.rows,
        sum(int(each["revisions"]) for each in own),
        tuple(sorted({name for each in own for name in each["sources"]})),
        sum(int(each["bytes"]) for each in own),
    )


def _described(document: Document) -> Document:
    candles = blocks.decode(document)
    facts = {"gaps": len(find_gaps(candles)), "revisions": 0, "sources": [""]}
    return {**facts, "bytes": len(document[blocks.PAYLOAD]), **document}
