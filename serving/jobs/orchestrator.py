"""Prefect over its REST API: what starts runs, says what became of them, and keeps schedules.

Prefect itself is not imported: it would cost a server that answers forecasts seconds and a hundred megabytes. httpx is
imported when somebody asks, for it brings a command line along that no server needs.
"""

from __future__ import annotations

import contextlib
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, Self, TypeVar

from pydantic import BaseModel, ConfigDict, TypeAdapter, ValidationError

from forecasting.errors import OrchestratorUnavailable, UnknownDeployment
from forecasting.settings import Settings

if TYPE_CHECKING:
    import httpx

CONNECT_SECONDS = 1.0
ANSWER_SECONDS = 5.0
BUSY_SECONDS = 3.0  # a locked database of Prefect answers 503, and soon after not any more
PAUSE_SECONDS = 0.2
MOST_RUNS = 200  # what Prefect gives at once


class _Answer(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore")


class _State(_Answer):
    name: str | None = None
    message: str | None = None


class Run(_Answer):
    """A flow run, as Prefect tells of it."""

    id: str
    idempotency_key: str | None = None
    state_type: str | None = None
    state: _State | None = None
    start_time: str | None = None
    end_time: str | None = None


class _Clockwork(_Answer):
    cron: str | None = None
    timezone: str | None = None


class Schedule(_Answer):
    """One schedule of a deployment, as Prefect tells of it."""

    id: str
    schedule: _Clockwork
    active: bool = True
    parameters: Mapping[str, Any] = {}

    @property
    def utc_cron(self) -> str | None:
        """Its five cron fields, UTC; None where it is a schedule of another kind or of another time zone."""
        return self.schedule.cron if self.schedule.timezone in (None, "UTC") else None


class Deployment(_Answer):
    """A deployment, as Prefect tells of it."""

    id: str
    schedules: tuple[Schedule, ...] = ()


Told = TypeVar("Told")

_RUN, _RUNS, _DEPLOYMENT = TypeAdapter(Run), TypeAdapter(list[Run]), TypeAdapter(Deployment)


@dataclass(frozen=True, slots=True)
class Orchestrator:
    """A Prefect server.

    Attributes
    ----------
    url
        Of its API; it may carry a name and a password.
    headers, auth
        What it asks for, if anything.
    """

    url: str = field(repr=False)
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    auth: tuple[str, str] | None = field(default=None, repr=False)

    @classmethod
    def of(cls, settings: Settings) -> Self:
        """Return the server that the settings name."""
        key, login = settings.prefect_api_key, settings.prefect_api_auth_string
        headers = {} if key is None else {"Authorization": f"Bearer {key.get_secret_value()}"}
        name, _, password = ("" if login is None else login.get_secret_value()).partition(":")
        return cls(settings.prefect_url, headers, (name, password) if name else None)

    def run_page(self, run_id: str) -> str:
        """Address of a run's page with its logs, without name and password."""
        import httpx

        pages = httpx.URL(self.url).copy_with(username=None, password=None)
        return f"{str(pages).removesuffix('/api')}/runs/flow-run/{run_id}"

    def deployment(self, name: str) -> Deployment:
        """Look a deployment up by flow and name, as in `train-horizon/train-1h`.

        Raises
        ------
        UnknownDeployment
            There is none of that name.
        OrchestratorUnavailable
            It cannot be asked.
        """
        answer = self._ask("GET", f"/deployments/name/{name}")
        if answer.status_code == HTTPStatus.NOT_FOUND:
            raise UnknownDeployment(
                f"Prefect has no deployment {name}: foretick up deploys those of prefect.yaml and one for each horizon of "
                f"FORETICK_HORIZONS; start it again after a change of that file, or add {name.partition('/')[2]} to a Prefect "
                f"of your own"
            )
        return _read(_DEPLOYMENT, answer)

    def start(self, deployment: Deployment, parameters: Mapping[str, Any], key: str, workspace: str) -> Run:
        """Start a run in a workspace; the one that was started, if the same key was sent before.

        Raises
        ------
        OrchestratorUnavailable
            It did not say in time that it will run; it may have begun all the same.
        """
        content = {
            "parameters": dict(parameters),
            "idempotency_key": key,
            "tags": ["api"],
            # A worker runs in the workspace that it was started with, which need not be this server's.
            "job_variables": {"env": {"FORETICK_WORKSPACE": workspace}},
        }
        answer = self._ask("POST", f"/deployments/{deployment.id}/create_flow_run", content)
        return _read(_RUN, answer)

    def set_cron(self, deployment: Deployment, schedule: Schedule, cron: str) -> None:
        """Let one schedule of a deployment run by other cron fields, UTC; one that is paused stays paused.

        Runs that the old fields would have started are dropped by Prefect, which plans those of the new ones.

        Raises
        ------
        OrchestratorUnavailable
            It did not say in time that it will; it may have all the same.
        """
        # What is not sent stays as it is, but for the parameters, which Prefect empties.
        content = {
            "schedule": {"cron": cron, "timezone": "UTC"},
            "parameters": dict(schedule.parameters),
        }
        answer = self._ask("PATCH", f"/deployments/{deployment.id}/schedules/{schedule.id}", content)
        _demand_success(answer)
        with contextlib.suppress(OrchestratorUnavailable):
            # Its scheduler would plan the new runs by itself, but up to a minute later, and miss one that is due before.
            self._ask("POST", f"/deployments/{deployment.id}/schedule", {})

    def runs(self, keys: Sequence[str]) -> dict[str, Run]:
        """Return runs by the keys they were started under; those that it does not have are absent.

        Raises
        ------
        OrchestratorUnavailable
            It cannot be asked.
        """
        found: dict[str, Run] = {}
        for begin in range(0, len(keys), MOST_RUNS):
            some = list(keys[begin : begin + MOST_RUNS])
            which = {"flow_runs": {"idempotency_key": {"any_": some}}, "limit": MOST_RUNS}
            runs = _read(_RUNS, self._ask("POST", "/flow_runs/filter", which))
            found |= {str(run.idempotency_key): run for run in runs}
        return found

    def _ask(self, method: str, path: str, content: Mapping[str, Any] | None = None) -> httpx.Response:
        until = time.monotonic() + BUSY_SECONDS
        while True:
            answer = self._answer(method, path, content)
            if answer.status_code != HTTPStatus.SERVICE_UNAVAILABLE or time.monotonic() >= until:
                return answer
            time.sleep(PAUSE_SECONDS)

    def _answer(self, method: str, path: str, content: Mapping[str, Any] | None) -> httpx.Response:
        import httpx

        wait = httpx.Timeout(ANSWER_SECONDS, connect=CONNECT_SECONDS)
        # Prefect's server closes idle connections after 5 s, so a kept one may break under the next request.
        fresh = httpx.Limits(max_keepalive_connections=0)
        try:
            with httpx.Client(
                headers=dict(self.headers), auth=self.auth, timeout=wait, limits=fresh
            ) as client:
                return client.request(method, self.url + path, json=content)
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            raise OrchestratorUnavailable(
                f"Prefect does not answer ({type(error).__name__}): start it with foretick up, or name it in PREFECT_API_URL"
            ) from error


def _demand_success(answer: httpx.Response) -> None:
    if not answer.is_success:
        raise OrchestratorUnavailable(
            f"Prefect refused with status {answer.status_code}: its log says why; PREFECT_API_KEY or "
            f"PREFECT_API_AUTH_STRING may be needed"
        )


def _read(kind: TypeAdapter[Told], answer: httpx.Response) -> Told:
    _demand_success(answer)
    try:
        return kind.validate_json(answer.content)
    except ValidationError:
        raise OrchestratorUnavailable(
            "what answers at the address of Prefect is not Prefect: name its API in PREFECT_API_URL, as in "
            "http://127.0.0.1:4200/api"
        ) from None
