"""The stack's life told with small servers in the places of the real ones; tests/commands/test_up.py has those."""

import os
import signal
import sys

import pytest

from deployments.local import lifecycle
from deployments.local.addresses import read_address
from deployments.local.keeper import descendants
from deployments.local.leftovers import Leftovers
from deployments.local.lifecycle import local_stack
from deployments.local.services import LOOPBACK, Service, answers, free_port
from forecasting.errors import ServiceFailed
from forecasting.settings import load_settings

SERVER = """
import http.server, sys
class Page(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200)
        self.end_headers()
    def log_message(self, *words): pass
server = http.server.HTTPServer(("127.0.0.1", int(sys.argv[1])), Page)
print("last words of", sys.argv[1], flush=True)
server.serve_forever()
"""


class SmallStack:
    """Small servers under the real names, the settings that place them, and the lines that were told."""

    def __init__(self, folder, monkeypatch):
        monkeypatch.delenv("PREFECT_API_URL", raising=False)
        ports = {f"{name}_port": free_port() for name in ("prefect", "mlflow", "api")}
        self.settings = load_settings(
            home=folder, mlruns=folder / "mlruns", mlflow_tracking_uri=None, **ports
        )
        self.told = []
        self.services = {
            "Prefect server": self.server("Prefect server", ports["prefect_port"]),
            "MLflow server": self.server("MLflow server", ports["mlflow_port"]),
            "API": self.server("API", ports["api_port"]),
            "Prefect worker": self.server("Prefect worker", free_port()),
            "Alias follower": self.server("Alias follower", free_port()),
            "Deploying prefect.yaml": self.script("Deploying prefect.yaml", "print('done')"),
        }
        builders = (
            "prefect_server", "mlflow_server", "api_server", "worker", "alias_follower", "deployment",
        )  # fmt: skip
        for builder, name in zip(builders, list(self.services), strict=True):
            monkeypatch.setattr(lifecycle, builder, lambda *_words, name=name: self.services[name])
        monkeypatch.setattr(lifecycle, "prepare_prefect", lambda **_words: Leftovers(0, 0))
        monkeypatch.setattr(lifecycle, "close_runs_under_way", lambda: 0)
        monkeypatch.setattr(lifecycle, "_make_tracking_database", lambda _settings: None)

    def server(self, name, port):
        return self.script(name, SERVER, str(port), ready_url=f"http://{LOOPBACK}:{port}/")

    def script(self, name, code, *words, **facts):
        command = (sys.executable, "-c", code, *words)
        return Service(name, command, self.settings.home / f"{name}.log", **facts)

    def up(self):
        return local_stack(self.settings, self.told.append)

    def lines(self, word):
        return [line.partition(f" {word}")[0] for line in self.told if f" {word} (" in line]

    @property
    def anything_answers(self):
        return any(answers(each.ready_url) for each in self.services.values() if each.ready_url)


@pytest.fixture
def small(tmp_path):
    """Undo with one patch of its own, after a test's: the stack itself names a server in the environment."""
    handlers = {number: signal.getsignal(number) for number in lifecycle.STOP_SIGNALS}
    with pytest.MonkeyPatch.context() as patched:
        patched.setenv("PREFECT_API_URL", "")
        yield SmallStack(tmp_path, patched)
    for number, handler in handlers.items():
        signal.signal(number, handler)


def end(stack, name):
    """End the server itself; its keeper goes with it."""
    keeper = next(each.process.pid for each in stack._running if each.service.name == name)
    os.kill(descendants(keeper)[0], signal.SIGKILL)


def lose(small, name):
    with small.up() as stack:
        end(stack, name)
        stack.look_after()


def test_inside_the_block_all_is_ready_and_found_by_other_commands(small):
    with small.up() as stack:
        assert small.lines("is ready") == [
            "Prefect server", "MLflow server", "API", "Alias follower", "Prefect worker",
        ]  # fmt: skip
        assert read_address(small.settings, "prefect_api") == stack.addresses.prefect_api


def test_after_the_block_all_is_stopped_the_worker_first_and_its_server_last(small):
    with small.up():
        pass
    assert small.lines("stopped") == [
        "Prefect worker", "Alias follower", "API", "MLflow server", "Prefect server",
    ]  # fmt: skip
    assert not small.anything_answers
    assert read_address(small.settings, "prefect_api") is None


@pytest.mark.parametrize(
    "name", ["Prefect server", "MLflow server", "API", "Alias follower", "Prefect worker"]
)
def test_a_service_that_ends_soon_after_its_start_is_named_with_its_last_words(small, name):
    port = small.services[name].command[-1]
    said = f"{name} ended by itself, so everything was stopped: last words of {port} "
    with pytest.raises(ServiceFailed, match=said):
        lose(small, name)
    assert not small.anything_answers


@pytest.fixture
def settled(small, monkeypatch):
    """A stack of services that have run long enough; Ctrl-C comes with the line that one is ready again."""

    def tell(line):
        small.told.append(line)
        if line.endswith("is ready again"):
            raise KeyboardInterrupt

    monkeypatch.setattr(lifecycle, "SETTLED_SECONDS", 0.0)
    closed = []
    monkeypatch.setattr(lifecycle, "close_runs_under_way", lambda: len(closed) or closed.append(0) or 1)
    with local_stack(small.settings, tell) as stack:
        yield stack


@pytest.mark.parametrize(
    "name", ["Prefect server", "MLflow server", "API", "Alias follower", "Prefect worker"]
)
def test_a_service_that_ran_for_a_while_is_started_again_where_it_was(small, settled, name):
    order = [each.service.name for each in settled._running]
    end(settled, name)
    with pytest.raises(KeyboardInterrupt):
        settled.look_after()
    assert answers(small.services[name].ready_url)
    assert [each.service.name for each in settled._running] == order
    assert any(line.startswith(f"{name} ended by itself and is started again: ") for line in small.told)


def test_the_runs_of_a_worker_that_ended_are_closed_before_it_is_started_again(small, settled):
    end(settled, "Prefect worker")
    with pytest.raises(KeyboardInterrupt):
        settled.look_after()
    assert "runs that were cut short, and are marked as crashed: 1" in small.told


def test_when_one_cannot_start_those_that_run_are_stopped(small):
    small.services["API"] = small.script(
        "API", "raise SystemExit('no luck')", ready_url="http://127.0.0.1:9/"
    )
    with pytest.raises(ServiceFailed, match="API ended while starting: no luck"), small.up():
        pass
    assert "Prefect server" in small.lines("stopped")
    assert not small.anything_answers


def test_deployments_that_are_refused_stop_everything(small):
    name = "Deploying prefect.yaml"
    small.services[name] = small.script(name, "raise SystemExit('bad cron')")
    with pytest.raises(ServiceFailed, match=r"prefect.yaml could not be deployed: bad cron"), small.up():
        pass
    assert not small.anything_answers


@pytest.mark.parametrize("number", lifecycle.STOP_SIGNALS)
def test_a_signal_to_stop_is_an_interrupt_inside_the_block(small, number):
    with pytest.raises(KeyboardInterrupt), small.up():
        os.kill(os.getpid(), number)
    assert not small.anything_answers


def test_a_prefect_server_that_is_named_is_used_and_left_running(small, monkeypatch, prefect_url):
    monkeypatch.setenv("PREFECT_API_URL", prefect_url)
    with small.up() as stack:
        assert stack.addresses.prefect_api == prefect_url
    said = f"Prefect is the one that PREFECT_API_URL names: {prefect_url.removesuffix('/api')}"
    assert said in small.told
    assert "Prefect server" not in small.lines("stopped")
    assert answers(f"{prefect_url}/health")
