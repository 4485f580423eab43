"""`foretick up`: the whole stack on this machine, until it is told to stop."""

from __future__ import annotations

import contextlib
from dataclasses import asdict
from typing import Annotated

import typer
from rich.console import RenderableType
from rich.table import Table
from rich.text import Text

from commands.binding import Host, reach_line, require_key_beyond_loopback
from commands.console import ERR, Screen
from commands.running import horizons_of
from commands.scheduling import cadences_of
from deployments.local.addresses import Addresses
from deployments.local.environment import apply_environment
from deployments.local.services import LOOPBACK
from forecasting.errors import ForetickError
from forecasting.settings import Settings, load_settings


def up(
    workspace: Annotated[
        str | None, typer.Option(help="Workspace whose candles and models are used, as in simulated.")
    ] = None,
    host: Host = LOOPBACK,
    as_json: Annotated[
        bool, typer.Option("--json", help="Print the addresses as one JSON document once all is ready.")
    ] = False,
) -> None:
    """Run everything on this machine until Ctrl-C: Prefect, MLflow, a worker with its schedules, and the API.

    A fifth process follows MLflow's aliases, so that moving one in its pages promotes or rolls back.

    The addresses are printed once all of it answers; nothing listens beyond this machine, but for the API with --host.

    Other ports: FORETICK_PREFECT_PORT (4200), FORETICK_MLFLOW_PORT (5000), FORETICK_API_PORT (8000).

    A server of your own is used when PREFECT_API_URL or MLFLOW_TRACKING_URI names it.

    What ends by itself is started again; what does so within a minute of its start ends everything, with exit code 1.

    Once all is ready, Ctrl-C and SIGTERM end with exit code 0; runs under way are marked as crashed.

    Example: foretick up --workspace simulated
    """
    settings = load_settings(workspace=workspace)
    apply_environment(settings)
    require_key_beyond_loopback(settings, host)
    from deployments.local.lifecycle import local_stack

    screen = Screen(as_json)
    status = ERR.status("starting Prefect, MLflow, the worker and the API")
    status.start()
    try:
        with local_stack(settings, _tell, host) as stack:
            _apply_cadences(settings)
            status.stop()
            screen.show(*_address_parts(stack.addresses), *filter(None, [reach_line(host)]))
            screen.result(asdict(stack.addresses))
            try:
                stack.look_after()
            except KeyboardInterrupt:
                _tell("stopping")
    finally:
        status.stop()


def _apply_cadences(settings: Settings) -> None:
    """Put the cadences in force into the schedules, where deploying has put those of prefect.yaml."""
    try:
        told = cadences_of(settings, list(horizons_of(settings).values()))
    except ForetickError as error:  # everything else runs, and the schedules are those of the file
        _tell(f"the schedules of trainings are those of prefect.yaml: {error}")
        return
    for each in told:
        if each["outcome"] == "applied":
            _tell(f'{each["horizon"]} is trained at "{each["cron"]}" UTC, as its settings say')
        elif each["outcome"] == "kept":
            _tell(f"the schedule of {each['horizon']} does not follow its settings: {each['reason']}")


def _tell(line: str) -> None:
    with contextlib.suppress(OSError):  # a terminal that was closed must not keep anything from being stopped
        ERR.print(line, markup=False, highlight=False, soft_wrap=True)


def _address_parts(addresses: Addresses) -> list[RenderableType]:
    table = Table(box=None, show_header=False, pad_edge=False, padding=(0, 2, 0, 0))
    table.add_column(style="bold", no_wrap=True)
    table.add_column(no_wrap=True, overflow="ignore")
    for name, address, what in (
        ("Prefect", addresses.prefect_ui, "runs and schedules"),
        ("MLflow", addresses.mlflow_ui, "models and metrics"),
        ("API", f"{addresses.api}/docs", "forecasts"),
    ):
        table.add_row(name, address, Text(what, "dim"))
    closing = f"Workspace {addresses.workspace}. Logs: {addresses.logs}. Ctrl-C stops everything."
    return [table, Text(closing)]
