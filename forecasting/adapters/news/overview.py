"""What news is stored: how much of what kind, which time it covers, and the newest of it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from forecasting.adapters.store.event_store import EventStore, StoredEvent
from forecasting.types import utc_iso


@dataclass(frozen=True, slots=True)
class EventOverview:
    """Stored events of all markets, or those that concern one.

    Attributes
    ----------
    events
        How many there are.
    first, last
        Timestamps of the first and last, ISO 8601 UTC; empty without events.
    coverage
        Spans in which they are complete, as pairs of ISO 8601 UTC.
    ai_related, whole_market
        How many are about AI, and how many name no symbol, so that they concern every market.
    sources, categories, symbols
        How many by publisher, by the publisher's category, and by what they concern, the commonest first.
    newest
        The latest ones, newest first.
    """

    events: int
    first: str
    last: str
    coverage: tuple[tuple[str, str], ...]
    ai_related: int
    whole_market: int
    sources: dict[str, int]
    categories: dict[str, int]
    symbols: dict[str, int]
    newest: tuple[StoredEvent, ...]


def event_overview(events: EventStore, symbol: str | None, limit: int) -> EventOverview:
    """Sum up stored events.

    Parameters
    ----------
    symbol
        A market, as in `BTC/USDT`, or a base currency; None sums up all.
    limit
        How many of the newest to list.
    """
    found = list(events.find(symbol))
    records = [each.record for each in found]
    edges = [utc_iso(record.timestamp_ms) for record in (*records[:1], *records[-1:])] or ["", ""]
    return EventOverview(
        len(found),
        edges[0],
        edges[1],
        tuple((utc_iso(span.from_ms), utc_iso(span.until_ms)) for span in events.coverage()),
        sum(record.ai_related for record in records),
        sum(not record.symbols for record in records),
        _counted(record.source for record in records),
        _counted(record.category for record in records),
        _counted(each for record in records for each in record.symbols),
        tuple(reversed(found[-limit:])),
    )


def _counted(words: Iterable[str]) -> dict[str, int]:
    return dict(Counter(words).most_common())
