"""The server engine: MongoDB through pymongo, majority writes, documents replaced whole."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Sequence
from typing import Any

import bson
from bson.codec_options import CodecOptions, TypeDecoder, TypeRegistry
from bson.int64 import Int64
from pymongo import ASCENDING, DESCENDING, MongoClient, ReadPreference, ReplaceOne, UpdateOne, WriteConcern
from pymongo.collection import Collection as MongoCollection
from pymongo.errors import (
    ConfigurationError,
    DuplicateKeyError,
    OperationFailure,
    PyMongoError,
)
from pymongo.uri_parser import parse_uri

from forecasting.adapters.store.collections import COLLECTIONS
from forecasting.adapters.store.documents import (
    changeable,
    check_search,
    check_size,
    checked,
    checked_version,
    declared,
)
from forecasting.adapters.store.mongo_declaration import declare
from forecasting.adapters.store.port import ID, VERSION, Collection, Document, Equal, Span
from forecasting.errors import InvalidSettings, StoreUnavailable

SELECT_MS = 5_000
REPLICATE_MS = 20_000
ANSWER_MS = 30_000


class _PlainInteger(TypeDecoder):
    """Without it integers above 32 bits come back as a class of their own."""

    bson_type = Int64

    def transform_bson(self, value: Any) -> int:
        return int(value)


_CODEC: CodecOptions[dict[str, Any]] = CodecOptions(type_registry=TypeRegistry([_PlainInteger()]))


class MongoStore:
    """`DocumentStore` in one database of a MongoDB server.

    No message holds the address, which may carry a password.

    Raises
    ------
    InvalidSettings
        The address cannot be parsed.
    StoreUnavailable
        The server does not answer within 5 seconds, or refuses.
    """

    def __init__(self, uri: str, database: str) -> None:
        self._client = connect(uri, "MONGO_URI")
        try:
            with _errors():
                self._database = self._client.get_database(
                    database, _CODEC, ReadPreference.PRIMARY, WriteConcern("majority", wtimeout=REPLICATE_MS)
                )
                declare(self._database, COLLECTIONS.values())
        except BaseException:
            self._client.close()
            raise

    def put(self, collection: str, document: Document) -> None:
        """Write one document whole."""
        self.put_many(collection, [document])

    def put_many(self, collection: str, documents: Sequence[Document]) -> None:
        """Write several documents, each atomically."""
        kind = changeable(collection)
        writes = [
            ReplaceOne({ID: plain[ID]}, plain, upsert=True)
            for plain in (_checked(kind, each) for each in documents)
        ]
        if writes:
            with _errors():
                self._collection(collection).bulk_write(writes)

    def put_new(self, collection: str, documents: Sequence[Document]) -> int:
        """Write those that are not there yet, each atomically; how many."""
        kind = declared(collection)
        writes = [
            UpdateOne({ID: plain[ID]}, {"$setOnInsert": plain}, upsert=True)
            for plain in (_checked(kind, each) for each in documents)
        ]
        if not writes:
            return 0
        with _errors():
            return self._collection(collection).bulk_write(writes).upserted_count

    def get(self, collection: str, document_id: str) -> dict[str, Any] | None:
        """Return the document of that id, or None."""
        declared(collection)
        with _errors():
            return self._collection(collection).find_one({ID: document_id})

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
        unread = set(kind.blobs) - set(kind.chosen_blobs(blobs))
        if limit == 0:  # which means no limit to MongoDB
            return iter(())
        way = DESCENDING if descending else ASCENDING
        order = [(name, way) for name in _order(kind, equal or {}, sort)]
        projection = dict.fromkeys(unread, False) or None
        with _errors():
            cursor = self._collection(collection).find(
                _query(equal or {}, span), projection, sort=order, limit=limit or 0, allow_disk_use=True
            )
            return iter(cursor.to_list())

    def delete(self, collection: str, document_id: str) -> bool:
        """Remove one document; False when it was not there."""
        changeable(collection)
        with _errors():
            return self._collection(collection).delete_one({ID: document_id}).deleted_count > 0

    def compare_and_set(self, collection: str, document: Document, expected_version: int | None) -> bool:
        """Write the document if the stored version is the expected one: one atomic operation of the server."""
        plain = _checked(changeable(collection), document)
        checked_version(document)
        known = {ID: plain[ID], VERSION: expected_version}
        with _errors():
            if expected_version is None:
                return self._insert(collection, plain)
            return self._collection(collection).replace_one(known, plain).matched_count > 0

    def _insert(self, collection: str, plain: dict[str, Any]) -> bool:
        try:
            self._collection(collection).insert_one(plain)
        except DuplicateKeyError:
            if self._collection(collection).find_one({ID: plain[ID]}, {ID: True}) is None:
                raise  # not its id is there already, but other fields that no two documents share
            return False
        return True

    def close(self) -> None:
        """Close the connection pool."""
        self._client.close()

    def _collection(self, name: str) -> MongoCollection[dict[str, Any]]:
        return self._database[name]


def connect(uri: str, setting: str) -> MongoClient[dict[str, Any]]:
    """Client of a server, which is not asked for anything yet; no message holds the address.

    Raises
    ------
    InvalidSettings
        The address that the setting gives cannot be parsed.
    """
    try:
        if not uri.startswith("mongodb+srv://"):  # which would ask a name server here
            parse_uri(uri)  # refuses what the client only warns of
        return MongoClient(
            uri,
            serverSelectionTimeoutMS=SELECT_MS,
            connectTimeoutMS=SELECT_MS,
            socketTimeoutMS=ANSWER_MS,
            appname="foretick",
        )
    except (ConfigurationError, ValueError, OSError) as error:  # OSError: a certificate's file
        raise InvalidSettings(
            f"setting {setting}: no MongoDB address that can be used ({type(error).__name__}): "
            f"mongodb://user:password@host:port is needed, special characters of user and password percent-encoded"
        ) from None


def _checked(kind: Collection, document: Document) -> dict[str, Any]:
    plain = checked(kind, document)
    check_size(plain[ID], len(bson.encode(plain)))  # pymongo itself lets a little more through
    return plain


def _order(kind: Collection, equal: Equal, sort: str | None) -> tuple[str, ...]:
    """Fields to order by; where no two documents tie the id is left out, for then an index gives the order."""
    if sort is None or sort == ID:
        return (ID,)
    no_ties = any({*equal, sort} >= set(fields) for fields in kind.unique)
    return (sort,) if no_ties else (sort, ID)


def _query(equal: Equal, span: Span | None) -> dict[str, Any]:
    query: dict[str, Any] = {name: {"$eq": value} for name, value in equal.items()}
    if span is not None:
        limits = {"$gte": span.start, "$lt": span.stop}
        known = {sign: limit for sign, limit in limits.items() if limit is not None}
        if known:
            query[span.field] = {**query.get(span.field, {}), **known}
    return query


@contextlib.contextmanager
def _errors() -> Iterator[None]:
    try:
        yield
    except PyMongoError as error:
        # Not chained: what pymongo says of a write holds the document, whole.
        raise StoreUnavailable(
            f"MongoDB cannot be used ({failure_words(error)}): check that the server of MONGO_URI runs and that its user may "
            f"write, or unset MONGO_URI for the embedded store"
        ) from None


def failure_words(error: PyMongoError) -> str:
    """Kind and code of a failure; what pymongo says may hold addresses and documents."""
    name = type(error).__name__
    return f"{name} {error.code}" if isinstance(error, OperationFailure) and error.code else name
