"""What a valid table of events is: news and announcements, each with a moment, a source and its symbols."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from forecasting.errors import InvalidEvents
from forecasting.types import BoolArray, IntArray


@dataclass(frozen=True, slots=True)
class EventRecord:
    """One event as a source publishes it and as the store keeps it.

    Attributes
    ----------
    timestamp_ms
        When it became public, epoch milliseconds UTC.
    source
        Name of the publisher.
    title, url
        Headline and where to read it.
    symbols
        Markets it concerns, as in `BTC/USDT`; none means that it concerns them all.
    ai_related
        Whether it is about artificial intelligence.
    category
        The publisher's own word for its kind.
    """

    timestamp_ms: int
    source: str
    title: str
    url: str
    symbols: tuple[str, ...]
    ai_related: bool
    category: str


@dataclass(frozen=True, slots=True, eq=False)
class Events:
    """Events that concern one symbol (or the whole market), oldest first.

    Attributes
    ----------
    timestamp_ms
        Shape (n,): when each became public, epoch milliseconds UTC, not decreasing.
    source
        Shape (n,): number of the publisher; equal numbers are the same publisher.
    ai_related
        Shape (n,): whether the event is about artificial intelligence.
    covered_from_ms, covered_until_ms
        The span in which the collection is complete: outside it the count of events is unknown, not zero.
    """

    timestamp_ms: IntArray
    source: IntArray
    ai_related: BoolArray
    covered_from_ms: int
    covered_until_ms: int

    def __len__(self) -> int:
        return len(self.timestamp_ms)

    def before(self, moment_ms: int) -> Events:
        """Events with timestamp < moment_ms; what was covered is cut there too."""
        last = int(np.searchsorted(self.timestamp_ms, moment_ms))
        return replace(
            self,
            timestamp_ms=self.timestamp_ms[:last],
            source=self.source[:last],
            ai_related=self.ai_related[:last],
            covered_until_ms=min(self.covered_until_ms, moment_ms),
        )


def validate_events(events: Events) -> Events:
    """Return the same events when they keep the contract of `Events`.

    Raises
    ------
    InvalidEvents
        Columns of unequal length, times that decrease, or events outside the covered span.
    """
    lengths = {len(events.timestamp_ms), len(events.source), len(events.ai_related)}
    if len(lengths) > 1:
        raise InvalidEvents(f"events: columns of unequal length {sorted(lengths)}")
    if np.any(np.diff(events.timestamp_ms) < 0):
        raise InvalidEvents("events: the timestamps decrease; oldest first is needed")
    if events.covered_from_ms > events.covered_until_ms:
        raise InvalidEvents("events: the covered span ends before it begins")
    if len(events) and not (
        events.covered_from_ms <= events.timestamp_ms[0]
        and events.timestamp_ms[-1] <= events.covered_until_ms
    ):
        raise InvalidEvents("events: some lie outside the span that is said to be covered")
    return events
