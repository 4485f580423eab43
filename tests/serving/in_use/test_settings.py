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
def change(store):
    book = SettingsBook(store)
    return lambda **hour: book.write({"1h": hour}, book.current().version, "jan", "why", 1)


@pytest.fixture
def stored(store):
    return StoredHorizons(lambda: store, FILE.horizons)


def test_without_stored_settings_the_files_horizons_are_in_force(stored):
    assert stored.look(FILE) is FILE


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


def test_a_store_that_is_away_is_no_new_settings():
    def away():
        raise StoreUnavailable("the store at home does not answer")

    with pytest.raises(StoreUnavailable):
        StoredHorizons(away, FILE.horizons).look(FILE)
