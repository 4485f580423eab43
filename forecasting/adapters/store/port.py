"""The document store's port: what Foretick asks of a database, and nothing more.

Two engines answer it, SQLite (embedded) and MongoDB (by URI), and nothing outside this folder knows which
one runs. Times are int64 epoch milliseconds, ids are strings, documents are replaced whole.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

Document = Mapping[str, Any]
Equal = Mapping[str, str | int]
FieldType = type[str] | type[int] | type[bytes]

ID = "_id"
VERSION = "version"


@dataclass(frozen=True, slots=True)
class Collection:
    """Declares a collection: what each of its documents has, and what it is searched by.

    Attributes
    ----------
    name
        As stored.
    fields
        Top-level fields that every document has, and what they hold: str, int or bytes. Only these, and `_id`,
        may be searched by: one type in one field makes every engine compare and order it alike.
    indexes
        Each a tuple of fields: equality fields first, then at most one integer field for ranges and order.
    unique
        Like `indexes`, and no two documents are equal in all of the fields.
    ordered
        Pairs (lesser, greater) of integer fields, or a number and a field: the first is at most the second in every
        document, and the engine itself refuses one where it is not.
    append_only
        Documents are written once: only `put_new` writes them, and nothing changes or removes them.
    """

    name: str
    fields: Mapping[str, FieldType] = field(default_factory=dict)
    indexes: tuple[tuple[str, ...], ...] = ()
    unique: tuple[tuple[str, ...], ...] = ()
    ordered: tuple[tuple[str | int, str | int], ...] = ()
    append_only: bool = False

    @property
    def blobs(self) -> tuple[str, ...]:
        """Fields that hold bytes; a search may leave them unread."""
        return tuple(name for name, kind in self.fields.items() if kind is bytes)

    def chosen_blobs(self, blobs: bool | Sequence[str]) -> tuple[str, ...]:
        """Fields that hold bytes and that a search reads, given its option; ValueError when one is not of them."""
        if isinstance(blobs, bool):
            return self.blobs if blobs else ()
        unknown = [name for name in blobs if name not in self.blobs]
        if unknown:
            raise ValueError(f"{self.name}.{unknown[0]} is not declared to hold bytes")
        return tuple(name for name in self.blobs if name in blobs)


@dataclass(frozen=True, slots=True)
class Span:
    """Half-open range [start, stop) of an integer field; None leaves that side open."""

    field: str
    start: int | None = None
    stop: int | None = None


class DocumentStore(Protocol):
    """A set of declared collections of documents, each with a string `_id`.

    A document is JSON-like: strings, integers of 64 bits, finite floats, booleans, None, lists and nested
    documents 50 levels deep at most, plus `bytes` in the fields that are declared to hold them; 15 MiB at most.
    Anything else (NaN, a declared field that is absent or of another type, a zero character in the `_id` or a
    declared text, fields out of their declared order) is refused with ValueError before anything is written, and so
    are a search by a field that is not declared and a change of an append-only collection. A field of bytes that was
    declared after a document was written is absent from that document until it is written again. Every method
    raises `StoreUnavailable` when the engine cannot be reached, read or written, or is closed.
    """

    def put(self, collection: str, document: Document) -> None:
        """Write one document whole, atomically, replacing the one of the same `_id`."""
        ...

    def put_many(self, collection: str, documents: Sequence[Document]) -> None:
        """Write several documents, each atomically."""
        ...

    def put_new(self, collection: str, documents: Sequence[Document]) -> int:
        """Write those documents whose `_id` is not there yet, each atomically; how many were written.

        Of several writers of one `_id` the first wins, and of the same one twice here the first as well.
        """
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
        blobs: bool | Sequence[str] = True,
    ) -> Iterator[dict[str, Any]]:
        """Documents whose fields equal `equal` and lie in `span`, ordered by the field `sort`, then by `_id`.

        Of the fields that hold bytes all are read, none with `blobs` false, or those that `blobs` names.
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
