"""Which spans of time the stored events are complete in, and since when this installation knows that."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from typing import NamedTuple

from forecasting.adapters.store.collections import EVENT_COVERAGE
from forecasting.adapters.store.older_events import LONG_AGO_MS
from forecasting.adapters.store.port import ID, DocumentStore
from forecasting.documents import canonical_json


class CoveredSpan(NamedTuple):
    """A closed span [from_ms, until_ms], epoch milliseconds UTC."""

    from_ms: int
    until_ms: int


def join_spans(spans: Iterable[tuple[int, int]]) -> tuple[CoveredSpan, ...]:
    """Fewest spans that cover the same moments, oldest first; what lies apart stays apart.

    Examples
    --------
    >>> join_spans([(20, 30), (0, 4), (5, 9), (25, 40)])
    (CoveredSpan(from_ms=0, until_ms=9), CoveredSpan(from_ms=20, until_ms=40))
    """
    joined: list[CoveredSpan] = []
    for from_ms, until_ms in sorted(spans):
        if joined and from_ms <= joined[-1].until_ms + 1:
            joined[-1] = CoveredSpan(joined[-1].from_ms, max(joined[-1].until_ms, until_ms))
        else:
            joined.append(CoveredSpan(from_ms, until_ms))
    return tuple(joined)


class EventCoverage:
    """Covered spans over a `DocumentStore`: one document a delivery, never changed."""

    def __init__(self, store: DocumentStore) -> None:
        self._store = store

    def add(self, span: CoveredSpan, origin: str, received_ms: int) -> None:
        """Remember that everything in a span was delivered; nothing is written when that was known by then."""
        known = self.spans(received_ms)
        if any(each.from_ms <= span.from_ms and span.until_ms <= each.until_ms for each in known):
            return
        facts = {
            "from_ms": span.from_ms,
            "until_ms": span.until_ms,
            "received_ms": received_ms,
            "origin": origin,
        }
        document = {ID: hashlib.sha256(canonical_json(facts)).hexdigest(), **facts}
        self._store.put_new(EVENT_COVERAGE, [document])

    def spans(self, as_of_ms: int | None = None) -> tuple[CoveredSpan, ...]:
        """Spans that were known to be complete at a moment of this installation's clock; None is now."""
        return join_spans(
            (int(each["from_ms"]), int(each["until_ms"]))
            for each in self._store.find(EVENT_COVERAGE)
            if as_of_ms is None or each.get("received_ms", LONG_AGO_MS) <= as_of_ms
        )

    def receipts(self) -> set[int]:
        """Moments at which anything about coverage was received, epoch milliseconds UTC."""
        return {int(each.get("received_ms", LONG_AGO_MS)) for each in self._store.find(EVENT_COVERAGE)}
