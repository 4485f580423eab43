"""Trainings run when the settings say: real schedules of a real Prefect follow, and whatever hinders that is told."""

from datetime import datetime, timedelta

import httpx
import pytest

from forecasting.horizons import load_horizons
from serving.jobs import cadence, orchestrator
from serving.jobs.cadence import Cadence, apply_cadences
from serving.jobs.orchestrator import Orchestrator
from tests.serving.orchestrators import be_patient, deploy, nobody, post, silent

OLD, NEW = "30 3 * * *", "10 7 * * 2"
FLOW = "train-horizon"


@pytest.fixture(autouse=True)
def _patient(monkeypatch):
    be_patient(monkeypatch)


@pytest.fixture
def prefect(prefect_url):
    return Orchestrator(prefect_url)


def horizon(name, cron=NEW):
    return load_horizons()["1h"].model_copy(update={"name": name, "retrain_cron": cron})


def schedules(prefect, deployment_id):
    answer = httpx.get(f"{prefect.url}/deployments/{deployment_id}", headers={"Connection": "close"})
    return answer.raise_for_status().json()["schedules"]


def change_schedule(prefect, deployment_id, content):
    (schedule,) = schedules(prefect, deployment_id)
    path = f"/deployments/{deployment_id}/schedules/{schedule['id']}"
    post(prefect.url, path, content, method="PATCH")


def planned(prefect, deployment_id):
    """Moments of the runs that Prefect will start by itself."""
    which = {
        "deployments": {"id": {"any_": [deployment_id]}},
        "flow_runs": {"state": {"type": {"any_": ["SCHEDULED"]}}},
    }
    runs = post(prefect.url, "/flow_runs/filter", which)
    return sorted(datetime.fromisoformat(run["expected_start_time"]) for run in runs)


def test_the_schedule_and_its_next_run_move(prefect):
    mine = deploy(prefect.url, FLOW, "train-71h", [OLD])
    post(prefect.url, f"/deployments/{mine}/schedule", {})
    before = planned(prefect, mine)
    told = apply_cadences(prefect, [horizon("71h")])
    after = planned(prefect, mine)
    assert told == [Cadence("71h", NEW, "applied", before=OLD)]
    assert schedules(prefect, mine)[0]["schedule"]["cron"] == NEW
    assert {(each.hour, each.minute) for each in before} == {(3, 30)}
    assert {(each.isoweekday(), each.hour, each.minute) for each in after} == {(2, 7, 10)}
    assert after[1] - after[0] == timedelta(days=7)


def test_what_runs_by_the_settings_is_left_alone(prefect):
    mine = deploy(prefect.url, FLOW, "train-72h", [NEW])
    untouched = schedules(prefect, mine)
    assert apply_cadences(prefect, [horizon("72h")]) == [Cadence("72h", NEW, "in place", before=NEW)]
    assert schedules(prefect, mine) == untouched


def test_fields_of_another_time_zone_are_other_fields(prefect):
    mine = deploy(prefect.url, FLOW, "train-73h", [OLD])
    change_schedule(prefect, mine, {"schedule": {"cron": NEW, "timezone": "Asia/Tokyo"}})
    assert apply_cadences(prefect, [horizon("73h")]) == [Cadence("73h", NEW, "applied")]
    assert schedules(prefect, mine)[0]["schedule"]["timezone"] == "UTC"


def test_a_paused_schedule_stays_paused_and_says_so(prefect):
    mine = deploy(prefect.url, FLOW, "train-74h", [OLD])
    change_schedule(prefect, mine, {"active": False})
    (told,) = apply_cadences(prefect, [horizon("74h")])
    (schedule,) = schedules(prefect, mine)
    assert (told.outcome, told.paused) == ("applied", True)
    assert (schedule["active"], schedule["schedule"]["cron"]) == (False, NEW)
    assert planned(prefect, mine) == []


def test_what_else_a_person_gave_the_schedule_stays(prefect):
    mine = deploy(prefect.url, FLOW, "train-75h", [OLD])
    change_schedule(prefect, mine, {"parameters": {"train_window_days": 30}})
    apply_cadences(prefect, [horizon("75h")])
    (schedule,) = schedules(prefect, mine)
    assert (schedule["slug"], schedule["parameters"]) == ("slug-0", {"train_window_days": 30})


@pytest.mark.parametrize(("name", "crons"), [("76h", []), ("77h", [OLD, "0 4 * * 1"])])
def test_another_number_of_schedules_than_one_is_told_and_none_is_touched(prefect, name, crons):
    mine = deploy(prefect.url, FLOW, f"train-{name}", crons)
    (told,) = apply_cadences(prefect, [horizon(name)])
    assert told.outcome == "kept"
    assert f"train-{name} has {len(crons)} schedules" in told.reason
    assert sorted(each["schedule"]["cron"] for each in schedules(prefect, mine)) == sorted(crons)


def test_a_horizon_that_nothing_trains_is_told_and_the_next_one_is_changed(prefect):
    deploy(prefect.url, FLOW, "train-78h", [OLD])
    absent, present = apply_cadences(prefect, [horizon("79h"), horizon("78h")])
    assert (absent.outcome, present.outcome) == ("kept", "applied")
    assert "no deployment train-horizon/train-79h" in absent.reason
    assert not absent.away


def test_fields_that_prefect_refuses_do_not_keep_the_others(prefect):
    deploy(prefect.url, FLOW, "train-80h", [OLD])
    deploy(prefect.url, FLOW, "train-81h", [OLD])
    refused, applied = apply_cadences(prefect, [horizon("80h", "0 0 31 2 99"), horizon("81h")])
    assert (refused.outcome, applied.outcome) == ("kept", "applied")
    assert "status 422" in refused.reason


def test_without_prefect_every_cadence_is_kept_with_the_reason():
    told = apply_cadences(nobody(), [horizon("71h"), horizon("72h")])
    assert [(each.outcome, each.cron) for each in told] == [("kept", NEW)] * 2
    assert all("Prefect does not answer" in each.reason and each.away for each in told)


def test_a_prefect_that_never_answers_is_asked_once(monkeypatch):
    monkeypatch.setattr(orchestrator, "ANSWER_SECONDS", 0.1)
    monkeypatch.setattr(cadence, "PATIENCE_SECONDS", 0.0)
    asked = []
    monkeypatch.setattr(
        Orchestrator, "_answer", lambda *given, ask=Orchestrator._answer: asked.append(given) or ask(*given)
    )
    with silent() as hanging:
        told = apply_cadences(hanging, [horizon("71h"), horizon("72h")])
    assert ([(each.outcome, each.away) for each in told], len(asked)) == ([("kept", True)] * 2, 1)
