"""What a valid table of events is: news and announcements, each with a moment, a source and its symbols."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass, field, replace
from urllib.parse import parse_qsl, urlencode, urlsplit

import numpy as np

from forecasting.errors import InputError, InvalidEvents
from forecasting.types import BoolArray, IntArray, parse_symbol

_BASE = re.compile(r"[A-Z0-9]{1,20}")


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
        What it concerns: a base currency, as in `BTC`, stands for all of its markets, a market, as in
        `BTC/USDT`, for itself; none means that it concerns them all.
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

    @property
    def identity(self) -> str:
        """What two deliveries of one event have in common.

        The address of the article where there is one, without what does not lead elsewhere (scheme, `www.`,
        fragment, `utm_` parameters, a last slash); else source, timestamp and title, whatever its capitals
        and spaces. The address of a whole site, as in https://example.org, is no article's.

        Examples
        --------
        >>> EventRecord(0, "a", "T", "http://www.x.org/n/1/?utm_source=b#top", (), False, "").identity
        'url x.org/n/1'
        >>> EventRecord(7, "Wire", " Up  again", "", (), False, "").identity
        'title 7 wire up again'
        """
        article = _article(self.url)
        return (
            f"url {article}"
            if article
            else f"title {self.timestamp_ms} {_plain(self.source)} {_plain(self.title)}"
        )

    def concerns(self, market: str) -> bool:
        """Whether the event is about a market: it names the market, its base currency, or nothing at all.

        Examples
        --------
        >>> EventRecord(0, "a", "T", "", ("BTC", "ETH/EUR"), False, "").concerns("BTC/USDT:USDT")
        True
        >>> EventRecord(0, "a", "T", "", ("BTC", "ETH/EUR"), False, "").concerns("ETH/USDT")
        False
        """
        return not self.symbols or market in self.symbols or market.split("/")[0] in self.symbols


def validate_event(record: EventRecord) -> EventRecord:
    """Return the same event when it can be stored.

    Raises
    ------
    InvalidEvents
        It names no source, or what it concerns is neither a base currency nor a market.
    """
    if not record.source.strip():
        raise InvalidEvents(f"event {record.title!r} names no source: say who published it (--source)")
    for symbol in record.symbols:
        if not _BASE.fullmatch(symbol) and _market(symbol) != symbol:
            raise InvalidEvents(
                f"event {record.title!r} concerns {symbol!r}: a base currency such as BTC or a market such as "
                f"BTC/USDT is needed"
            )
    return record


def _market(text: str) -> str | None:
    try:
        return parse_symbol(text)
    except InputError:
        return None


def _plain(text: str) -> str:
    return " ".join(unicodedata.normalize("NFKC", text).casefold().split())


def _article(url: str) -> str:
    """Host, path and query of an address; empty for none, or for a whole site's."""
    try:
        parts = urlsplit(url.strip())
    except ValueError:
        return url.strip()
    path = parts.path.rstrip("/")
    query = urlencode([each for each in parse_qsl(parts.query) if not each[0].startswith("utm_")])
    if not (path or query):
        return ""
    host = parts.netloc.casefold().removeprefix("www.")
    return f"{host}{path}" + (f"?{query}" if query else "")


def _no_holes() -> IntArray:
    return np.empty((0, 2), dtype=np.int64)


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
    holes_ms
        Shape (h, 2): where the span is interrupted, oldest first. Each row is the last moment that is covered
        and the first that is covered again; in between the count of events is unknown.
    """

    timestamp_ms: IntArray
    source: IntArray
    ai_related: BoolArray
    covered_from_ms: int
    covered_until_ms: int
    holes_ms: IntArray = field(default_factory=_no_holes)

    def __len__(self) -> int:
        return len(self.timestamp_ms)

    def before(self, moment_ms: int) -> Events:
        """Events with timestamp < moment_ms; what was covered is cut there too."""
        last = int(np.searchsorted(self.timestamp_ms, moment_ms))
        holes = self.holes_ms[self.holes_ms[:, 0] < moment_ms]
        # A moment inside a hole ends the coverage where the hole begins.
        ends = moment_ms if not len(holes) or holes[-1, 1] <= moment_ms else int(holes[-1, 0])
        return replace(
            self,
            timestamp_ms=self.timestamp_ms[:last],
            source=self.source[:last],
            ai_related=self.ai_related[:last],
            covered_until_ms=min(self.covered_until_ms, ends),
            holes_ms=holes[holes[:, 1] <= ends],
        )


def validate_events(events: Events) -> Events:
    """Return the same events when they keep the contract of `Events`.

    Raises
    ------
    InvalidEvents
        Columns of unequal length, times that decrease, holes that are no holes in the covered span, or events
        outside of what is covered.
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
    _check_holes(events)
    return events


def _check_holes(events: Events) -> None:
    edges = [events.covered_from_ms, *events.holes_ms.ravel().tolist(), events.covered_until_ms]
    lengths = np.diff(edges)
    if np.any(lengths < 0) or np.any(lengths[1::2] == 0):
        raise InvalidEvents("events: the holes do not follow each other inside the covered span")
    begins, ends = events.holes_ms[:, 0], events.holes_ms[:, 1]
    inside = np.searchsorted(events.timestamp_ms, ends) > np.searchsorted(
        events.timestamp_ms, begins, side="right"
    )
    if np.any(inside):
        raise InvalidEvents("events: some lie in a hole, where nothing is said to be covered")
