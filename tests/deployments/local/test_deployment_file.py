"""What is deployed: prefect.yaml as it is, or with a training for each horizon of one's own."""

import pytest
import yaml

from deployments.local import deployment_file as deployment_file_module
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


def test_horizons_that_the_file_does_not_have_are_not_trained(settings_of):
    found = deployments(deployment_file(settings_of(**{"1d": "1 2 * * *"})))
    assert {name for name in found if name.startswith("train-")} == {"train-1d"}


def test_a_horizon_that_has_a_training_keeps_it(settings_of):
    found = deployments(deployment_file(settings_of(**{"1d": "1 2 * * *"})))
    assert found["train-1d"] == deployments(PREFECT_YAML)["train-1d"]


def test_a_horizon_of_ones_own_is_trained_like_the_others_at_its_own_cadence(settings_of):
    found = deployments(deployment_file(settings_of(**{"12h": "7 8 * * *"})))
    own, pattern = found["train-12h"], deployments(PREFECT_YAML)["train-1h"]
    assert (own["parameters"], own["tags"]) == ({"horizon": "12h"}, ["foretick", "training", "12h"])
    assert own["schedules"] == [{"slug": "retrain", "cron": "7 8 * * *", "timezone": "UTC"}]
    assert {name for name in own if own[name] != pattern[name]} == {
        "name", "description", "tags", "parameters", "schedules",
    }  # fmt: skip


def test_everything_else_is_deployed_as_it_stands_in_the_projects_file(settings_of):
    with_own = yaml.safe_load(deployment_file(settings_of(**{"12h": "7 8 * * *"})).read_text())
    plain = yaml.safe_load(PREFECT_YAML.read_text())
    kept = [each for each in plain.pop("deployments") if not each["name"].startswith("train-")]
    assert with_own["deployments"][:-1] == kept
    assert {name: with_own[name] for name in plain} == plain


def test_a_training_of_a_shipped_horizon_that_was_taken_out_stays_out(tmp_path, monkeypatch):
    document = yaml.safe_load(PREFECT_YAML.read_text())
    document["deployments"] = [each for each in document["deployments"] if each["name"] != "train-1m"]
    mine = tmp_path / "mine.yaml"
    mine.write_text(yaml.safe_dump(document))
    monkeypatch.setattr(deployment_file_module, "PREFECT_YAML", mine)
    assert deployment_file(load_settings(home=tmp_path)) == mine
