"""Settings of horizons over HTTP: told with who changed them, changed on a version, undone, and never half."""

from dataclasses import replace

import pytest

from forecasting.adapters.model_settings.changing import Rules
from forecasting.adapters.store.settings_book import SettingsBook
from tests.serving.routes.changing import HISTORY, PATH, WHY, settings_api

WINDOW = {"1h": {"train_window_days": 365}}
RISEN = {"1h": {"threshold": 0.001}}
CRON = {"1h": {"retrain_cron": "10 7 * * 2"}}


@pytest.fixture
def api(reading):
    return settings_api(reading)


def kind(response):
    return response.status_code, response.json()["type"].rpartition(":")[2]


def setting(answer, field, horizon="1h"):
    (found,) = (each for each in answer["horizons"] if each["horizon"] == horizon)
    return next(each for each in found["settings"] if each["field"] == field)


def test_without_stored_settings_all_are_the_files(api):
    response = api.get(PATH)
    answer = response.json()
    assert (response.headers["etag"], answer["version"], answer["overrides"]) == ('"0"', 0, {})
    assert [each["horizon"] for each in answer["horizons"]] == ["1m", "1h", "1d", "7d", "30d"]
    found = setting(answer, "retrain_cron")
    assert found["value"] == found["file_value"] == "30 3 * * *"
    assert found["version"] is found["changed_at"] is found["changed_by"] is None


def test_a_change_is_told_with_its_version_who_when_and_why(api):
    response = api.put(WINDOW)
    answer = response.json()
    assert (response.status_code, response.headers["etag"], answer["changed"]) == (200, '"1"', True)
    assert (answer["version"], answer["changed_by"], answer["reason"]) == (1, "local", WHY)
    found = setting(api.get(PATH).json(), "train_window_days")
    assert (found["value"], found["version"], found["changed_by"], found["reason"]) == (365, 1, "local", WHY)
    assert found["file_value"] != 365
    assert found["changed_at"].endswith("Z")


def test_what_differs_and_what_follows_is_told(api):
    answer = api.put(WINDOW).json()
    (change,) = answer["changes"]
    assert change == {"horizon": "1h", "field": "train_window_days", "from": None, "to": 365}
    assert {each["kind"] for each in answer["consequences"]} == {"recipe"}


def test_a_dry_run_tells_all_that_and_writes_nothing(api):
    answer = api.put(RISEN, dry_run=True).json()
    assert (answer["dry_run"], answer["changed"], answer["version"]) == (True, False, 0)
    assert {each["kind"] for each in answer["consequences"]} == {"question", "recipe"}
    assert SettingsBook(api.store).current().version == 0


def test_the_same_again_is_no_new_version(api):
    api.put(WINDOW)
    answer = api.put(WINDOW).json()
    assert (answer["version"], answer["changed"], answer["changes"]) == (1, False, [])


def test_what_is_left_out_goes_back_to_the_file(api):
    api.put(WINDOW)
    answer = api.put({}).json()
    assert (answer["overrides"], setting(answer, "train_window_days")["version"]) == ({}, None)


def test_a_change_without_a_version_is_428(api):
    assert kind(api.put(WINDOW, "none")) == (428, "no-version")
    assert SettingsBook(api.store).current().version == 0


@pytest.mark.parametrize("tag", ["*", "", "0", 'W/"0"', '"x"', '"0'])
def test_what_is_no_version_as_it_was_answered_is_no_version(reading, tag):
    response = reading.client.put(PATH, json={"overrides": WINDOW, "reason": WHY}, headers={"If-Match": tag})
    assert kind(response) == (428, "no-version")
    assert "send the ETag of GET /api/settings/models" in response.json()["detail"]


def test_of_several_tags_the_strong_ones_count(reading):
    body = {"overrides": WINDOW, "reason": WHY}
    for tags, status in (('W/"0", "7"', 412), ('"7", "0"', 200)):
        assert reading.client.put(PATH, json=body, headers={"If-Match": tags}).status_code == status


def test_a_change_of_an_older_version_is_412_and_names_the_current_one(api):
    api.put(WINDOW)
    response = api.put(RISEN, version=0, accept_new_meaning=True)
    assert kind(response) == (412, "settings-moved")
    assert response.headers["etag"] == '"1"'
    assert "at version 1" in response.json()["detail"]
    assert SettingsBook(api.store).current().overrides == WINDOW


def test_a_race_that_is_lost_while_it_is_written_is_412_too(api, monkeypatch):
    write = SettingsBook.write

    def overtaken(book, *given):
        monkeypatch.undo()
        book.write({"1d": {"train_window_days": 9}}, 0, "eva", "first", 1)
        return write(book, *given)

    monkeypatch.setattr(SettingsBook, "write", overtaken)
    assert kind(api.put(WINDOW)) == (412, "settings-moved")
    assert SettingsBook(api.store).current().who == "eva"


def test_another_question_must_be_meant(api):
    response = api.put(RISEN)
    assert kind(response) == (409, "changes-meaning")
    assert response.json()["detail"].endswith(
        "nothing was changed: accept_new_meaning changes it all the same"
    )
    assert "stops serving" in response.json()["detail"]
    assert api.put(RISEN, accept_new_meaning=True).json()["version"] == 1


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"train_window_days": 0}, "train_window_days must be greater than 0"),
        ({"train_window_days": "30"}, "train_window_days must be a number"),
        ({"train_window_days": True}, "train_window_days must be a number"),
        ({"train_window_days": 40_000}, "train_window_days must be less than or equal to 36500"),
        ({"retrain_cron": "somebody said"}, "retrain_cron must be a schedule of five cron fields"),
        ({"retrain_cron": "0 0 31 2 *"}, "retrain_cron must be a schedule of five cron fields"),
        ({"threshold": 1}, "threshold must be less than 1"),
        ({"members": ["lgbm"]}, "members must begin with naive"),
        ({"members": ["naive", "lgbm", "lgbm"]}, "members must begin with naive and name each member once"),
        ({"members": ["naive", "somebody said"]}, "members must each be one of naive"),
        ({"gate_policy": "somebody said"}, "gate_policy must be 'strict' or 'classic'"),
        ({"own_features": WHY}, "a setting is named that cannot be changed while all runs: train_"),
        ({"somebody said": 1}, "a setting is named that cannot be changed while all runs"),
        ([WHY], "must be a JSON object"),
    ],
)
def test_what_cannot_be_is_told_by_setting_and_never_repeated(api, fields, said):
    response = api.put({"1h": fields})
    assert kind(response) == (422, "malformed-request")
    assert f"of 1h: {said}" in response.json()["detail"]
    assert WHY not in response.text
    assert SettingsBook(api.store).current().version == 0


def test_an_unknown_horizon_is_told_with_those_there_are(api):
    response = api.put({WHY: {"threshold": 0.1}})
    assert kind(response) == (404, "unknown-horizon")
    assert "one of 1m, 1h, 1d, 7d, 30d" in response.json()["detail"]
    assert WHY not in response.text


def test_a_reason_is_needed(api):
    assert kind(api.put(WINDOW, reason=" ")) == (422, "malformed-request")


def test_undo_returns_to_the_version_before_and_is_a_version_itself(api):
    api.put(WINDOW)
    answer = api.undo().json()
    assert (answer["version"], answer["overrides"], answer["changed"]) == (2, {}, True)
    assert api.undo().json()["overrides"] == WINDOW


def test_undo_may_name_any_version(api):
    api.put(WINDOW)
    api.put(CRON)
    assert api.undo(to_version=0).json()["overrides"] == {}
    assert api.undo(to_version=1).json()["overrides"] == WINDOW


def test_undo_of_nothing_or_to_what_never_was_is_told(api):
    assert kind(api.undo()) == (422, "malformed-request")
    api.put(WINDOW)
    assert "there are 0 to 1" in api.undo(to_version=7).json()["detail"]


def test_undo_of_an_older_version_is_412(api):
    api.put(WINDOW)
    assert kind(api.undo(version=0)) == (412, "settings-moved")


def test_the_history_is_told_newest_first(api):
    api.put(WINDOW)
    api.put(CRON)
    found = api.get(HISTORY).json()
    assert [each["version"] for each in found["versions"]] == [2, 1]
    assert {(each["field"], each["to"]) for each in found["versions"][0]["changes"]} == {
        ("train_window_days", None),
        ("retrain_cron", "10 7 * * 2"),
    }
    assert found["next_before"] is None


def test_the_process_that_is_asked_says_by_which_version_it_serves(api):
    api.put(WINDOW)
    watcher = api.app.state.service.watcher
    assert watcher.wait_until(lambda now: now.in_force.version == 1, 20)
    assert api.get(PATH).json()["served"] == {"version": 1, "problem": None}


def test_a_file_that_was_broken_since_the_start_is_told(api, tmp_path):
    broken = tmp_path / "horizons.yaml"
    broken.write_text("horizons: [")
    desk = api.app.state.settings_desk
    api.app.state.settings_desk = replace(desk, rules=Rules(broken, "strict"))
    assert kind(api.get(PATH)) == (409, "refused")
    assert kind(api.put(WINDOW)) == (422, "malformed-request")
    assert SettingsBook(api.store).current().version == 0


def test_settings_that_do_not_fit_the_file_any_more_are_told(api):
    SettingsBook(api.store).write({"1h": {"train_window_days": 0}}, 0, "eva", "a test", 1)
    watcher = api.app.state.service.watcher
    watcher.look_soon()
    assert watcher.wait_until(lambda now: now.in_force.problem is not None, 20)
    answer = api.get(PATH).json()
    assert answer["served"]["version"] == 0
    assert "version 1 cannot be used" in answer["served"]["problem"]
    assert next(each for each in answer["horizons"] if each["horizon"] == "1h")["problem"] is not None
    assert api.undo().json()["version"] == 2
