from forecasting.adapters.model_settings.overriding import CHANGEABLE
from forecasting.adapters.model_settings.overview import settings_in_force
from forecasting.adapters.store.settings_book import SettingsBook


def rows(store, rules):
    return {(each.horizon, each.field): each for each in settings_in_force(store, rules)[1]}


def test_every_changeable_setting_of_every_horizon_is_there(store, rules):
    assert list(rows(store, rules)) == [(name, field) for name in ("1h", "1d") for field in CHANGEABLE]


def test_where_nothing_is_stored_the_value_is_the_files(store, rules):
    row = rows(store, rules)["1h", "train_window_days"]
    assert (row.value, row.file_value, row.changed_by) == (30, 30, None)


def test_a_stored_value_is_told_beside_the_files_and_with_who_stored_it(store, rules, change):
    change("1h", why="shorter memory", train_window_days=9)
    document = rows(store, rules)["1h", "train_window_days"].to_document()
    assert (document["value"], document["file_value"], document["stored"]) == (9, 30, True)
    assert (document["who"], document["why"], document["version"]) == ("ada", "shorter memory", 1)


def test_a_policy_that_the_file_leaves_open_is_that_of_the_settings(store, rules):
    found = rows(store, rules)
    assert (found["1h", "gate_policy"].value, found["1d", "gate_policy"].value) == ("strict", "classic")


def test_a_setting_that_cannot_be_used_any_more_is_shown_with_the_reason(store, rules):
    SettingsBook(store).write({"1h": {"members": ["naive", "gone"]}}, 0, "ada", "x", 1_000)
    row = rows(store, rules)["1h", "members"]
    assert row.value == ["naive", "gone"]
    assert "'gone' is unknown" in row.problem
