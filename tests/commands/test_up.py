"""The whole stack, told as one story: up, killed, up again, stopped; each test holds one fact of it."""

import contextlib
import signal
import socket
import subprocess
import time
from datetime import UTC, datetime

import httpx
import orjson
import pytest
import yaml

from deployments.local.keeper import descendants
from deployments.local.leftovers import CUT_SHORT, MISSED
from deployments.local.services import LOOPBACK, answers
from forecasting.adapters.store import open_store
from forecasting.adapters.store.settings_book import SettingsBook
from forecasting.horizons import load_horizons
from forecasting.settings import PROJECT
from tests.commands.stacks import (
    FAR,
    UP,
    Stack,
    all_gone,
    deployments_of,
    ended_state,
    listening_hosts,
    post,
    read_until,
    start_run,
    state_of,
    whole_log,
)


@pytest.fixture(scope="module")
def stack(tmp_path_factory):
    folder = tmp_path_factory.mktemp("up")
    (folder / "user").mkdir()
    return Stack(folder)


@pytest.fixture(scope="module")
def first(stack):
    """What was seen of the first one, which ends by SIGKILL."""
    seen = {"began": datetime.now(UTC).isoformat()}
    with stack.up("--json") as process, stack.prefect as prefect:
        seen["addresses"] = orjson.loads("\n".join(read_until(process.stdout, "}")))
        pids = descendants(process.pid)
        seen["hosts"] = listening_hosts(pids)
        seen["pages"] = {
            name: httpx.get(seen["addresses"][name]).status_code
            for name in ("prefect_ui", "mlflow_ui", "openapi")
        }
        seen["published"] = orjson.loads((stack.folder / "home/up.json").read_bytes())
        seen["deployments"] = {each["name"] for each in deployments_of(prefect)}
        seen["beside"] = stack.once()
        seen["scheduled"] = runs_by_schedule(prefect)
        failing = start_run(prefect, "train-1m", {"type": "SCHEDULED"})
        seen["failing"] = ended_state(prefect, failing)
        seen["log"] = whole_log(prefect, failing)
        seen["pending"], seen["late"] = (
            start_run(prefect, name, {"type": "SCHEDULED", "state_details": {"scheduled_time": FAR}})
            for name in ("promote", "validate")
        )
        taken = post(prefect, f"/flow_runs/{seen['pending']}/set_state", {"state": {"type": "PENDING"}})
        assert taken["status"] == "ACCEPT"
        seen["slots"] = slots(stack)
        seen["server_log"] = (stack.folder / "home/logs/prefect-server.log").read_text()
        pids = [process.pid, *descendants(process.pid)]
        process.kill()
        seen["all_gone"] = all_gone(pids)
    return seen


@pytest.fixture(scope="module")
def second(stack, first):
    """What was seen of the second one, which ends by SIGINT."""
    stack.database(
        "update flow_run set auto_scheduled = 1, expected_start_time = datetime('now', '-2 hours'), "
        "next_scheduled_start_time = datetime('now', '-2 hours') where id = ?",
        first["late"],
    )
    seen = {}
    with contextlib.closing(
        open_store(None, stack.folder / "home/workspaces/default/store.db", "unused")
    ) as store:
        SettingsBook(store).write({"7d": {"retrain_cron": "10 7 * * 2"}}, 0, "jan", "a test", 1)
    with stack.up() as process, stack.prefect as prefect:
        seen["output"] = read_until(process.stdout, "Workspace")
        seen["pending"], seen["late"] = (state_of(prefect, first[name]) for name in ("pending", "late"))
        seen["slots"] = slots(stack)
        seen["crons"] = crons(prefect)
        pids = [process.pid, *descendants(process.pid)]
        process.send_signal(signal.SIGINT)
        seen["code"] = process.wait(60)
        seen["all_gone"] = all_gone(pids)
        seen["errors"] = (stack.folder / "stderr").read_text()
    return seen


def runs_by_schedule(prefect, seconds=30):
    """When the next run of each deployment begins, once the scheduler has been round."""
    which = {"flow_runs": {"state": {"type": {"any_": ["SCHEDULED"]}}}, "sort": "EXPECTED_START_TIME_DESC"}
    scheduled = {each["id"] for each in deployments_of(prefect) if each["schedules"]}
    deadline = time.monotonic() + seconds
    while True:
        runs = [each for each in post(prefect, "/flow_runs/filter", which) if each["auto_scheduled"]]
        next_runs = {each["deployment_id"]: each["expected_start_time"] for each in runs}
        if set(next_runs) == scheduled:
            return next_runs
        assert time.monotonic() < deadline, next_runs


def crons(prefect):
    """Schedule of each training."""
    found = [each for each in deployments_of(prefect) if each["name"].startswith("train-")]
    return {each["name"]: each["schedules"][0]["schedule"]["cron"] for each in found}


def slots(stack):
    return stack.database("select sum(active_slots) from concurrency_limit_v2")[0][0]


def test_one_json_document_names_every_address(first, stack):
    assert first["addresses"]["prefect_api"] == f"http://{LOOPBACK}:{stack.ports['PREFECT']}/api"
    assert first["addresses"]["mlflow_ui"] == f"http://{LOOPBACK}:{stack.ports['MLFLOW']}"
    assert first["addresses"]["api"] == f"http://{LOOPBACK}:{stack.ports['API']}"


def test_every_address_answers_once_it_is_printed(first):
    assert set(first["pages"].values()) == {httpx.codes.OK}


def test_other_commands_find_the_addresses(first):
    assert first["addresses"].items() <= first["published"].items()


def test_nothing_listens_beyond_this_machine(first):
    assert first["hosts"] == {"0100007F"}


def test_every_deployment_of_the_file_is_in_place(first):
    file = yaml.safe_load((PROJECT / "prefect.yaml").read_text())
    assert first["deployments"] == {each["name"] for each in file["deployments"]}


def test_every_schedule_has_its_next_run_and_none_begins_at_once(first):
    assert len(first["scheduled"]) == 9
    assert min(first["scheduled"].values()) > first["began"]


def test_the_servers_own_services_report_no_failure(first):
    assert [line for line in first["server_log"].splitlines() if "ERROR" in line or "Traceback" in line] == []


def test_a_second_stack_beside_it_is_refused_in_one_line(first):
    assert first["beside"].returncode == 1
    assert first["beside"].stderr.count("\n") == 1
    assert "foretick up runs already at http://" in first["beside"].stderr


def test_the_worker_runs_what_is_started_in_the_pages(first):
    assert first["failing"]["type"] == "FAILED"
    assert "no candles of 1m or finer are stored: ingest some first" in first["failing"]["message"]


def test_a_run_without_candles_is_told_without_a_traceback(first):
    assert first["log"]
    assert [message for message in first["log"] if "Traceback" in message] == []


def test_after_sigkill_no_process_is_left(first):
    assert first["all_gone"]


def test_a_run_that_was_cut_short_is_closed_by_the_next_start(second):
    assert (second["pending"]["name"], second["pending"]["message"]) == ("Crashed", CUT_SHORT)


def test_a_run_that_was_cut_short_gives_its_slot_back(first, second):
    assert (first["slots"], second["slots"]) == (1, 0)


def test_a_run_that_fell_due_meanwhile_is_not_made_up_for(second):
    assert (second["late"]["name"], second["late"]["message"]) == ("Missed", MISSED)


def test_trainings_run_by_the_stored_settings_where_prefect_yaml_has_others(second):
    cadences = {name: each.retrain_cron for name, each in load_horizons().items()} | {"7d": "10 7 * * 2"}
    assert second["crons"] == {f"train-{name}": cron for name, cron in cadences.items()}
    assert '7d is trained at "10 7 * * 2" UTC, as its settings say' in second["errors"]


def test_people_are_shown_the_addresses(second, stack):
    text = "\n".join(second["output"])
    assert all(f"http://{LOOPBACK}:{port}" in text for port in stack.ports.values())


def test_ctrl_c_ends_everything_with_exit_code_0(second):
    assert (second["code"], second["all_gone"]) == (0, True)


def test_the_worker_is_stopped_first_and_its_server_last(second):
    stopped = [
        line.partition(" stopped")[0] for line in second["errors"].splitlines() if " stopped (" in line
    ]
    assert stopped == ["Prefect worker", "Alias follower", "API", "MLflow server", "Prefect server"]


def test_afterwards_the_ports_are_free_and_no_address_is_published(second, stack):
    assert not any(answers(f"http://{LOOPBACK}:{port}/") for port in stack.ports.values())
    assert not (stack.folder / "home/up.json").exists()


def test_nothing_is_written_into_the_users_own_folder(second, stack):
    assert list((stack.folder / "user").iterdir()) == []


def test_a_taken_port_is_one_line_and_nothing_is_started(tmp_path):
    stack = Stack(tmp_path)
    with socket_on(stack.ports["API"]):
        done = stack.once()
    assert (done.returncode, done.stderr.count("\n")) == (1, 1)
    assert f"port {stack.ports['API']} is taken, and the API needs it" in done.stderr
    assert not (tmp_path / "home/logs").exists()


@pytest.mark.parametrize("variable", ["PREFECT_API_URL", "MLFLOW_TRACKING_URI"])
def test_a_named_server_that_does_not_answer_is_one_line(tmp_path, variable):
    environment = {**Stack(tmp_path).environment, variable: "http://127.0.0.1:9/api"}
    done = subprocess.run(UP, env=environment, capture_output=True, text=True, timeout=60, check=False)
    assert (done.returncode, done.stderr.count("\n")) == (1, 1)
    assert f"does not answer, and {variable} names it" in done.stderr


@contextlib.contextmanager
def socket_on(port):
    with socket.socket() as taken:
        taken.bind((LOOPBACK, port))
        taken.listen()
        yield
