"""prefect.yaml deploys flows that exist, with parameters that they have, at the cadence of the horizons."""

import importlib

import pytest
import yaml
from prefect import Flow
from prefect.utilities.callables import parameter_schema

from deployments.local.stack import WORK_POOL
from forecasting.horizons import load_horizons
from forecasting.settings import PROJECT

FILE = yaml.safe_load((PROJECT / "prefect.yaml").read_text())
DEPLOYMENTS = {each["name"]: each for each in FILE["deployments"]}
BY_HAND = {"main-job", "ingest-events"}
SCHEDULED = {name: each for name, each in DEPLOYMENTS.items() if name not in BY_HAND}
HORIZONS = load_horizons()

each_deployment = pytest.mark.parametrize("deployment", DEPLOYMENTS.values(), ids=DEPLOYMENTS)
each_scheduled = pytest.mark.parametrize("deployment", SCHEDULED.values(), ids=SCHEDULED)


def flow_of(deployment):
    module, _, name = deployment["entrypoint"].rpartition(".")
    return getattr(importlib.import_module(module), name)


def test_ingestion_validation_training_promotion_watching_and_the_main_job_are_deployed():
    trainings = {f"train-{name}" for name in HORIZONS}
    assert set(DEPLOYMENTS) == {"ingest", "validate", "promote", "watch-production"} | BY_HAND | trainings


@each_deployment
def test_the_entrypoint_is_a_flow(deployment):
    assert isinstance(flow_of(deployment), Flow)


@each_deployment
def test_every_given_parameter_is_one_of_the_flow(deployment):
    flow_of(deployment).validate_parameters(deployment["parameters"])


@each_deployment
def test_every_parameter_of_the_run_form_is_described(deployment):
    properties = parameter_schema(flow_of(deployment)).properties
    assert [name for name, each in properties.items() if not each.get("description")] == []


@each_deployment
def test_a_person_is_told_what_it_does(deployment):
    assert len(deployment["description"]) > 40
    assert "foretick" in deployment["tags"]


@each_deployment
def test_the_stacks_own_worker_runs_it_one_at_a_time_and_a_second_run_waits(deployment):
    assert deployment["work_pool"]["name"] == WORK_POOL
    assert deployment["concurrency_limit"] == {"limit": 1, "collision_strategy": "ENQUEUE"}


@each_scheduled
def test_a_schedule_is_in_utc_and_has_a_name_under_which_a_pause_is_kept(deployment):
    (schedule,) = deployment["schedules"]
    assert schedule["timezone"] == "UTC"
    assert schedule["slug"]


@pytest.mark.parametrize("name", sorted(BY_HAND))
def test_what_needs_a_person_to_name_its_source_runs_by_hand_only(name):
    assert "schedules" not in DEPLOYMENTS[name]
    assert "by-hand" in DEPLOYMENTS[name]["tags"]


@pytest.mark.parametrize("name", HORIZONS)
def test_a_horizon_is_trained_at_its_own_cadence(name):
    deployment = DEPLOYMENTS[f"train-{name}"]
    assert deployment["parameters"] == {"horizon": name}
    assert deployment["schedules"][0]["cron"] == HORIZONS[name].retrain_cron
