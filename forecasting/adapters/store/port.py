"""The document store's port: what Foretick asks of a database, and nothing more.

Two engines answer it, SQLite (embedded) and MongoDB (by URI), and nothing outside this folder knows which
one runs. Times are int64 epoch milliseconds, ids are strings, documents are replaced whole.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

Document = Mapping[str, Any]
Equal = Mapping[str, str | int | bool]

ID = "_id"
VERSION = "version"


@dataclass(frozen=True, slots=True)
class Collection:
    """Declares a collection, the fields it is searched by and the fields that hold bytes.

    Attributes
    ----------
    name
        As stored.
    indexes
        Each a tuple of fields: equality fields first, then at most one integer field for ranges and order.
    blobs
        Top-level fields that hold bytes; a search may leave them unread.
    """

    name: str
    indexes: tuple[tuple[str, ...], ...] = ()
    blobs: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Span:
    """Half-open range [start, stop) of an integer field; None leaves that side open."""

    field: str
    start: int | None = None
    stop: int | None = None


class DocumentStore(Protocol):
    """A set of declared collections of documents, each with a string `_id`.

    A document is JSON-like: strings, integers, finite floats, booleans, None, lists and nested documents, plus
    `bytes` in top-level fields. NaN and infinities are refused with ValueError before anything is written.
    Every method raises `StoreUnavailable` when the engine cannot be reached, read or written.
    """

    def put(self, collection: str, document: Document) -> None:
        """Write one document whole, atomically, replacing the one of the same `_id`."""
        ...

    def put_many(self, collection: str, documents: Sequence[Document]) -> None:
        """Write several documents, each atomically."""
        ...

    def get(self, collection: str, document_id: str) -> dict[str, Any] | None:
        """Return the document of that id, or None."""
        ...

    def find(
        self,
        collection: str,
        equal: Equal | None = None,
        span: Span | None = None,
        *,
        sort: str | None = None,
        descending: bool = False,
        limit: int | None = None,
        blobs: bool = True,
    ) -> Iterator[dict[str, Any]]:
        """Documents whose fields equal `equal` and lie in `span`, ordered by the field `sort`, then by `_id`.

        With `blobs` false the fields that hold bytes are left unread.
        """
        ...

    def delete(self, collection: str, document_id: str) -> bool:
        """Remove one document; False when it was not there."""
        ...

    def compare_and_set(self, collection: str, document: Document, expected_version: int | None) -> bool:
        """Write the document only if the stored one still has `expected_version` (None: if there is none yet).

        The integer field `version` of the document is the new version. False, and nothing written, when another
        writer was first.
        """
        ...

    def close(self) -> None:
        """Release connections; the store may not be used afterwards."""
        ...
