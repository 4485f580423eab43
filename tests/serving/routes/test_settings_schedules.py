"""Schedules of trainings follow the settings over HTTP, and what became of them is told."""

from dataclasses import replace
from types import SimpleNamespace

import pytest

from forecasting.adapters.store.settings_book import SettingsBook
from serving.jobs.cadence import Cadence
from serving.jobs.cadence_following import FollowedCadences
from serving.jobs.orchestrator import Orchestrator
from serving.jobs.settings_desk import NO_PREFECT
from tests.serving.orchestrators import be_patient, deploy, nobody, post
from tests.serving.routes.changing import PATH, settings_api

WINDOW = {"1h": {"train_window_days": 365}}
CRON = {"1h": {"retrain_cron": "10 7 * * 2"}}


@pytest.fixture
def api(reading):
    return settings_api(reading)


@pytest.fixture
def no_prefect_named(monkeypatch):
    """No Prefect in the environment, whichever other tests of this session name one."""
    monkeypatch.delenv("PREFECT_API_URL", raising=False)


@pytest.mark.usefixtures("no_prefect_named")
def test_a_server_without_a_prefect_of_its_own_keeps_the_cadence_and_says_so(api):
    assert api.app.state.settings_desk.orchestrator is None
    (told,) = api.put(CRON).json()["schedules"]
    assert (told["horizon"], told["cron"], told["outcome"]) == ("1h", "10 7 * * 2", "kept")
    assert told["reason"] == NO_PREFECT


def test_a_prefect_that_is_away_does_not_fail_the_change(api):
    desk = api.app.state.settings_desk
    api.app.state.settings_desk = replace(desk, orchestrator=nobody())
    response = api.put(CRON)
    (told,) = response.json()["schedules"]
    assert (response.status_code, response.json()["version"], told["outcome"]) == (200, 1, "kept")
    assert "Prefect does not answer" in told["reason"]


def test_a_changed_cadence_is_in_prefects_schedule(api, prefect_url, monkeypatch):
    be_patient(monkeypatch)
    deployed = deploy(prefect_url, "train-horizon", "train-30d", ["0 5 1 * *"])
    desk = api.app.state.settings_desk
    api.app.state.settings_desk = replace(desk, orchestrator=Orchestrator(prefect_url))
    (told,) = api.put({"30d": {"retrain_cron": "0 6 2 * *"}}).json()["schedules"]
    (schedule,) = post(prefect_url, f"/deployments/{deployed}", None, method="GET")["schedules"]
    assert (told["outcome"], told["paused"], schedule["schedule"]["cron"]) == ("applied", False, "0 6 2 * *")


def test_only_the_schedules_that_change_are_touched(api):
    assert api.put(WINDOW).json()["schedules"] == []


def test_a_change_that_came_meanwhile_has_the_last_word_on_the_schedule(api, monkeypatch):
    applied = []

    def apply(_, horizons):
        applied.append([each.retrain_cron for each in horizons])
        if len(applied) == 1:
            SettingsBook(api.store).write({"1h": {"retrain_cron": "0 9 * * *"}}, 1, "eva", "later", 1)
        return [Cadence(each.name, each.retrain_cron, "applied") for each in horizons]

    monkeypatch.setattr("serving.jobs.settings_desk.apply_cadences", apply)
    desk = api.app.state.settings_desk
    api.app.state.settings_desk = replace(desk, orchestrator=nobody())
    (told,) = api.put(CRON).json()["schedules"]
    assert (applied, told["cron"]) == ([["10 7 * * 2"], ["0 9 * * *"]], "0 9 * * *")


@pytest.mark.usefixtures("no_prefect_named")
def test_a_server_without_a_prefect_of_its_own_tells_nothing_of_schedules(api):
    assert api.get(PATH).json()["scheduled"] is None


def test_cadences_that_prefect_does_not_run_by_yet_are_told(api):
    kept = Cadence("1h", "10 7 * * 2", "kept", "it is away", away=True)
    api.app.state.cadences = SimpleNamespace(followed=FollowedCadences(3, (kept,)))
    assert api.get(PATH).json()["scheduled"] == {
        "version": 3,
        "kept": [{"horizon": "1h", "cron": "10 7 * * 2", "reason": "it is away"}],
    }
