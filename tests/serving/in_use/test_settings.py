"""A server's horizons are the file's with what is stored of them; what cannot be used changes nothing, and is told."""

import pytest

from forecasting.adapters.store import open_store
from forecasting.adapters.store.settings_book import SettingsBook
from forecasting.errors import StoreUnavailable
from forecasting.horizons import load_horizons
from serving.in_use.settings import HorizonsInForce, StoredHorizons

FILE = HorizonsInForce(load_horizons())


@pytest.fixture
def store(tmp_path):
    opened = open_store(None, tmp_path / "store.db", "unused")
    yield opened
    opened.close()


@pytest.fixture
def memory(tmp_path):
    return tmp_path / "last-good/settings.json"


@pytest.fixture
def change(store):
    book = SettingsBook(store)
    return lambda **hour: book.write({"1h": hour}, book.current().version, "jan", "why", 1)


@pytest.fixture
def stored(store, memory):
    return StoredHorizons(lambda: store, FILE.horizons, memory)


def test_without_stored_settings_the_files_horizons_are_in_force(stored):
    found = stored.look(FILE)
    assert (found.version, found.horizons, found.problem) == (0, FILE.horizons, None)
    assert stored.look(found) is found


def test_stored_settings_are_laid_over_the_files(stored, change):
    change(threshold=0.001)
    found = stored.look(FILE)
    assert (found.version, found.problem) == (1, None)
    assert found.horizons["1h"] == FILE.horizons["1h"].model_copy(update={"threshold": 0.001})
    assert found.horizons["1d"] is FILE.horizons["1d"]


def test_what_is_known_already_is_the_same_object(stored, change):
    change(threshold=0.001)
    found = stored.look(FILE)
    assert stored.look(found) is found


def test_settings_that_do_not_fit_the_file_any_more_change_nothing_and_are_told(stored, change):
    change(train_window_days=30)
    known = stored.look(FILE)
    change(train_window_days=0)
    found = stored.look(known)
    assert (found.version, found.horizons) == (1, known.horizons)
    assert found.problem.startswith(
        "stored settings of version 2 cannot be used: the stored settings: horizon 1h"
    )
    assert stored.look(found) is found


def test_settings_that_can_be_used_again_are_followed(stored, change):
    change(train_window_days=0)
    unusable = stored.look(FILE)
    change(train_window_days=30)
    found = stored.look(unusable)
    assert (found.version, found.problem) == (2, None)
    assert found.horizons["1h"].train_window_days == 30


def away():
    raise StoreUnavailable("the store at home does not answer")


def test_a_store_that_is_away_is_no_new_settings(memory):
    with pytest.raises(StoreUnavailable):
        StoredHorizons(away, FILE.horizons, memory).look(FILE)


def test_a_server_that_starts_while_the_store_is_away_serves_by_what_this_machine_served_by_last(
    stored, change, memory
):
    change(threshold=0.001)
    stored.look(FILE)
    found = StoredHorizons(away, FILE.horizons, memory).remembered(FILE)
    assert (found.version, found.horizons["1h"].threshold) == (1, 0.001)


@pytest.mark.parametrize(
    "text",
    [None, "", "{", "[]", '{"version": 1}', '{"version": 1, "overrides": 5}',
     '{"version": 1, "overrides": {"1h": 5}}', '{"version": 1, "overrides": {"1h": {"threshold": 5}}}'],
)  # fmt: skip
def test_a_memory_that_is_none_is_the_file(stored, memory, text):
    if text is not None:
        memory.parent.mkdir()
        memory.write_text(text)
    assert stored.remembered(FILE) is FILE


def test_what_is_remembered_of_another_store_is_not_believed_once_the_store_is_read(
    stored, change, memory, store
):
    change(threshold=0.001)
    memory.parent.mkdir()
    memory.write_text('{"version": 1, "overrides": {"1h": {"threshold": 0.5}}}')
    remembered = stored.remembered(FILE)
    assert remembered.horizons["1h"].threshold == 0.5
    assert stored.look(remembered).horizons["1h"].threshold == 0.001


def test_an_undone_change_is_remembered_too(stored, change, memory):
    change(threshold=0.001)
    known = stored.look(FILE)
    change()
    stored.look(known)
    assert stored.remembered(FILE).horizons["1h"].threshold == FILE.horizons["1h"].threshold


def test_where_nothing_was_ever_stored_nothing_is_kept(stored, memory):
    stored.look(FILE)
    assert not memory.exists()


def test_a_folder_that_cannot_be_written_hinders_nothing(stored, change, memory, caplog):
    memory.parent.write_text("no folder")
    change(threshold=0.001)
    assert stored.look(FILE).version == 1
    assert "cannot be remembered" in caplog.text
