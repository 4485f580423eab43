"""Candles from a MongoDB collection with one document per candle, as people have them; nothing is written there."""

from __future__ import annotations

import difflib
import logging
from collections.abc import Iterable, Iterator, Mapping
from contextlib import closing, contextmanager
from typing import Any

from bson.codec_options import CodecOptions, DatetimeConversion
from pymongo import MongoClient, ReadPreference
from pymongo.collection import Collection as MongoCollection
from pymongo.errors import PyMongoError

from forecasting.adapters.collection.columns import read_columns, value_at
from forecasting.adapters.collection.fields import CollectionName, FieldMap
from forecasting.adapters.collection.series import collection_reports
from forecasting.adapters.files.columns import COLUMN_WORDS, usual_word
from forecasting.adapters.files.raw_table import RawTable
from forecasting.adapters.files.report import ImportReport
from forecasting.adapters.source import Source
from forecasting.adapters.store.mongo import connect, failure_words
from forecasting.errors import AmbiguousInput, InvalidSettings, SourceUnavailable, UnreadableFile

SETTING = "FORETICK_SOURCE_MONGO_URI"
SAMPLE_DOCUMENTS = 1_000
# Dates stay numbers, for some that BSON can hold are none that Python can.
_CODEC: CodecOptions[dict[str, Any]] = CodecOptions(datetime_conversion=DatetimeConversion.DATETIME_MS)

_log = logging.getLogger(__name__)


def read_collection(source: Source, uri: str | None) -> list[ImportReport]:
    """Read every document of the source's collection.

    Parameters
    ----------
    source
        Names the collection and says what its documents do not say themselves.
    uri
        Address of the server; no message or log holds it.

    Returns
    -------
    list
        One report for each market and interval.

    Raises
    ------
    InvalidSettings
        There is no address, or an option cannot be used.
    UnreadableFile
        There is no such collection, or a document holds what no candle does.
    AmbiguousInput
        The documents do not prove what they mean; the message names the option that says it.
    SourceUnavailable
        The server cannot be reached, or refuses.
    """
    name, fields = CollectionName.parse(str(source.collection)), FieldMap.parse(source.fields)
    if uri is None:
        raise InvalidSettings(f"{name}: no server is known: set {SETTING} (or MONGO_URI) to its address")
    _log.info("reading the collection %s", name)
    with _failures(name), closing(connect(uri, SETTING)) as client:
        collection = _existing(client, name)
        paths = _paths(collection.find(limit=SAMPLE_DOCUMENTS), fields, str(name))
        table = _table(collection, paths, str(name))
    return collection_reports(table, name.collection, source, fields)


@contextmanager
def _failures(name: CollectionName) -> Iterator[None]:
    try:
        yield
    except PyMongoError as error:
        # Not chained: what pymongo says holds the address.
        raise SourceUnavailable(
            f"{name} cannot be read ({failure_words(error)}): check that the server of {SETTING} (or MONGO_URI) runs and "
            f"that its user may read the collection"
        ) from None


def _existing(client: MongoClient[dict[str, Any]], name: CollectionName) -> MongoCollection[dict[str, Any]]:
    database = client.get_database(name.database, _CODEC, ReadPreference.PRIMARY_PREFERRED)
    collections = database.list_collection_names()
    if not collections:
        raise UnreadableFile(
            f"no database {name.database!r} is on the server: {_near(name.database, client.list_database_names())}"
        )
    if name.collection not in collections:
        raise UnreadableFile(
            f"no collection {name.collection!r} is in database {name.database}: {_near(name.collection, collections)}"
        )
    return database[name.collection]


def _near(name: str, names: Iterable[str]) -> str:
    offered = sorted(names)
    near = difflib.get_close_matches(name, offered, n=3) or offered[:5]
    return f"near names are {', '.join(near)}" if near else "it holds none"


def _paths(sample: Iterable[Mapping[str, Any]], fields: FieldMap, source: str) -> dict[str, str]:
    """Path by title of everything that is read, from what the first documents hold."""
    documents = list(sample)
    if not documents:
        raise UnreadableFile(f"{source}: the collection has no documents")
    names = list(dict.fromkeys(name for document in documents for name in document if name != "_id"))
    for word, path in fields.paths.items():
        if all(value_at(document, path) is None for document in documents):
            raise UnreadableFile(
                f"{source}: none of its first {len(documents):,} documents has the field {path!r} ({word}): "
                f"{_near(path, _inner_names(documents))}"
            )
    paths = fields.with_usual(names)
    said = {title if title in fields.paths else usual_word(title) for title in paths}
    if absent := [word for word in COLUMN_WORDS[:6] if word not in said]:
        raise AmbiguousInput(
            f"{source}: no field for {', '.join(absent)} among {', '.join(names[:15])}: say which with "
            f"--fields {','.join(f'{word}=FIELD' for word in absent)}"
        )
    return paths


def _inner_names(documents: Iterable[Mapping[str, Any]]) -> set[str]:
    names: set[str] = set()
    for document in documents:
        for name, value in document.items():
            names |= {f"{name}.{inner}" for inner in value} if isinstance(value, Mapping) else {name}
    return names


def _table(collection: MongoCollection[dict[str, Any]], paths: Mapping[str, str], source: str) -> RawTable:
    times = [title for title in paths if title == "time" or usual_word(title) == "time"]
    roots = dict.fromkeys((path.split(".")[0] for path in paths.values()), True)
    documents = collection.find({}, {"_id": True, **roots})
    columns = read_columns(documents, paths, source, times)
    read = ", ".join(f"{title}={path}" if title != path else path for title, path in paths.items())
    return RawTable(source, tuple(columns), tuple(paths), (f"fields read: {read}",))
