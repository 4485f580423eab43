import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from forecasting.adapters.store.collections import MODEL_SETTINGS
from forecasting.adapters.store.settings_book import (
    NEVER_CHANGED,
    SettingChange,
    SettingsBook,
    changes_between,
)
from forecasting.errors import InvalidSettings, SettingsMoved

NARROW = {"1h": {"train_window_days": 90}}
STATES = st.dictionaries(
    st.sampled_from(["1h", "7d"]),
    st.dictionaries(
        st.sampled_from(["threshold", "members"]), st.sampled_from([0.5, ["naive", "lgbm"]]), min_size=1
    ),
)


@pytest.fixture
def book(store):
    return SettingsBook(store)


def test_where_nothing_was_written_no_setting_is_stored(book):
    assert (book.current(), book.version(0)) == (NEVER_CHANGED, NEVER_CHANGED)


def test_a_version_says_what_changed_who_did_it_and_why(book):
    book.write(NARROW, 0, "ada", "shorter memory", 1_000)
    found = book.current()
    assert (found.version, found.overrides, found.who, found.why) == (1, NARROW, "ada", "shorter memory")
    assert found.changes == (SettingChange("1h", "train_window_days", None, 90),)


def test_of_two_writers_of_one_version_the_first_wins(book):
    book.write(NARROW, 0, "ada", "first", 1_000)
    with pytest.raises(SettingsMoved, match="at version 1 by now"):
        book.write({}, 0, "bob", "second", 1_001)
    assert book.current().who == "ada"


def test_a_writer_who_read_just_before_another_wrote_loses(book, store, monkeypatch):
    late = SettingsBook(store)
    seen = late.current()
    book.write(NARROW, 0, "ada", "first", 1_000)
    monkeypatch.setattr(late, "current", lambda: seen)
    with pytest.raises(SettingsMoved):
        late.write({}, 0, "bob", "second", 1_001)
    assert book.current().overrides == NARROW


def test_no_version_can_be_changed(store, book):
    book.write(NARROW, 0, "ada", "x", 1_000)
    with pytest.raises(ValueError, match="append-only"):
        store.put(MODEL_SETTINGS, next(iter(store.find(MODEL_SETTINGS))))


def test_a_version_that_was_never_written_is_told_with_those_that_were(book):
    book.write(NARROW, 0, "ada", "x", 1_000)
    for number in (-1, 2, 10**12):
        with pytest.raises(InvalidSettings, match="0 to 1 are there"):
            book.version(number)


def test_a_clock_that_was_set_back_does_not_reorder_the_history(book):
    book.write(NARROW, 0, "ada", "x", 5_000)
    book.write({}, 1, "ada", "y", 2_000)
    versions, _ = book.page(None, 10)
    assert [(each.version, each.changed_ms) for each in versions] == [(2, 5_000), (1, 5_000)]


def test_the_history_comes_in_pages_the_newest_first(book):
    for number in range(5):
        book.write({"1h": {"train_window_days": 10 + number}}, number, "ada", "x", 1_000 + number)
    first, before_ms = book.page(None, 2)
    second, _ = book.page(before_ms, 2)
    assert [each.version for each in first + second] == [5, 4, 3, 2]


def test_a_setting_in_force_names_the_version_that_gave_it_its_value(book):
    book.write(NARROW, 0, "ada", "x", 1_000)
    book.write({**NARROW, "7d": {"threshold": 0.1}}, 1, "bob", "y", 1_001)
    book.write({"7d": {"threshold": 0.1}, "1h": {"threshold": 0.2}}, 2, "eve", "z", 1_002)
    origins = {key: each.version for key, each in book.origins().items()}
    assert origins == {("7d", "threshold"): 2, ("1h", "threshold"): 3}


def test_horizons_whose_setting_was_ever_changed_are_found_also_where_it_is_the_files_again(book):
    book.write({"1h": {"threshold": 0.2}}, 0, "ada", "x", 1_000)
    book.write({"7d": {"train_window_days": 9}}, 1, "bob", "y", 1_001)
    assert (book.changed("threshold"), book.changed("members")) == ({"1h"}, set())


@given(states=st.lists(STATES, max_size=6))
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_the_changes_of_all_versions_replay_to_what_is_in_force(shared_store, states):
    book = SettingsBook(shared_store)
    for state in states:
        before = book.current()
        written = book.write(state, before.version, "ada", "x", 1_000)
        assert written.changes == changes_between(before.overrides, state)
    replayed = {}
    for number in range(1, book.current().version + 1):
        for each in book.version(number).changes:
            replayed[each.horizon, each.field] = each.after
    held = {
        (name, field): value
        for name, fields in book.current().overrides.items()
        for field, value in fields.items()
    }
    assert {key: value for key, value in replayed.items() if value is not None} == held
