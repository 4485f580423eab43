"""The life of the local stack: servers that need nothing of each other start at once, and end in reverse order."""

from __future__ import annotations

import contextlib
import os
import signal
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from deployments.local.addresses import Addresses, only_one, published
from deployments.local.deploying import close_runs_under_way, prepare_prefect
from deployments.local.orchestration import PREFECT_API_URL
from deployments.local.services import (
    LOOPBACK,
    POLL_SECONDS,
    Running,
    Service,
    answers,
    free_port,
    require_free_port,
    start,
    web_address,
)
from deployments.local.stack import (
    PREFECT,
    WORKER,
    alias_follower,
    api_server,
    deployment,
    mlflow_server,
    prefect_server,
    worker,
)
from forecasting.adapters.tracking import SQLITE, is_embedded, open_client, without_credentials
from forecasting.errors import ServiceFailed
from forecasting.settings import Settings

MLFLOW_TRACKING_URI = "MLFLOW_TRACKING_URI"
SETTLED_SECONDS = 60.0
STOP_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)

Tell = Callable[[str], None]


def named_prefect() -> str | None:
    """Return the API address of the Prefect server that PREFECT_API_URL names, None when it names none."""
    return (os.environ.get(PREFECT_API_URL) or "").rstrip("/") or None


def named_mlflow(settings: Settings) -> str | None:
    """Return the address of the MLflow server that MLFLOW_TRACKING_URI names, None for a database or none."""
    uri = (settings.mlflow_tracking_uri or "").rstrip("/")
    return uri if uri.startswith(("http://", "https://")) else None


def stack_addresses(settings: Settings, host: str = LOOPBACK) -> Addresses:
    """Where everything answers, or will; `host` is what the API is bound to."""
    prefect_api = named_prefect() or f"http://{LOOPBACK}:{settings.prefect_port}/api"
    api = web_address(host, settings.api_port)
    return Addresses(
        workspace=settings.workspace,
        prefect_ui=without_credentials(prefect_api.removesuffix("/api")),
        prefect_api=prefect_api,
        mlflow_ui=without_credentials(named_mlflow(settings) or f"http://{LOOPBACK}:{settings.mlflow_port}"),
        api=api,
        openapi=f"{api}/openapi.json",
        logs=str(settings.home / "logs"),
    )


class LocalStack:
    """The services of one `foretick up`; the API alone listens on `host`."""

    def __init__(self, settings: Settings, tell: Tell, host: str = LOOPBACK) -> None:
        self.settings = settings
        self.host = host
        self.addresses = stack_addresses(settings, host)
        self._tell = tell
        self._began = time.monotonic()
        self._owns_prefect = named_prefect() is None
        self._owns_mlflow = named_mlflow(settings) is None
        self._running: list[Running] = []

    def check(self) -> None:
        """Look at ports and named servers before anything starts.

        Raises
        ------
        ServiceFailed
            One line: a port is taken, or a named server does not answer.
        """
        settings, where = self.settings, self.addresses
        if self._owns_prefect:
            require_free_port(settings.prefect_port, "the Prefect server", "FORETICK_PREFECT_PORT")
        else:
            _require_answer(f"{where.prefect_api}/health", where.prefect_ui, PREFECT_API_URL)
        if self._owns_mlflow:
            require_free_port(settings.mlflow_port, "the MLflow server", "FORETICK_MLFLOW_PORT")
        else:
            _require_answer(f"{named_mlflow(settings)}/health", where.mlflow_ui, MLFLOW_TRACKING_URI)
        require_free_port(settings.api_port, "the API", "FORETICK_API_PORT")

    def start(self) -> None:
        """Start everything, and return once everything answers.

        Raises
        ------
        ServiceFailed
            A service ended while starting; the message quotes its log.
        """
        os.environ[PREFECT_API_URL] = self.addresses.prefect_api
        prefect, *others = self._launch_servers()
        if prefect is not None:
            self._await(prefect)
        self._prepare()
        deploying = self._launch(deployment(self.settings))
        others.append(self._launch(alias_follower(self.settings)))
        others.append(self._launch(worker(self.settings, free_port())))
        for each in others:
            if each is not None:
                self._await(each)
        self._finish(deploying)

    def look_after(self) -> None:
        """Start again what ends by itself, so that forecasts outlive a worker and trainings a crash; return never.

        Raises
        ------
        ServiceFailed
            One ended within a minute of its start, or cannot be started again; names it and quotes its log.
        """
        while True:
            for place, running in enumerate(self._running):
                if running.ended:
                    self._start_again(place, running)
            time.sleep(POLL_SECONDS)

    def _start_again(self, place: int, ended: Running) -> None:
        name, words = ended.service.name, ended.last_words()
        if time.monotonic() - ended.began < SETTLED_SECONDS:
            raise ServiceFailed(f"{name} ended by itself, so everything was stopped: {words}")
        self._tell(f"{name} ended by itself and is started again: {words}")
        ended.stop()
        if name == WORKER:
            self._close_runs()
        self._running[place] = start(ended.service)
        self._running[place].wait_until_ready()
        self._tell(f"{name} is ready again")

    def stop(self) -> None:
        """End everything, what was started last first: the worker before the servers that it reports to."""
        while self._running:
            running = self._running.pop()
            began = time.monotonic()
            running.stop()
            self._tell(f"{running.service.name} stopped ({time.monotonic() - began:.1f} s)")
            if running.service.name == WORKER:
                self._close_runs()

    def _launch_servers(self) -> tuple[Running | None, Running | None, Running]:
        """Start what needs nothing of each other: Prefect, MLflow and the API."""
        settings, prefect, mlflow = self.settings, None, None
        if self._owns_prefect:
            prefect = self._launch(prefect_server(settings, settings.prefect_port))
        else:
            self._tell(f"Prefect is the one that {PREFECT_API_URL} names: {self.addresses.prefect_ui}")
        if self._owns_mlflow:
            _make_tracking_database(settings)
            mlflow = self._launch(mlflow_server(settings, settings.mlflow_port))
        else:
            self._tell(f"MLflow is the one that {MLFLOW_TRACKING_URI} names: {self.addresses.mlflow_ui}")
        return prefect, mlflow, self._launch(api_server(settings, settings.api_port, self.host))

    def _launch(self, service: Service) -> Running:
        running = start(service)
        self._running.append(running)
        return running

    def _await(self, running: Running) -> None:
        running.wait_until_ready()
        self._tell_progress(f"{running.service.name} is ready")

    def _tell_progress(self, line: str) -> None:
        self._tell(f"{line} ({time.monotonic() - self._began:.0f} s)")

    def _prepare(self) -> None:
        left = prepare_prefect(alone=self._owns_prefect)
        self._tell_cut_short(left.cut_short)
        if left.missed:
            self._tell(f"scheduled runs that fell due while nothing ran, and are skipped: {left.missed}")

    def _finish(self, deploying: Running) -> None:
        code = deploying.process.wait()
        self._running.remove(deploying)
        deploying.stop()
        if code != 0:
            raise ServiceFailed(f"prefect.yaml could not be deployed: {deploying.last_words()}")
        self._tell_progress("Deployments and schedules of prefect.yaml are in place")

    def _close_runs(self) -> None:
        server_lives = any(each.service.name == PREFECT and not each.ended for each in self._running)
        if server_lives:
            self._tell_cut_short(close_runs_under_way())

    def _tell_cut_short(self, runs: int) -> None:
        if runs:
            self._tell(f"runs that were cut short, and are marked as crashed: {runs}")


@contextlib.contextmanager
def local_stack(settings: Settings, tell: Tell, host: str = LOOPBACK) -> Iterator[LocalStack]:
    """Run the whole stack for the length of a block, in which SIGINT, SIGTERM and SIGHUP raise KeyboardInterrupt.

    The API listens on `host`, everything else on loopback.

    Raises
    ------
    ServiceFailed
        Another one runs, a port is taken, or a service ends while starting.
    """
    with only_one(settings):
        stack = LocalStack(settings, tell, host)
        stack.check()
        for number in STOP_SIGNALS:  # SIGINT too: a shell starts background jobs with it ignored
            signal.signal(number, signal.default_int_handler)
        try:
            stack.start()
            with published(settings, stack.addresses):
                yield stack
        finally:
            for number in STOP_SIGNALS:  # a second Ctrl-C would leave things half stopped
                signal.signal(number, signal.SIG_IGN)
            stack.stop()


def _make_tracking_database(settings: Settings) -> None:
    """Make it before two servers do; opening it takes seconds, so an existing one is left to them."""
    uri = settings.tracking_uri
    if is_embedded(uri) and not Path(uri.removeprefix(SQLITE)).exists():
        open_client(uri)


def _require_answer(health: str, address: str, variable: str) -> None:
    if not answers(health):
        raise ServiceFailed(
            f"{address} does not answer, and {variable} names it: start it, or unset {variable} to have one started here"
        )
