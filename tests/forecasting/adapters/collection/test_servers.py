import logging
import socket

import pymongo
import pytest
from pymongo import monitoring

from forecasting.adapters.collection import source as collection_source
from forecasting.adapters.collection.source import read_collection
from forecasting.adapters.source import Source
from forecasting.errors import (
    InvalidSettings,
    SourceUnavailable,
    UnreadableFile,
)
from tests.forecasting.adapters.collection.stored import documents


def test_an_unknown_collection_names_near_ones(read, uri, database):
    read(documents())
    with pytest.raises(
        UnreadableFile,
        match=rf"no collection 'candels' is in database {database.name}: near names are candles",
    ):
        read_collection(Source(collection=f"{database.name}.candels"), uri)


def test_an_unknown_database_names_near_ones(read, uri, database):
    read(documents())
    with pytest.raises(
        UnreadableFile,
        match=f"no database '{database.name}x' is on the server: near names are {database.name}",
    ):
        read_collection(Source(collection=f"{database.name}x.candles"), uri)


def test_an_empty_collection_is_no_source(uri, database):
    database.create_collection("candles")
    with pytest.raises(UnreadableFile, match="candles: the collection has no documents"):
        read_collection(Source(collection=f"{database.name}.candles"), uri)


def test_a_server_that_does_not_answer_is_one_line_without_its_password(monkeypatch, caplog):
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        address = f"mongodb://reader:s3cret@127.0.0.1:{probe.getsockname()[1]}"
    monkeypatch.setattr("forecasting.adapters.store.mongo.SELECT_MS", 50)
    with caplog.at_level(logging.INFO), pytest.raises(SourceUnavailable) as caught:
        read_collection(Source(collection="prices.candles"), address)
    assert str(caught.value).startswith(
        "prices.candles cannot be read (ServerSelectionTimeoutError): check that the server of"
    )
    assert "s3cret" not in f"{caught.value!r} {caught.value.__cause__!r} {caplog.text}"


def test_an_address_that_is_none_names_its_setting():
    with pytest.raises(InvalidSettings, match="setting FORETICK_SOURCE_MONGO_URI: no MongoDB address"):
        read_collection(Source(collection="prices.candles"), "http://reader:s3cret@server")


def test_without_an_address_the_setting_is_named():
    with pytest.raises(InvalidSettings, match="no server is known: set FORETICK_SOURCE_MONGO_URI"):
        read_collection(Source(collection="prices.candles"), None)


def test_nothing_is_written_to_the_server(read, monkeypatch):
    names = []

    class Listener(monitoring.CommandListener):
        def started(self, event):
            names.append(event.command_name)

        def succeeded(self, event):
            """Only what was asked matters."""

        failed = succeeded

    plain = collection_source.connect
    listener = Listener()
    monkeypatch.setattr(pymongo.MongoClient, "__init__", _listening(pymongo.MongoClient.__init__, listener))
    monkeypatch.setattr(collection_source, "connect", lambda *words: (names.clear(), plain(*words))[1])
    read(documents())
    assert set(names) <= {"find", "getMore", "listCollections", "listDatabases", "killCursors", "endSessions"}
    assert "find" in names


def _listening(construct, listener):
    def constructed(self, *words, **options):
        construct(self, *words, event_listeners=[listener], **options)

    return constructed
