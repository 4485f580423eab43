"""What is deployed: prefect.yaml as it is, or with a training for each horizon of one's own."""

import pytest
import yaml

from deployments.local.deployment_file import PREFECT_YAML, deployment_file
from forecasting.settings import PROJECT, load_settings


@pytest.fixture
def settings_of(tmp_path):
    """Settings whose horizons file has horizons of these names, each like 1h."""
    given = yaml.safe_load((PROJECT / "forecasting" / "horizons.yaml").read_text())["horizons"]["1h"]

    def settings(**crons):
        own = {name: given | {"retrain_cron": cron} for name, cron in crons.items()}
        (tmp_path / "mine.yaml").write_text(yaml.safe_dump({"horizons": own}))
        return load_settings(home=tmp_path, horizons_file=tmp_path / "mine.yaml")

    return settings


def deployments(file):
    return {each["name"]: each for each in yaml.safe_load(file.read_text())["deployments"]}


def test_without_horizons_of_ones_own_the_projects_file_is_deployed(tmp_path):
    assert deployment_file(load_settings(home=tmp_path)) == PREFECT_YAML
    assert list(tmp_path.iterdir()) == []


def test_a_horizon_that_has_a_training_gets_no_second_one(settings_of):
    assert deployment_file(settings_of(**{"1h": "1 2 * * *"})) == PREFECT_YAML


def test_a_horizon_of_ones_own_is_trained_like_1h_at_its_own_cadence(settings_of):
    found = deployments(deployment_file(settings_of(**{"12h": "7 8 * * *"})))
    own, pattern = found["train-12h"], found["train-1h"]
    assert (own["parameters"], own["tags"]) == ({"horizon": "12h"}, ["foretick", "training", "12h"])
    assert own["schedules"] == [{"slug": "retrain", "cron": "7 8 * * *", "timezone": "UTC"}]
    assert {name for name in own if own[name] != pattern[name]} == {
        "name", "description", "tags", "parameters", "schedules",
    }  # fmt: skip


def test_everything_else_is_deployed_as_it_stands_in_the_projects_file(settings_of):
    with_own = yaml.safe_load(deployment_file(settings_of(**{"12h": "7 8 * * *"})).read_text())
    plain = yaml.safe_load(PREFECT_YAML.read_text())
    assert with_own["deployments"][:-1] == plain.pop("deployments")
    assert {name: with_own[name] for name in plain} == plain
