"""`foretick serve`: the forecast API alone."""

from __future__ import annotations

from typing import Annotated

import typer

from deployments.local.environment import apply_environment
from deployments.local.services import LOOPBACK, require_free_port
from forecasting.settings import load_settings


def serve(
    port: Annotated[
        int | None, typer.Option(help="Loopback port; FORETICK_API_PORT or 8000 by default.")
    ] = None,
    workspace: Annotated[str | None, typer.Option(help="Workspace to serve, as in simulated.")] = None,
) -> None:
    """Answer forecasts over HTTP on loopback until interrupted."""
    settings = load_settings(workspace=workspace)
    apply_environment(settings)
    chosen = settings.api_port if port is None else port
    require_free_port(chosen, "the API", "FORETICK_API_PORT")
    import uvicorn

    uvicorn.run("serving.app:create_app", factory=True, host=LOOPBACK, port=chosen, access_log=False)
