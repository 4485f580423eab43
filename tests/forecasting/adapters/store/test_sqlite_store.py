"""What only the embedded engine can meet: a full disk, a read-only, locked, foreign or newer file."""

import os
import sqlite3

import pytest

from forecasting.adapters.store import open_store, sqlite
from forecasting.adapters.store.candle_blocks import CandleStore
from forecasting.adapters.store.collections import COLLECTIONS
from forecasting.errors import StoreUnavailable
from tests.forecasting.adapters.store import workers
from tests.forecasting.adapters.store.places import Place, candles_of, same


@pytest.fixture
def path(tmp_path):
    return tmp_path / "deep" / "store.db"


@pytest.fixture
def store(path):
    opened = open_store(None, path, "unused")
    yield opened
    opened.close()


def refused(action, words):
    with pytest.raises(StoreUnavailable, match=words) as caught:
        action()
    assert "\n" not in str(caught.value)


def test_a_file_that_is_no_database_is_told_in_one_line(tmp_path):
    (tmp_path / "store.db").write_bytes(b"this is no database, it only has its name" * 100)
    refused(
        lambda: open_store(None, tmp_path / "store.db", "unused"),
        "cannot be used .*not a database.*: check the disk",
    )


def test_a_folder_that_cannot_be_made_is_told_in_one_line(tmp_path):
    (tmp_path / "file").touch()
    refused(
        lambda: open_store(None, tmp_path / "file" / "store.db", "unused"), "cannot be made .*FORETICK_HOME"
    )


def test_a_store_of_a_newer_foretick_is_left_alone(path, store):
    with sqlite3.connect(path) as connection:
        connection.execute("PRAGMA user_version = 3")
    connection.close()
    refused(lambda: open_store(None, path, "unused"), "has schema 3, this Foretick knows 2: use a newer")


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everything")
def test_a_read_only_file_is_told_in_one_line(path, store):
    store.close()
    path.chmod(0o400)
    refused(lambda: open_store(None, path, "unused"), "cannot be used .*readonly")


def test_a_file_that_only_a_newer_sqlite_may_write_is_told_in_one_line(path, store):
    store.close()
    with path.open("r+b") as file:
        file.seek(18)
        file.write(b"\x03")  # the format's write version: above 2 the file is read-only, even to root
    refused(lambda: open_store(None, path, "unused"), "cannot be used .*readonly")


def test_a_locked_file_is_told_in_one_line(path, store, monkeypatch):
    monkeypatch.setattr(sqlite, "BUSY_SECONDS", 0.05)
    holder = sqlite3.connect(path, isolation_level=None)
    holder.execute("BEGIN IMMEDIATE")
    refused(lambda: open_store(None, path, "unused"), "cannot be used .*locked")
    holder.execute("ROLLBACK")
    holder.close()
    open_store(None, path, "unused").close()


def test_a_full_disk_is_told_and_what_was_acknowledged_stays(path, processes):
    place = Place(None, path, "unused")
    store = CandleStore(place.open())
    candles = candles_of(50_000)
    pieces = [candles.take(slice(start, start + 2_000)) for start in range(0, 50_000, 2_000)]
    here, there = processes.Pipe(duplex=False)
    process = processes.Process(target=workers.write_until_full, args=(place, pieces, there))
    process.start()
    done, message = here.recv()
    process.join()
    assert 0 < done < len(pieces)
    assert message.startswith(f"the store {path} cannot be used (")
    assert "\n" not in message
    assert "check the disk" in message
    assert "rollback" not in message
    assert same(store.read_candles("BTC/USDT", "1m"), candles.take(slice(0, done * 2_000)))
    store.write(candles)
    assert same(store.read_candles("BTC/USDT", "1m"), candles)


def test_a_database_that_may_not_grow_says_that_it_is_full_and_works_again_with_room(store):
    store.put("settings", {"_id": "a"})
    connection = store._connection()
    connection.execute("PRAGMA max_page_count = 1")  # means: no more than now
    refused(lambda: store.put("settings", {"_id": "b", "text": "x" * 100_000}), "is full")
    assert [each["_id"] for each in store.find("settings")] == ["a"]
    connection.execute("PRAGMA max_page_count = 100000")
    store.put("settings", {"_id": "b", "text": "x" * 100_000})
    assert [each["_id"] for each in store.find("settings")] == ["a", "b"]


def test_a_commit_that_fails_leaves_the_connection_usable(store, monkeypatch):
    monkeypatch.setattr(sqlite, "_upsert", lambda _: "INSERT INTO settings (id, body) VALUES (?, ?)")
    store.put("settings", {"_id": "a"})
    refused(lambda: store.put_many("settings", [{"_id": "b"}, {"_id": "a"}]), "UNIQUE")
    store.put("settings", {"_id": "c"})
    assert [each["_id"] for each in store.find("settings")] == ["a", "c"]


def test_several_documents_are_one_transaction(store):
    with pytest.raises(ValueError, match="cannot be stored"):
        store.put_many("settings", [{"_id": "a"}, {"_id": "b", "x": object()}])
    assert not list(store.find("settings"))


@pytest.mark.parametrize(
    "collection", ["candle_blocks", "decisions", "events", "quarantine", "alerts", "absences", "validations"]
)
def test_declared_searches_use_an_index(store, collection):
    kind = COLLECTIONS[collection]
    for fields in (*kind.indexes, *kind.unique):
        terms = " AND ".join(f"json_extract(body, '$.{name}') = 1" for name in fields)
        plan = (
            store._connection()
            .execute(f"EXPLAIN QUERY PLAN SELECT body FROM {collection} WHERE {terms}")
            .fetchall()
        )
        assert f"USING INDEX {collection}_" in plan[0][-1]


class Busy:
    """A connection whose file another process holds for the first tries."""

    def __init__(self, code, tries):
        self.code, self.left = code, tries

    def execute(self, _statement):
        if self.left:
            self.left -= 1
            error = sqlite3.OperationalError("database is locked")
            error.sqlite_errorcode = self.code
            raise error


def test_a_journal_that_another_process_is_switching_is_waited_for(monkeypatch):
    pauses = []
    monkeypatch.setattr(sqlite.time, "sleep", pauses.append)
    connection = Busy(sqlite3.SQLITE_BUSY, 3)
    sqlite._use_write_ahead_log(connection)
    assert connection.left == 0
    assert len(pauses) == 3


def test_a_journal_that_cannot_be_switched_is_no_reason_to_wait():
    with pytest.raises(sqlite3.OperationalError):
        sqlite._use_write_ahead_log(Busy(sqlite3.SQLITE_READONLY, 1))
