"""Documents newest first, a page at a time, without parting what happened in one millisecond."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from forecasting.adapters.store.port import Document, DocumentStore, Equal, Span


@dataclass(frozen=True, slots=True)
class Asked:
    """What a page is cut from.

    Attributes
    ----------
    collection, field
        Where the documents are, and the integer field that orders them: epoch milliseconds UTC.
    equal
        What is searched by; None asks for all.
    keep
        Which of those found are wanted, by what the collection is not searched by.
    """

    collection: str
    field: str
    equal: Equal | None = None
    keep: Callable[[Document], bool] = lambda _: True


@dataclass(frozen=True, slots=True)
class Page:
    """Documents, the newest first, without the fields that hold bytes.

    Attributes
    ----------
    documents
        As many as were asked for, or more where several share the moment of the last.
    next_before_ms
        What asks for those that follow, epoch milliseconds UTC; None where none do.
    """

    documents: tuple[dict[str, Any], ...]
    next_before_ms: int | None


def newest_page(store: DocumentStore, asked: Asked, before_ms: int | None, limit: int) -> Page:
    """Return the newest documents that happened before a moment.

    Parameters
    ----------
    store, asked
        What is read.
    before_ms
        Epoch milliseconds UTC, not included; None begins with the newest.
    limit
        How many, 1 or more.

    Raises
    ------
    StoreUnavailable
        The store cannot be read.
    """
    found: list[dict[str, Any]] = []
    for each in _newest(store, asked, before_ms, limit + 1):
        # The page ends between two moments, so that asking before the last one loses nothing.
        if len(found) >= limit and each[asked.field] != found[-1][asked.field]:
            return Page(tuple(found), found[-1][asked.field])
        found.append(each)
    return Page(tuple(found), None)


def _newest(
    store: DocumentStore, asked: Asked, before_ms: int | None, chunk: int
) -> Iterator[dict[str, Any]]:
    """Read chunk by chunk: a filter that the store does not know may need many."""
    stop_ms = before_ms
    while True:
        found = _read(store, asked, Span(asked.field, None, stop_ms), chunk)
        whole = len(found) < chunk
        if not whole:
            stop_ms = int(found[-1][asked.field])
            found = [each for each in found if each[asked.field] != stop_ms]
            found += _read(store, asked, Span(asked.field, stop_ms, stop_ms + 1), None)
        yield from filter(asked.keep, found)
        if whole:
            return


def _read(store: DocumentStore, asked: Asked, span: Span, limit: int | None) -> list[dict[str, Any]]:
    found = store.find(
        asked.collection, asked.equal, span, sort=asked.field, descending=True, limit=limit, blobs=False
    )
    return list(found)
