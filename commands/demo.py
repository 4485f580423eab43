"""`foretick demo`: the main job from candles to a forecast answered over HTTP."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Annotated, Any

import httpx
import typer
from rich.table import Table

from commands.console import Screen, progress, say
from deployments.local.environment import apply_environment
from deployments.local.orchestration import prefect_api
from deployments.local.services import LOOPBACK, free_port, running
from deployments.local.stack import api_server
from forecasting.errors import InvalidSettings
from forecasting.settings import Settings, load_settings

SIMULATED = (
    "[bold yellow]This is a SIMULATED market[/bold yellow]: seeded random prices with one weak planted signal at 1h "
    "and none elsewhere. Nothing here says anything about real markets."
)

Json = Annotated[bool, typer.Option("--json", help="Print one JSON document for machines.")]


def demo(
    data: Annotated[
        Path | None, typer.Option(help="Folder of candle files: feather, parquet, csv, json.")
    ] = None,
    exchange: Annotated[
        str | None, typer.Option(help="Download from this ccxt exchange, as in binance.")
    ] = None,
    symbols: Annotated[str | None, typer.Option(help="Markets to download, as in BTC/USDT,ETH/USDT.")] = None,
    as_json: Json = False,
) -> None:
    """Run the main job in a workspace of its own, and ask for a forecast over HTTP."""
    if data is not None and exchange is not None:
        raise InvalidSettings("--data and --exchange were both given: one source is needed")
    if data is not None and not data.is_dir():
        raise InvalidSettings(f"folder {data} does not exist: name a folder of candle files")
    name = "simulated" if data is None and exchange is None else exchange or Path(data or "").resolve().name
    simulated = name == "simulated"
    changes: dict[str, object] = {"workspace": re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")}
    settings = load_settings(**changes)
    apply_environment(settings)
    screen = Screen(as_json)
    if simulated:
        screen.show(SIMULATED)
    arguments = {
        "folder": None if data is None else str(data.resolve()),
        "exchange": exchange,
        "symbols": None if symbols is None else symbols.split(","),
        "simulated": simulated,
    }
    with progress():
        decisions = _main_job(settings, arguments)
        answers = _ask(settings, decisions)
    screen.show(
        _table(decisions), *map(_reasons, decisions), *(f"POST /api/forecast\n{answer}" for answer in answers)
    )
    if simulated:
        screen.show(SIMULATED)
    screen.result({"simulated": simulated, "decisions": decisions, "forecasts": answers})


def _main_job(settings: Settings, arguments: dict[str, Any]) -> list[dict[str, Any]]:
    say("starting Prefect")
    with prefect_api(settings):
        from flows.main_job import main_job

        decisions: list[dict[str, Any]] = main_job(**arguments)
        return decisions


def _ask(settings: Settings, decisions: list[dict[str, Any]]) -> list[dict[str, Any]]:
    port = free_port()
    say("starting the API")
    with running(api_server(settings, port)):
        return [_forecast(port, decision) for decision in decisions]


def _forecast(port: int, decision: dict[str, Any]) -> dict[str, Any]:
    symbol = decision["evidence"]["candidate"]["symbols"][0]
    question = {"symbol": symbol, "horizon": decision["horizon"]}
    response = httpx.post(f"http://{LOOPBACK}:{port}/api/forecast", json=question, timeout=30.0)
    response.raise_for_status()
    answer: dict[str, Any] = response.json()
    return answer


def _table(decisions: list[dict[str, Any]]) -> Table:
    table = Table(title="What the gate decided, on rows that no fitting saw")
    for column in ("horizon", "rows", "candidate", "RMSE", "naive", "right", "naive", "decision"):
        table.add_column(column)
    for each in decisions:
        own = each["evidence"]["comparison"]["own"]
        scores = [
            own[who][figure] for figure in ("rmse", "directional_accuracy") for who in ("candidate", "naive")
        ]
        figures = ["unknown" if score is None else f"{score:.5f}" for score in scores]
        table.add_row(each["horizon"], str(each["rows"]), each["model_id"], *figures, each["outcome"])
    return table


def _reasons(decision: dict[str, Any]) -> str:
    weights = ", ".join(f"{name} {weight:.2f}" for name, weight in decision["weights"].items())
    lines = [f"{decision['horizon']}: {decision['outcome']} (weights: {weights})"]
    return "\n".join([*lines, *(f"  - {reason}" for reason in decision["reasons"])])
