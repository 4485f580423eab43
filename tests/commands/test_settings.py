import contextlib
import json

import pytest

from commands.scheduling import NOT_RUNNING, OTHER_WORKSPACE, cadences_of
from deployments.local.addresses import addresses_file
from forecasting.adapters.store import open_store
from forecasting.adapters.store.settings_book import SettingsBook
from forecasting.horizons import load_horizons
from forecasting.settings import load_settings

NARROW = ("settings", "set", "1h", "train_window_days=90")


@pytest.fixture
def book(installation):
    with contextlib.closing(open_store(None, load_settings().store_path, "unused")) as store:
        yield SettingsBook(store)


def test_a_setting_is_stored_with_who_and_why(foretick, book):
    ended = foretick(*NARROW, "--reason", "shorter memory")
    assert ended.code == 0
    assert "undo: foretick settings undo --to 0" in ended.out
    found = book.current()
    assert (found.overrides, found.why) == ({"1h": {"train_window_days": 90}}, "shorter memory")
    assert " on " in found.who


def test_what_follows_is_told_before_and_a_dry_run_stores_nothing(foretick, book):
    ended = foretick(*NARROW, "--dry-run")
    assert "a licence of its own" in ended.out
    assert "dry run: nothing was changed" in ended.out
    assert book.current().version == 0


def test_a_change_without_a_reason_is_refused(foretick, book):
    ended = foretick(*NARROW)
    assert (ended.code, "say why the settings change" in ended.line) == (2, True)
    assert book.current().version == 0


def test_another_threshold_must_be_meant(foretick, book):
    words = ("settings", "set", "1h", "threshold=0.001", "--reason", "x")
    ended = foretick(*words)
    assert (ended.code, "naive answers until" in ended.line) == (2, True)
    assert ended.line.endswith("nothing was changed: --accept-new-meaning changes it all the same")
    assert foretick(*words, "--accept-new-meaning").code == 0
    assert book.current().overrides == {"1h": {"threshold": 0.001}}


def test_members_come_with_commas_and_nothing_is_the_files_own(foretick, book):
    foretick("settings", "set", "1h", "members=naive, lgbm", "train_window_days=9", "--reason", "x")
    assert book.current().overrides["1h"] == {"members": ["naive", "lgbm"], "train_window_days": 9}
    foretick("settings", "set", "1h", "members=", "--reason", "x")
    assert book.current().overrides["1h"] == {"train_window_days": 9}


def test_undo_leads_back_and_the_history_tells_both(foretick, book):
    foretick(*NARROW, "--reason", "first")
    assert foretick("settings", "undo", "--reason", "second").code == 0
    assert book.current().overrides == {}
    told = foretick("settings", "history").out
    assert [line.split(":")[-1].strip() for line in told.splitlines() if "version" in line] == [
        "second",
        "first",
    ]
    assert "train_window_days: the horizons file's -> 90" in told


def test_show_tells_the_value_in_force_beside_the_files(foretick, book):
    foretick(*NARROW, "--reason", "shorter memory")
    (line,) = [each for each in foretick("settings", "show").out.splitlines() if " 730 " in each]
    assert line.split()[:5] == ["1h", "train_window_days", "90", "730", "1"]


def test_for_machines_each_command_prints_one_document(foretick, book):
    written = foretick(*NARROW, "--reason", "x", "--json").document
    assert (written["version"], written["dry_run"], written["schedules"]) == (1, False, [])
    assert written["changes"] == [{"horizon": "1h", "field": "train_window_days", "from": None, "to": 90}]
    shown = foretick("settings", "show", "--horizon", "1h", "--json").document
    assert (shown["version"], shown["settings"][0]["value"]) == (1, 90)
    assert [each["version"] for each in foretick("settings", "history", "--json").document] == [1]


def test_what_is_so_already_is_no_version(foretick, book):
    foretick(*NARROW, "--reason", "x")
    assert "nothing changes" in foretick(*NARROW, "--reason", "again").out
    assert book.current().version == 1


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("set", "9h", "threshold=0", "--reason", "x"), "horizon '9h' is unknown"),
        (("set", "1h", "threshold", "--reason", "x"), "each setting is needed once"),
        (("set", "1h", "threshold=0", "threshold=1", "--reason", "x"), "each setting is needed once"),
        (("set", "1h", "threshold=abc", "--reason", "x"), "threshold: Input should be a valid number"),
        (
            ("set", "1h", "base_interval=1d", "--reason", "x"),
            "base_interval cannot be changed while all runs",
        ),
        (("set", "1h", "retrain_cron=daily", "--reason", "x"), "is no schedule"),
        (("undo", "--reason", "x"), "nothing to undo"),
        (("undo", "--to", "7", "--reason", "x"), "nothing to undo"),
        (("show", "--horizon", "9h"), "horizon '9h' is unknown"),
    ],
)
def test_what_cannot_be_is_one_line_and_exit_code_2(foretick, book, words, told):
    ended = foretick("settings", *words)
    assert (ended.code, told in ended.line) == (2, True)
    assert book.current().version == 0


def test_training_reads_what_is_stored_before_a_server_is_started(foretick, book, installation, monkeypatch):
    book.write({"1h": {"members": ["naive", "gone"]}}, 0, "an older version", "x", 1_000)
    ended = foretick("train", "--horizon", "1h")
    assert (ended.code, "foretick settings undo" in ended.line) == (2, True)


def test_a_cadence_is_kept_for_later_where_foretick_up_does_not_run(foretick, book, monkeypatch):
    monkeypatch.delenv("PREFECT_API_URL")
    ended = foretick("settings", "set", "1h", "retrain_cron=0 5 * * *", "--reason", "x")
    assert f"by the next foretick up ({NOT_RUNNING})" in ended.out


def test_schedules_of_another_workspace_are_left_alone(installation, monkeypatch):
    monkeypatch.delenv("PREFECT_API_URL", raising=False)
    settings = load_settings(workspace="mine")
    addresses_file(settings).parent.mkdir(parents=True)
    addresses_file(settings).write_text(
        json.dumps({"workspace": "theirs", "prefect_api": "http://127.0.0.1:9/api"})
    )
    (told,) = cadences_of(settings, [load_horizons()["1h"]])
    assert (told["outcome"], told["reason"]) == ("kept", OTHER_WORKSPACE)


def test_a_prefect_server_that_is_away_keeps_the_cadence_for_later(installation, monkeypatch):
    monkeypatch.delenv("PREFECT_API_URL", raising=False)
    settings = load_settings(workspace="mine")
    addresses_file(settings).parent.mkdir(parents=True)
    addresses_file(settings).write_text(
        json.dumps({"workspace": "mine", "prefect_api": "http://127.0.0.1:9/api"})
    )
    (told,) = cadences_of(settings, [load_horizons()["1h"]])
    assert (told["outcome"], "Prefect" in told["reason"]) == ("kept", True)


def test_a_forecast_names_the_threshold_that_its_probability_is_of(foretick, stored, book):
    book.write({"1h": {"threshold": 0.001}}, 0, "ada", "x", 1_000)
    told = foretick("forecast", "--symbol", "AAA/USDT", "--horizon", "1h").out
    assert "probability of more than +0.1%" in told
    (logged,) = foretick("forecasts", "list", "--json").document
    assert "probability of more than +0.1%" in foretick("forecasts", "show", logged["forecast_id"]).out
