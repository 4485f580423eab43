"""A job is written down before its run is asked for, one key starts one run, and states are never invented."""

import contextlib
from types import SimpleNamespace

import pytest

from forecasting.adapters.jobs import JobBook
from forecasting.adapters.store import open_store
from forecasting.errors import KeyReused, OrchestratorUnavailable, StoreUnavailable, UnknownDeployment
from serving.jobs.desk import STILL_COMING_MS, Desk, Wanted
from serving.jobs.orchestrator import Deployment, Orchestrator
from tests.serving.orchestrators import be_patient, deploy, move, nobody

NAME = "asked-at-the-desk/here"


@pytest.fixture(scope="module")
def prefect(prefect_url):
    deploy(prefect_url, *NAME.split("/"))
    return Orchestrator(prefect_url)


@pytest.fixture(autouse=True)
def _patient(monkeypatch):
    be_patient(monkeypatch)


@pytest.fixture
def store(tmp_path):
    opened = open_store(None, tmp_path / "store.db", "unused")
    yield opened
    opened.close()


@pytest.fixture
def clock():
    return SimpleNamespace(now_ms=1_000_000)


@pytest.fixture
def desk_of(store, clock):
    return lambda orchestrator: Desk(lambda: store, orchestrator, "default", lambda: clock.now_ms)


def wanted(key=None, **changes):
    return Wanted(
        **{"kind": "retrain", "deployment": NAME, "parameters": {}, "who": "jan", "key": key} | changes
    )


class Forgetful:
    """Starts the run, then fails before it says so."""

    def __init__(self, prefect):
        self.prefect = prefect

    def deployment(self, name):
        return self.prefect.deployment(name)

    def runs(self, keys):
        return self.prefect.runs(keys)

    def start(self, *request):
        self.prefect.start(*request)
        raise OrchestratorUnavailable("the line broke")


class Deaf(Forgetful):
    """Has the deployment, and never gets the request."""

    def start(self, *_):
        raise OrchestratorUnavailable("the line broke")


def test_a_started_job_knows_its_run_and_who_wanted_it(desk_of, prefect, store):
    job = desk_of(prefect).start(wanted())
    assert (job.run.state, job.who, job.requested_ms) == ("scheduled", "jan", 1_000_000)
    assert job.run.run_id == prefect.runs([job.run_key])[job.run_key].id
    assert JobBook(store).get(job.id) == job


def test_two_requests_without_a_key_are_two_runs(desk_of, prefect):
    desk = desk_of(prefect)
    assert desk.start(wanted()).run.run_id != desk.start(wanted()).run.run_id


def test_one_key_starts_one_run(desk_of, prefect):
    desk = desk_of(prefect)
    assert desk.start(wanted("mine")) == desk.start(wanted("mine"))


def test_a_key_that_is_known_is_answered_while_nobody_runs_jobs(desk_of, prefect):
    known = desk_of(prefect).start(wanted("kept"))
    assert desk_of(nobody()).start(wanted("kept")) == known


def test_the_keys_of_two_callers_are_two_keys(desk_of, prefect):
    desk = desk_of(prefect)
    assert desk.start(wanted("ours")).id != desk.start(wanted("ours", who="eva")).id


def test_a_key_for_all_is_one_whoever_sends_it(desk_of, prefect):
    desk = desk_of(prefect)
    assert (
        desk.start(wanted("set up", for_all=True)).id
        == desk.start(wanted("set up", for_all=True, who="eva")).id
    )


def test_the_same_key_in_another_installation_is_a_run_of_its_own(desk_of, prefect, tmp_path):
    job = desk_of(prefect).start(wanted("mine"))
    with contextlib.closing(open_store(None, tmp_path / "other.db", "unused")) as other:
        theirs = Desk(lambda: other, prefect, "default", lambda: 0).start(wanted("mine"))
    assert (theirs.id, theirs.run.run_id == job.run.run_id) == (job.id, False)


def test_a_key_of_another_request_is_refused(desk_of, prefect):
    desk = desk_of(prefect)
    desk.start(wanted("one"))
    with pytest.raises(KeyReused):
        desk.start(wanted("one", parameters={"horizon": "1d"}))


def test_where_nobody_runs_jobs_none_is_written_down(desk_of, store):
    with pytest.raises(OrchestratorUnavailable):
        desk_of(nobody()).start(wanted())
    assert JobBook(store).page(None, 9) == ([], None)


def test_an_unknown_deployment_leaves_no_job(desk_of, prefect, store):
    with pytest.raises(UnknownDeployment):
        desk_of(prefect).start(wanted(deployment="asked-at-the-desk/nowhere"))
    assert JobBook(store).page(None, 9) == ([], None)


def test_without_a_store_nothing_is_started():
    def closed():
        raise StoreUnavailable("closed")

    started = SimpleNamespace(deployment=lambda name: Deployment(id=name), start=pytest.fail)
    with pytest.raises(StoreUnavailable):
        Desk(closed, started, "default", lambda: 0).start(wanted())


def test_a_run_that_began_unheard_is_found(desk_of, prefect):
    with pytest.raises(OrchestratorUnavailable):
        desk_of(Forgetful(prefect)).start(wanted())
    page = desk_of(prefect).page(None, 9)
    assert ([job.run.state for job in page.jobs], page.problem) == (["scheduled"], None)


def test_after_a_broken_line_the_same_key_finds_the_run_that_began(desk_of, prefect):
    with pytest.raises(OrchestratorUnavailable):
        desk_of(Forgetful(prefect)).start(wanted("again"))
    job = desk_of(prefect).start(wanted("again"))
    assert job.run.run_id == prefect.runs([job.run_key])[job.run_key].id
    assert len(desk_of(prefect).page(None, 9).jobs) == 1


def test_what_may_still_be_coming_is_not_called_lost(desk_of, prefect, clock):
    with pytest.raises(OrchestratorUnavailable):
        desk_of(Deaf(prefect)).start(wanted())
    clock.now_ms += STILL_COMING_MS - 1
    assert desk_of(prefect).latest("retrain").run.state == "requested"


def test_what_never_came_is_called_lost(desk_of, prefect, clock):
    with pytest.raises(OrchestratorUnavailable):
        desk_of(Deaf(prefect)).start(wanted())
    clock.now_ms += STILL_COMING_MS
    assert desk_of(prefect).latest("retrain").run.state == "lost"


def test_a_key_whose_run_never_came_can_be_sent_again(desk_of, prefect, clock):
    with pytest.raises(OrchestratorUnavailable):
        desk_of(Deaf(prefect)).start(wanted("never"))
    clock.now_ms += STILL_COMING_MS
    desk_of(prefect).latest("retrain")
    assert desk_of(prefect).start(wanted("never")).run.state == "scheduled"


def test_the_end_of_a_run_is_learned_with_its_times_and_its_reason(desk_of, prefect, clock):
    desk = desk_of(prefect)
    job = desk.start(wanted())
    move(prefect.url, job.run.run_id, "RUNNING")
    move(prefect.url, job.run.run_id, "FAILED", "no candles")
    clock.now_ms += 5
    found, problem = desk.job(job.id)
    assert (found.run.state, found.run.message, found.run.seen_ms, problem) == (
        "failed",
        "no candles",
        1_000_005,
        None,
    )
    assert found.run.started_ms <= found.run.ended_ms


def test_the_last_known_state_stays_with_its_age_while_nobody_answers(desk_of, prefect, clock):
    job = desk_of(prefect).start(wanted())
    clock.now_ms += 60_000
    found, problem = desk_of(nobody()).job(job.id)
    assert found == job
    assert isinstance(problem, OrchestratorUnavailable)


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("AwaitingConcurrencySlot", "another run of its deployment"),
        ("Late", "no worker has taken it yet"),
        (None, None),
    ],
)
def test_what_a_run_waits_for_is_told(desk_of, prefect, name, told):
    desk = desk_of(prefect)
    job = desk.start(wanted())
    move(prefect.url, job.run.run_id, "SCHEDULED", name=name)
    run = desk.job(job.id)[0].run
    assert run.state == "scheduled"
    assert run.message is None if told is None else told in run.message


def test_a_run_that_ended_is_not_asked_about_again(desk_of, prefect):
    desk = desk_of(prefect)
    job = desk.start(wanted())
    move(prefect.url, job.run.run_id, "CANCELLED")
    ended, _ = desk.job(job.id)
    assert desk_of(nobody()).job(job.id) == (ended, None)
