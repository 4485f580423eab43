"""`foretick forecast` and `foretick serve`: an answer on the spot, and the API that gives it over HTTP."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Mapping
from datetime import timedelta
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import RenderableType
from rich.table import Table
from rich.text import Text

from commands.answer_source import answer_source, rise_name
from commands.binding import Host, reach_line, require_key_beyond_loopback
from commands.coherent_table import coherent_parts
from commands.console import Screen, progress, say
from commands.options import Json, Workspace
from commands.running import horizons_of, prepared
from deployments.local.services import LOOPBACK, web_address
from forecasting.errors import InputError, MachineError
from forecasting.horizons import Horizon
from forecasting.types import parse_utc, utc_iso

if TYPE_CHECKING:
    from forecasting.settings import Settings

STALE = "The candles are stale: this says what was known then. Bring newer ones in with foretick ingest."
SEEN = "The model was trained on this moment: it proves nothing here. Ask for a moment after {until}."


def forecast(
    symbol: Annotated[str, typer.Option(help="Market, as in BTC/USDT.")],
    horizon: Annotated[str, typer.Option(help="How far ahead, as in 1h.")],
    at: Annotated[
        str | None,
        typer.Option(help="Moment of the forecast, ISO 8601, UTC when it has no zone; now by default."),
    ] = None,
    steps: Annotated[
        str | None,
        typer.Option(help="Horizon of steps that should add up to the forecast, as in 1h; both are shown."),
    ] = None,
    workspace: Workspace = None,
    as_json: Json = False,
) -> None:
    """Answer one forecast as POST /api/forecast does, without a running server.

    The answer comes from the model in production, or from the historical mean, and says which and why.
    With --steps it comes with each step inside it, before and after they agree.

    Example: foretick forecast --symbol BTC/USDT --horizon 1h

    Example: foretick forecast --symbol BTC/USDT --horizon 1d --steps 1h
    """
    question = {"symbol": symbol, "horizon": horizon}
    if at is not None:
        question["timestamp"] = utc_iso(parse_utc(at))
    if steps is not None:
        question["steps"] = steps
    settings = prepared(workspace)
    with progress():
        say("loading the models in production")
        answer = asyncio.run(_ask(settings, question))
    screen = Screen(as_json)
    if steps is None:
        screen.show(*_answer_parts(answer, horizons_of(settings)))
    else:
        screen.show(*_coherent_parts(answer))
    screen.result(answer)


async def _ask(settings: Settings, question: dict[str, str]) -> dict[str, Any]:
    import httpx
    from pydantic import SecretStr

    from forecasting.adapters.store.api_keys import new_key
    from forecasting.adapters.workspace import open_workspace
    from serving.app import create_app

    # Over HTTP a store that is down is not explained; whoever sits at the machine is told why.
    with open_workspace(settings):
        pass
    # Whoever can open the store needs no key: this process has one of its own, which ends with it.
    key = new_key()
    app = create_app(settings.model_copy(update={"api_key": SecretStr(key)}))
    transport = httpx.ASGITransport(app, raise_app_exceptions=False)
    async with (
        app.router.lifespan_context(app),
        httpx.AsyncClient(
            transport=transport, base_url="http://localhost", headers={"X-API-Key": key}
        ) as api,
    ):
        if "steps" in question:
            response = await api.get("/api/forecast/coherent", params=question)
        else:
            response = await api.post("/api/forecast", json=question)
    document: dict[str, Any] = response.json()
    if response.is_server_error:
        raise MachineError(document["detail"])
    if response.is_client_error:
        raise InputError(document["detail"])
    return document


def _coherent_parts(answer: dict[str, Any]) -> list[RenderableType]:
    parts = [part for part in (answer["forecast"], answer["step_forecast"]) if part is not None]
    lines = [line for part in parts for line in _warnings(part)]
    if answer["stale"]:
        lines.append(STALE)
    return [*coherent_parts(answer), *(Text(line, "yellow") for line in dict.fromkeys(lines))]


def _answer_parts(answer: dict[str, Any], horizons: Mapping[str, Horizon]) -> list[RenderableType]:
    horizon = horizons[answer["horizon"]]
    table = Table.grid(padding=(0, 2, 0, 0))
    age = timedelta(minutes=round(answer["data_age_minutes"]))
    rows = {
        "forecast": f"{answer['pred_return'] * 100:+.3g}% over {answer['horizon']}",
        "80 % of returns": _interval(answer["interval_80"]),
        "90 % of returns": _interval(answer["interval_90"]),
        "direction right": f"{answer['conf']:.1%} of the time",
        rise_name(answer["threshold"]): f"{answer['p_up']:.1%}",
        "members": _members(answer["members"], answer["consensus"]),
        "regime": _regime(answer["regime"], horizon),
        "comes from": answer_source(answer),
        "evidence": answer["evidence"] or "none: it is no model",
        "candles until": f"{answer['as_of']} ({age} before the moment asked for)",
        "logged as": answer["forecast_id"] or "not logged",
    }
    for name, value in rows.items():
        table.add_row(name, value)
    title = Text(f"{answer['symbol']} {answer['horizon']} at {answer['timestamp']}", "bold")
    return [title, table, *(Text(line, "yellow") for line in _warnings(answer))]


def _interval(ends: list[float] | None) -> str:
    return "no interval is known" if ends is None else f"{ends[0] * 100:+.3g}% to {ends[1] * 100:+.3g}%"


def _members(members: list[dict[str, Any]], consensus: float) -> str:
    (naive, *others) = members
    added = ", ".join(f"{each['name']} {each['contribution'] * 100:+.2g}%" for each in others)
    start = f"{naive['name']} {naive['pred_return'] * 100:+.2g}%"
    return f"{start}, then {added} (consensus {consensus:.0%})" if others else f"{start} alone"


def _regime(regime: dict[str, Any], horizon: Horizon) -> str:
    window = f"the last {regime['window_bars']} returns of {horizon.base_interval}"
    if regime["score"] is None:
        return f"{regime['label']}: candles are absent among {window}"
    return f"{regime['label']} (score {regime['score']:+.2f} over {window})"


def _warnings(answer: dict[str, Any]) -> Iterator[str]:
    if answer["stale"]:
        yield STALE
    if answer["in_sample"]:
        yield SEEN.format(until=answer["trained_until"])


def serve(
    port: Annotated[
        int | None,
        typer.Option(min=1, max=65_535, help="Its port; FORETICK_API_PORT or 8000 by default."),
    ] = None,
    host: Host = LOOPBACK,
    workspace: Workspace = None,
    as_json: Json = False,
) -> None:
    """Answer forecasts over HTTP on loopback until interrupted; beyond this machine only where an API key exists.

    POST /api/forecast answers, /livez and /readyz tell its health, /docs and /openapi.json describe all of it.
    FORETICK_API_KEY, FORETICK_ALLOWED_HOSTS, FORETICK_CORS_ORIGINS, FORETICK_RATE_LIMIT and FORETICK_LOAD_MODELS set
    who may ask and what is loaded.

    Example: foretick serve --port 8000 --workspace simulated
    """
    from deployments.local.services import require_free_port

    settings = prepared(workspace)
    require_key_beyond_loopback(settings, host)
    chosen = settings.api_port if port is None else port
    require_free_port(chosen, "the API", "FORETICK_API_PORT")
    from serving.server import serve as answer_on

    address = web_address(host, chosen)
    screen = Screen(as_json)
    screen.show(f"POST {address}/api/forecast; described in {address}/docs; Ctrl-C ends it")
    screen.show(*filter(None, [reach_line(host)]))
    screen.result({"api": address, "workspace": settings.workspace})
    answer_on(host, chosen)
