"""The embedded engine: one SQLite file, used by many processes and threads at once.

Write-ahead log and full synchronisation: an acknowledged write survives kill -9 and loss of power. Bytes stand in
a column of their own behind the text, so that a search without them does not read their pages.
"""

from __future__ import annotations

import contextlib
import sqlite3
import threading
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import orjson

from forecasting.adapters.store.collections import COLLECTIONS
from forecasting.adapters.store.documents import (
    changeable,
    check_search,
    check_size,
    checked,
    checked_version,
    declared,
)
from forecasting.adapters.store.port import ID, VERSION, Collection, Document, Equal, Span
from forecasting.adapters.store.sqlite_declaration import declaration, field_of
from forecasting.errors import StoreUnavailable

SCHEMA_VERSION = 2  # 2: candle blocks keep where each value came from, and superseded values
BUSY_SECONDS = 60.0
TRY_AGAIN_SECONDS = 0.02


class SqliteStore:
    """`DocumentStore` in one file, made with its folder when it is not there.

    Raises
    ------
    StoreUnavailable
        The file cannot be opened, read or written, or comes from a newer Foretick.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._local = threading.local()
        self._connections: list[sqlite3.Connection] = []
        self._lock = threading.Lock()
        self._closed = False
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise StoreUnavailable(
                f"the store's folder {path.parent} cannot be made ({error.strerror}): name a writable one in FORETICK_HOME"
            ) from error
        try:
            with self._errors(), self._writing() as connection:
                self._migrate(connection)
        except BaseException:
            self.close()
            raise

    def put(self, collection: str, document: Document) -> None:
        """Write one document whole."""
        self.put_many(collection, [document])

    def put_many(self, collection: str, documents: Sequence[Document]) -> None:
        """Write several documents in one transaction."""
        kind = changeable(collection)
        rows = [_row(kind, document) for document in documents]
        with self._errors(), self._writing() as connection:
            connection.executemany(_upsert(kind), rows)

    def put_new(self, collection: str, documents: Sequence[Document]) -> int:
        """Write those that are not there yet in one transaction; how many."""
        kind = declared(collection)
        rows = [_row(kind, document) for document in documents]
        if not rows:
            return 0
        with self._errors(), self._writing() as connection:
            return connection.executemany(_insert(kind) + " ON CONFLICT (id) DO NOTHING", rows).rowcount

    def get(self, collection: str, document_id: str) -> dict[str, Any] | None:
        """Return the document of that id, or None."""
        kind = declared(collection)
        query = f"SELECT {_columns(kind.blobs)} FROM {kind.name} WHERE id = ?"  # noqa: S608 - declared names
        with self._errors():
            row = self._connection().execute(query, (document_id,)).fetchone()
        return None if row is None else _document(kind.blobs, row)

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
        """Documents that match, in order."""
        kind = declared(collection)
        check_search(kind, equal or {}, span, sort, limit)
        chosen = kind.chosen_blobs(blobs)
        conditions, values = _conditions(equal or {}, span)
        way = "DESC" if descending else "ASC"
        order = f"{field_of(sort)} {way}, id {way}" if sort else f"id {way}"
        query = f"SELECT {_columns(chosen)} FROM {kind.name} {conditions} ORDER BY {order} LIMIT ?"  # noqa: S608
        with self._errors():
            rows = self._connection().execute(query, (*values, -1 if limit is None else limit)).fetchall()
        return (_document(chosen, row) for row in rows)

    def delete(self, collection: str, document_id: str) -> bool:
        """Remove one document; False when it was not there."""
        kind = changeable(collection)
        with self._errors(), self._writing() as connection:
            cursor = connection.execute(f"DELETE FROM {kind.name} WHERE id = ?", (document_id,))  # noqa: S608
        return cursor.rowcount > 0

    def compare_and_set(self, collection: str, document: Document, expected_version: int | None) -> bool:
        """Write the document if the stored version is the expected one."""
        kind = changeable(collection)
        checked_version(document)
        row = _row(kind, document)
        query = f"SELECT {field_of(VERSION)} FROM {kind.name} WHERE id = ?"  # noqa: S608
        with self._errors(), self._writing() as connection:
            stored = connection.execute(query, (document[ID],)).fetchone()
            if (None if stored is None else stored[0]) != expected_version:
                return False
            connection.execute(_upsert(kind), row)
        return True

    def close(self) -> None:
        """Close the connections of all threads."""
        with self._lock:
            self._closed = True
            for connection in self._connections:
                connection.close()
            self._connections.clear()
        self._local = threading.local()

    def _connection(self) -> sqlite3.Connection:
        connection: sqlite3.Connection | None = getattr(self._local, "connection", None)
        if connection is None:
            connection = self._connect()
            _use_write_ahead_log(connection)
            connection.execute("PRAGMA synchronous = FULL")
            self._local.connection = connection
        return connection

    def _connect(self) -> sqlite3.Connection:
        with self._lock:
            if self._closed:
                raise sqlite3.ProgrammingError("it is closed")
            connection = sqlite3.connect(
                self.path, timeout=BUSY_SECONDS, isolation_level=None, check_same_thread=False
            )
            self._connections.append(connection)
        return connection

    @contextlib.contextmanager
    def _writing(self) -> Iterator[sqlite3.Connection]:
        """Hold the write lock from the first statement on; commit at the end, roll back on any error."""
        connection = self._connection()
        connection.execute("BEGIN IMMEDIATE")
        try:
            yield connection
            connection.execute("COMMIT")
        except BaseException:
            if connection.in_transaction:  # a full disk has rolled back already
                connection.execute("ROLLBACK")
            raise

    @contextlib.contextmanager
    def _errors(self) -> Iterator[None]:
        try:
            yield
        except sqlite3.Error as error:
            raise StoreUnavailable(
                f"the store {self.path} cannot be used ({error}): check the disk and its permissions"
            ) from error

    def _migrate(self, connection: sqlite3.Connection) -> None:
        (found,) = connection.execute("PRAGMA user_version").fetchone()
        if found > SCHEMA_VERSION:
            raise StoreUnavailable(
                f"the store {self.path} has schema {found}, this Foretick knows {SCHEMA_VERSION}: use a newer Foretick"
            )
        for kind in COLLECTIONS.values():
            for statement in declaration(kind):
                connection.execute(statement)
            _add_columns(connection, kind)
        connection.execute(f"PRAGMA user_version = {SCHEMA_VERSION}")


def _add_columns(connection: sqlite3.Connection, kind: Collection) -> None:
    """Give a table of an older Foretick the columns that were declared since."""
    there = {row[1] for row in connection.execute(f"PRAGMA table_info({kind.name})")}
    for name in kind.blobs:
        if name not in there:
            connection.execute(f"ALTER TABLE {kind.name} ADD COLUMN {name} BLOB")


def _use_write_ahead_log(connection: sqlite3.Connection) -> None:
    """Switch the journal; SQLite does not wait by itself here for another process that does the same first."""
    give_up = time.monotonic() + BUSY_SECONDS
    while True:
        try:
            connection.execute("PRAGMA journal_mode = WAL")
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode != sqlite3.SQLITE_BUSY or time.monotonic() > give_up:
                raise
            time.sleep(TRY_AGAIN_SECONDS)
        else:
            return


def _columns(blobs: Sequence[str]) -> str:
    return ", ".join(("body", *blobs))


def _insert(kind: Collection) -> str:
    names = ("id", "body", *kind.blobs)
    return f"INSERT INTO {kind.name} ({', '.join(names)}) VALUES ({', '.join('?' * len(names))})"  # noqa: S608


def _upsert(kind: Collection) -> str:
    changes = ", ".join(f"{name} = excluded.{name}" for name in ("body", *kind.blobs))
    return f"{_insert(kind)} ON CONFLICT (id) DO UPDATE SET {changes}"


def _row(kind: Collection, document: Document) -> tuple[Any, ...]:
    plain = checked(kind, document)
    blobs = [plain.pop(name) for name in kind.blobs]
    body = orjson.dumps(plain).decode()
    check_size(plain[ID], len(body) + sum(map(len, blobs)))
    return (plain[ID], body, *blobs)


def _document(blobs: Sequence[str], row: Sequence[Any]) -> dict[str, Any]:
    document: dict[str, Any] = orjson.loads(row[0])
    document.update((name, value) for name, value in zip(blobs, row[1:], strict=True) if value is not None)
    return document


def _conditions(equal: Equal, span: Span | None) -> tuple[str, list[Any]]:
    terms = [f"{field_of(name)} = ?" for name in equal]
    values: list[Any] = list(equal.values())
    if span is not None:
        for limit, sign in ((span.start, ">="), (span.stop, "<")):
            if limit is not None:
                terms.append(f"{field_of(span.field)} {sign} ?")
                values.append(limit)
    return (f"WHERE {' AND '.join(terms)}" if terms else "", values)
