"""Flows report to the server that is named, else to the one that runs, else to one for the moment."""

import os
import subprocess
import sys

import orjson
import pytest

from deployments.local.addresses import addresses_file
from deployments.local.orchestration import prefect_api, running_prefect
from forecasting.settings import load_settings

STALE = "http://127.0.0.1:9/api"
OF_ONES_OWN = """
import os
from deployments.local.environment import apply_environment
from deployments.local.orchestration import prefect_api
from deployments.local.services import answers
from forecasting.settings import load_settings
settings = load_settings()
apply_environment(settings)
with prefect_api(settings) as url:
    print(url, answers(url + "/health"), os.environ["PREFECT_API_URL"] == url)
print(answers(url + "/health"), "PREFECT_API_URL" in os.environ)
"""


@pytest.fixture
def settings(tmp_path):
    return load_settings(home=tmp_path)


def runs_at(settings, url):
    addresses_file(settings).write_bytes(orjson.dumps({"prefect_api": url}))


def test_a_named_server_is_used(settings, prefect_url):
    with prefect_api(settings) as url:
        assert url == prefect_url


def test_a_server_that_runs_here_is_found(settings, prefect_url, monkeypatch):
    monkeypatch.delenv("PREFECT_API_URL")
    runs_at(settings, prefect_url)
    done = []
    with prefect_api(settings, lambda: done.append(True)) as url:
        assert (url, done) == (prefect_url, [True])


def test_addresses_of_a_stack_that_is_gone_are_ignored(settings):
    runs_at(settings, STALE)
    assert running_prefect(settings) is None


def test_without_a_server_one_is_run_for_the_moment(settings):
    runs_at(settings, STALE)
    environment = {**os.environ, "FORETICK_HOME": str(settings.home)}
    environment.pop("PREFECT_API_URL", None)
    done = subprocess.run(
        [sys.executable, "-c", OF_ONES_OWN],
        env=environment,
        capture_output=True,
        text=True,
        check=True,
        timeout=120,
    )
    during, after = done.stdout.splitlines()
    assert during.startswith("http://127.0.0.1:")
    assert during.endswith(" True True")
    assert after == "False False"
