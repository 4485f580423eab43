"""Prefect is asked over REST, with short waits; whatever it is not, the caller is told in one line."""

import httpx
import pytest

from forecasting.errors import OrchestratorUnavailable, UnknownDeployment
from forecasting.settings import load_settings
from serving.jobs import orchestrator
from serving.jobs.orchestrator import Orchestrator
from tests.serving.orchestrators import be_patient, deploy, nobody, post, silent

NAME = "asked-over-rest/here"


@pytest.fixture(scope="module")
def prefect(prefect_url):
    deploy(prefect_url, *NAME.split("/"))
    return Orchestrator(prefect_url)


@pytest.fixture(autouse=True)
def _patient(monkeypatch):
    be_patient(monkeypatch)


def stored_run(prefect, run):
    return post(prefect.url, "/flow_runs/filter", {"flow_runs": {"id": {"any_": [run.id]}}})[0]


@pytest.fixture
def answering(monkeypatch):
    """An orchestrator whose server answers as a function says."""

    def orchestrator_of(answer, **settings):
        transport, client = httpx.MockTransport(answer), httpx.Client
        monkeypatch.setattr(httpx, "Client", lambda **options: client(**options, transport=transport))
        return Orchestrator.of(load_settings(prefect_api_url="http://prefect.example/api", **settings))

    return orchestrator_of


def test_a_run_is_scheduled_with_its_parameters_in_the_callers_workspace(prefect):
    run = prefect.start(prefect.deployment(NAME), {"horizon": "1h"}, "key-parameters", "research")
    stored = stored_run(prefect, run)
    assert (stored["state_type"], stored["parameters"]) == ("SCHEDULED", {"horizon": "1h"})
    assert stored["job_variables"] == {"env": {"FORETICK_WORKSPACE": "research"}}


def test_the_same_key_starts_one_run(prefect):
    deployment = prefect.deployment(NAME)
    first = prefect.start(deployment, {}, "key-twice", "default")
    assert prefect.start(deployment, {}, "key-twice", "default").id == first.id


def test_runs_are_found_by_their_keys(prefect):
    run = prefect.start(prefect.deployment(NAME), {}, "key-found", "default")
    found = prefect.runs(["key-found", "key-absent"])
    assert {key: each.id for key, each in found.items()} == {"key-found": run.id}


def test_more_keys_than_prefect_gives_at_once_are_all_looked_for(prefect):
    run = prefect.start(prefect.deployment(NAME), {}, "key-last", "default")
    absent = [f"absent-{number}" for number in range(orchestrator.MOST_RUNS)]
    assert prefect.runs([*absent, "key-last"])["key-last"].id == run.id


def test_an_unknown_deployment_is_told(prefect):
    with pytest.raises(UnknownDeployment, match="foretick up deploys those"):
        prefect.deployment("asked-over-rest/nowhere")


def test_a_deployment_that_is_gone_meanwhile_is_no_hang(prefect):
    gone = prefect.deployment(NAME).model_copy(update={"id": "00000000-0000-0000-0000-000000000000"})
    with pytest.raises(OrchestratorUnavailable, match="status 404"):
        prefect.start(gone, {}, "key-gone", "default")


def test_nobody_at_the_address_is_told_at_once():
    with pytest.raises(OrchestratorUnavailable, match="does not answer"):
        nobody().runs(["key"])


def test_a_server_that_never_answers_is_left(monkeypatch):
    monkeypatch.setattr(orchestrator, "ANSWER_SECONDS", 0.1)
    with silent() as hanging, pytest.raises(OrchestratorUnavailable, match="does not answer"):
        hanging.runs(["key"])


@pytest.mark.parametrize("url", ["no address", "http://[", "ftp://127.0.0.1/api"])
def test_an_address_that_is_none_is_told(url):
    with pytest.raises(OrchestratorUnavailable):
        Orchestrator(url).runs(["key"])


def test_a_server_that_is_not_prefect_is_told(prefect):
    with pytest.raises(OrchestratorUnavailable, match=r"status 40"):
        Orchestrator(prefect.url.removesuffix("/api")).runs(["key"])


def test_an_answer_that_no_prefect_gives_is_told(answering):
    with pytest.raises(OrchestratorUnavailable, match="is not Prefect"):
        answering(lambda _: httpx.Response(200, text="<html>")).runs(["key"])


def test_a_busy_prefect_is_asked_again(answering):
    answers = [httpx.Response(503), httpx.Response(200, json=[])]
    assert answering(lambda _: answers.pop(0)).runs(["key"]) == {}


def test_a_prefect_that_stays_busy_is_left(answering, monkeypatch):
    monkeypatch.setattr(orchestrator, "BUSY_SECONDS", 0.0)
    with pytest.raises(OrchestratorUnavailable, match="status 503"):
        answering(lambda _: httpx.Response(503)).runs(["key"])


def test_the_page_of_a_run_is_there_for_a_browser(prefect):
    run = prefect.start(prefect.deployment(NAME), {}, "key-page", "default")
    page = httpx.get(prefect.run_page(run.id), headers={"Accept": "text/html"}, timeout=60)
    assert (page.status_code, "<html" in page.text) == (200, True)


def test_the_page_of_a_run_shows_no_password():
    page = Orchestrator("https://jan:secret@prefect.example:4200/api").run_page("5c0e")
    assert page == "https://prefect.example:4200/runs/flow-run/5c0e"


def test_no_secret_is_in_what_is_printed_of_it():
    settings = load_settings(
        prefect_api_url="https://jan:secret@prefect.example/api",
        prefect_api_key="secret",
        prefect_api_auth_string="eva:secret",
    )
    assert "secret" not in repr(Orchestrator.of(settings)) + repr(settings)


@pytest.mark.parametrize(
    ("given", "sent"),
    [
        ({"prefect_api_key": "k"}, "Bearer k"),
        ({"prefect_api_auth_string": "eva:p:w"}, httpx.BasicAuth("eva", "p:w")._auth_header),
    ],
)
def test_what_prefect_asks_for_is_sent(answering, given, sent):
    seen = []

    def answer(request):
        seen.append(request.headers["Authorization"])
        return httpx.Response(200, json=[])

    answering(answer, **given).runs(["key"])
    assert seen == [sent]


def test_without_an_address_it_is_the_one_of_this_machine(monkeypatch):
    monkeypatch.delenv("PREFECT_API_URL", raising=False)
    assert Orchestrator.of(load_settings(prefect_port=4300)).url == "http://127.0.0.1:4300/api"


def test_it_was_a_real_server(prefect):
    assert post(prefect.url, "/deployments/count", {}) >= 1
