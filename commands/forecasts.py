"""`foretick forecast` and `foretick serve`: an answer on the spot, and the API that gives it over HTTP."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import RenderableType
from rich.table import Table
from rich.text import Text

from commands.console import Screen
from commands.options import Json, Workspace
from deployments.local.environment import apply_environment
from forecasting.errors import InputError, MachineError
from forecasting.horizons import load_horizons
from forecasting.settings import load_settings

if TYPE_CHECKING:
    from fastapi import FastAPI

STALE_LOOK_AHEADS = 2
STALE = (
    "The candles are stale: this says what was known then, not now. Bring newer ones in with foretick ingest."
)


def forecast(
    symbol: Annotated[str, typer.Option(help="Market, as in BTC/USDT.")],
    horizon: Annotated[str, typer.Option(help="Name of the horizon, as in 1h.")],
    at: Annotated[
        str | None,
        typer.Option(help="Moment of the forecast, ISO 8601, UTC when it has no zone; now by default."),
    ] = None,
    workspace: Workspace = None,
    as_json: Json = False,
) -> None:
    """Answer one forecast as POST /api/forecast does, without a running server.

    The answer comes from the model that the registry calls production, or from the historical mean, and says which and why.

    Example: foretick forecast --symbol BTC/USDT --horizon 1h
    """
    settings = load_settings(workspace=workspace)
    apply_environment(settings)
    from serving.app import create_app

    question = {"symbol": symbol, "horizon": horizon} | ({} if at is None else {"timestamp": at})
    answer = asyncio.run(_ask(create_app(settings), question))
    screen = Screen(as_json)
    look_ahead = load_horizons(settings.horizons_file)[answer["horizon"]].look_ahead_minutes
    screen.show(*_answer_parts(answer, look_ahead))
    screen.result(answer)


async def _ask(app: FastAPI, question: dict[str, str]) -> dict[str, Any]:
    import httpx

    transport = httpx.ASGITransport(app)
    async with (
        app.router.lifespan_context(app),
        httpx.AsyncClient(transport=transport, base_url="http://foretick") as api,
    ):
        response = await api.post("/api/forecast", json=question)
    document: dict[str, Any] = response.json()
    if response.is_server_error:
        raise MachineError(_told(document))
    if response.is_client_error:
        raise InputError(_told(document))
    return document


def _told(problem: dict[str, Any]) -> str:
    return str(problem.get("detail") or problem.get("title"))


def _answer_parts(answer: dict[str, Any], look_ahead_minutes: int) -> list[RenderableType]:
    table = Table.grid(padding=(0, 2, 0, 0))
    source = f"{answer['model_id']} ({answer['model_name']} version {answer['model_version']})"
    if answer["model_type"] == "naive":
        source = f"historical mean, because {answer['fallback_reason']}"
    age = timedelta(minutes=round(answer["data_age_minutes"]))
    rows = {
        "forecast": f"{answer['pred_return']:+.4%} over {answer['horizon']}",
        "direction right": f"{answer['conf']:.1%} of the time, as calibrated",
        "probability of a rise": f"{answer['p_up']:.1%}",
        "comes from": source,
        "evidence": answer["evidence"] or "none: it is no model",
        "candles until": f"{answer['as_of']} ({age} before the moment asked for)",
    }
    for name, value in rows.items():
        table.add_row(name, value)
    title = Text(f"{answer['symbol']} {answer['horizon']} at {answer['timestamp']}", "bold")
    stale = answer["data_age_minutes"] > STALE_LOOK_AHEADS * look_ahead_minutes
    return [title, table, *([Text(STALE, "yellow")] if stale else [])]


def serve(
    port: Annotated[
        int | None, typer.Option(help="Loopback port; FORETICK_API_PORT or 8000 by default.")
    ] = None,
    workspace: Workspace = None,
    as_json: Json = False,
) -> None:
    """Answer forecasts over HTTP on loopback until interrupted.

    POST /api/forecast answers, /livez and /readyz tell its health, /openapi.json describes all of it.

    Example: foretick serve --port 8000 --workspace simulated
    """
    from deployments.local.services import LOOPBACK, require_free_port

    settings = load_settings(workspace=workspace)
    apply_environment(settings)
    chosen = settings.api_port if port is None else port
    require_free_port(chosen, "the API", "FORETICK_API_PORT")
    import uvicorn

    address = f"http://{LOOPBACK}:{chosen}"
    screen = Screen(as_json)
    screen.show(f"POST {address}/api/forecast; described in {address}/openapi.json; Ctrl-C ends it")
    screen.result({"api": address, "workspace": settings.workspace})
    uvicorn.run(
        "serving.app:create_app",
        factory=True,
        host=LOOPBACK,
        port=chosen,
        access_log=False,
        log_level="warning",
    )
