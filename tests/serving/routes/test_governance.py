"""What serves is moved over HTTP: by whom and why is kept, twice is once, and a lost race says who won."""

import contextlib
from urllib.parse import quote

import pytest

from forecasting.adapters.jobs import Job, RunState
from forecasting.adapters.promotion.governing import Governed
from forecasting.adapters.promotion.pointer import read_pointer
from forecasting.adapters.promotion.tried import note_trial
from forecasting.adapters.store import open_store
from forecasting.adapters.store.card_book import CardBook
from forecasting.adapters.store.settings_book import SettingsBook
from forecasting.errors import (
    DamagedBundle,
    InputError,
    OrchestratorUnavailable,
    PointerMoved,
    RegistryUnavailable,
    UnknownVersion,
)
from serving.jobs.desk import Desk
from serving.routes import governance
from tests.serving.placing import place
from tests.serving.routes.test_registry import Version, card

SAID = "somebody said"
FRESH = "1h-3f1c0a9b7d2e"
ROLLBACK, DEPRECATE, PROMOTE = (f"/api/models/1h-3/{each}" for each in ("rollback", "deprecate", "promote"))
OVERRIDE = {"override": True, "reason": SAID}


def kind(response):
    assert SAID not in response.text
    return response.status_code, response.json()["type"].rpartition(":")[2]


@pytest.fixture
def post(reading):
    place(reading.store, Version("3", "1h-3", "1h3"))
    CardBook(reading.store).keep(card(3))
    return lambda path, **body: reading.client.post(path, json=body)


@pytest.fixture
def instructions(monkeypatch, reading):
    """What is asked below; it is answered that nothing had to be done."""
    asked = []

    def govern(store, request):
        asked.append(request.instruction)
        return Governed(read_pointer(store, "forecast-1h"), moved=False)

    monkeypatch.setattr(governance, "govern", govern)
    return asked


class _Mlflow(dict):
    """What MLflow knows of versions without a card, by model id; and what it was asked for."""

    def __init__(self):
        super().__init__()
        self.asked = []

    def find_card(self, *asked):
        self.asked.append(asked[-1])
        return self.get(asked[-1])


@pytest.fixture
def found(monkeypatch):
    """What MLflow knows of versions without a card."""
    known = _Mlflow()
    monkeypatch.setattr(governance, "find_card", known.find_card)
    return known


@pytest.mark.parametrize(
    ("path", "body", "action", "to"),
    [
        (ROLLBACK, {"reason": SAID}, "rollback", "previous"),
        (ROLLBACK, {"reason": SAID, "to": "naive"}, "rollback", "naive"),
        (DEPRECATE, {"reason": SAID}, "deprecate", "previous"),
        (PROMOTE, OVERRIDE, "promote", "previous"),
    ],
)
def test_who_asks_for_what_and_why_is_handed_on(instructions, post, path, body, action, to):
    response = post(path, **body)
    (asked,) = instructions
    assert (asked.action, asked.model_id, asked.who, asked.reason, asked.to) == (
        action,
        "1h-3",
        "local",
        SAID,
        to,
    )
    answer = response.json()
    assert (response.status_code, answer["moved"], answer["epoch"]) == (200, False, 1)
    assert answer["production"] == {"model_id": "1h-3", "version": "3", "evidence": "unproven"}
    assert (answer["move"]["from"], answer["move"]["to"], answer["move"]["who"]) == (None, "3", "jan")
    assert answer["move"]["override"] is True


@pytest.mark.parametrize(
    ("path", "body"),
    [
        (ROLLBACK, {}),
        (ROLLBACK, {"reason": ""}),
        (ROLLBACK, {"reason": "x" * 501}),
        (ROLLBACK, {"reason": SAID, "to": "2"}),
        (DEPRECATE, {"reason": 5}),
        (PROMOTE, {"override": True}),
        (PROMOTE, {"reason": SAID}),
        (PROMOTE, {"override": True, "reason": SAID, "policy": SAID}),
    ],
)
def test_what_makes_no_sense_is_refused(instructions, post, path, body):
    assert kind(post(path, **body)) == (422, "malformed-request")
    assert instructions == []


@pytest.mark.parametrize(
    ("error", "told"),
    [
        (UnknownVersion(SAID), (404, "unknown-model")),
        (InputError("version 3 serves"), (409, "refused")),
        (DamagedBundle(SAID), (409, "refused")),
        (PointerMoved(SAID), (409, "pointer-moved")),
        (RegistryUnavailable(SAID), (503, "registry-unavailable")),
    ],
)
def test_what_cannot_be_done_is_a_problem(monkeypatch, post, error, told):
    def fails(store, request):
        raise error

    monkeypatch.setattr(governance, "govern", fails)
    assert kind(post(ROLLBACK, reason=SAID)) == told


@pytest.mark.parametrize(
    "model_id",
    ["nobody", "1h' OR name LIKE '%-3", "2h-3f1c0a9b7d2e", "1h", "1h-9", "1h-nobody", "1h-3f1c0a9b7d2e0", "1h-3F1C0A9B7D2E"],
)  # fmt: skip
@pytest.mark.parametrize(
    ("action", "body"),
    [("rollback", {"reason": SAID}), ("deprecate", {"reason": SAID}), ("promote", OVERRIDE), ("promote", {})],
)
def test_an_id_that_no_version_can_have_reaches_nobody(instructions, found, post, model_id, action, body):
    assert kind(post(f"/api/models/{quote(model_id)}/{action}", **body)) == (404, "unknown-model")
    assert (instructions, found.asked) == ([], [])


def test_an_id_that_a_fresh_version_could_have_is_looked_for(instructions, post):
    assert post(f"/api/models/{FRESH}/promote", **OVERRIDE).status_code == 200
    assert [each.model_id for each in instructions] == [FRESH]


@pytest.mark.parametrize("model_id", ["1h-old", "1h-older"])
def test_an_id_that_the_pointer_knows_needs_no_card(instructions, post, reading, model_id):
    place(reading.store, Version("1", "1h-older", "1h1"))
    place(reading.store, Version("2", "1h-old", "1h2"))
    assert post(f"/api/models/{model_id}/promote", **OVERRIDE).status_code == 200
    assert [each.model_id for each in instructions] == [model_id]


def test_a_lost_race_says_who_won(monkeypatch, post):
    def fails(store, request):
        raise PointerMoved(SAID)

    monkeypatch.setattr(governance, "govern", fails)
    detail = post(ROLLBACK, reason=SAID).json()["detail"]
    assert "promote without the gate by jan via command" in detail
    assert "version 3 serves" in detail


def job_of(asked):
    state = RunState("scheduled", 5)
    return Job("an id", "a key", asked.kind, asked.deployment, asked.parameters, asked.who, 5, state)


def test_without_override_the_gate_is_asked_by_a_job(monkeypatch, post):
    wanted = []
    monkeypatch.setattr(Desk, "start", lambda _, asked: wanted.append(asked) or job_of(asked))
    response = post(PROMOTE)
    assert (response.status_code, response.json()["kind"], response.json()["job_id"]) == (
        202,
        "promote",
        "an id",
    )
    (asked,) = wanted
    assert (asked.deployment, asked.who) == ("promote-candidates/promote", "local")
    assert asked.parameters == {"horizons": ["1h"], "version": "3"}


def test_where_prefect_is_not_there_that_is_told(monkeypatch, post):
    def start(desk, asked):
        raise OrchestratorUnavailable("nobody answers")

    monkeypatch.setattr(Desk, "start", start)
    assert kind(post(PROMOTE)) == (503, "orchestrator-unavailable")


def test_a_version_whose_card_nobody_wrote_is_looked_for_in_mlflow(monkeypatch, post, found):
    wanted = []
    found[FRESH] = card(9)
    monkeypatch.setattr(Desk, "start", lambda _, asked: wanted.append(asked) or job_of(asked))
    assert post(f"/api/models/{FRESH}/promote").status_code == 202
    assert wanted[0].parameters == {"horizons": ["1h"], "version": "9"}


def test_a_version_that_mlflow_does_not_know_either_cannot_be_judged(post, found):
    assert kind(post(f"/api/models/{FRESH}/promote")) == (404, "unknown-model")


def test_a_card_that_cannot_be_looked_for_is_a_problem(monkeypatch, post):
    def fails(*_):
        raise RegistryUnavailable(SAID)

    monkeypatch.setattr(governance, "find_card", fails)
    assert kind(post(f"/api/models/{FRESH}/promote")) == (503, "registry-unavailable")


@pytest.fixture
def promoted(installation, source, world, promote):
    """Two versions on this machine, the second in production: the ids of both."""
    for number, version in enumerate(world.versions, 1):
        installation.registry.fetch_bundle(version, source.bundle_folder)
        note_trial(source.bundle_folder / version.digest, version.digest)
        promote(number)
    return tuple(each.model_id for each in world.versions)


def test_a_server_answers_from_the_previous_version_after_a_rollback(serve, installation, promoted):
    first, second = promoted
    client = serve()
    watcher = client.app.state.service.watcher
    assert watcher.wait_until(lambda seen: seen.models["1h"].model_id == second, 30)
    response = client.post(f"/api/models/{second}/rollback", json={"reason": "worse"})
    answer = response.json()
    assert (response.status_code, answer["moved"], answer["unserved"]) == (200, True, None), response.text
    assert watcher.wait_until(lambda seen: seen.models["1h"].model_id == first, 30)
    with contextlib.closing(open_store(None, installation.settings.store_path, "unused")) as store:
        assert read_pointer(store, "forecast-1h").move.via == "api"


def test_who_moves_to_a_version_of_another_threshold_is_told_that_it_serves_nobody(
    serve, installation, promoted
):
    with contextlib.closing(open_store(None, installation.settings.store_path, "unused")) as store:
        SettingsBook(store).write({"1h": {"threshold": 0.001}}, 0, "ada", "x", 1_000)
    answer = serve().post(f"/api/models/{promoted[1]}/rollback", json={"reason": "worse"}).json()
    told = "no server answers with version 1, naive does: the model was trained with threshold 0.0"
    assert (answer["moved"], told in answer["unserved"]) == (True, True)
