"""`foretick demo`: the main job from candles to a forecast answered over HTTP."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import RenderableType
from rich.panel import Panel
from rich.text import Text

from commands.console import Screen, progress, say
from commands.decisions import decision_parts
from deployments.local.environment import apply_environment
from forecasting.errors import InvalidSettings
from forecasting.settings import Settings, load_settings

if TYPE_CHECKING:
    from flows.main_job import MainJobReport

SIMULATED_WORKSPACE = "simulated"
SIMULATED = (
    "This is a SIMULATED market: seeded random prices with one weak planted signal at 1h and none elsewhere. "
    "Nothing here says anything about real markets."
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
    intervals: Annotated[str, typer.Option(help="Candle intervals to download, as in 1m,1h.")] = "1h",
    days: Annotated[int, typer.Option(min=1, help="Days back to begin the first download.")] = 1500,
    as_json: Json = False,
) -> None:
    """Run the main job in a workspace of its own, and ask for a forecast over HTTP.

    Candles are ingested and validated, every horizon that they can serve is trained, each candidate is put
    before the gate, and the API answers one forecast a horizon. Without --data or --exchange a simulated market is used.

    Example: foretick demo --data ./candles
    """
    simulated = data is None and exchange is None
    settings = _settings(data, exchange, symbols)
    apply_environment(settings)
    source = {
        "folder": None if data is None else str(data.resolve()),
        "exchange": exchange,
        "symbols": None if symbols is None else symbols.split(","),
        "intervals": intervals.split(","),
        "days": days,
        "simulated": simulated,
    }
    screen = Screen(as_json)
    warning = [Panel(Text(SIMULATED, "bold yellow"))] if simulated else []
    screen.show(*warning)
    with progress():
        report = _main_job(settings, source)
        answers = _ask(settings, report)
    screen.show(
        *_source_parts(report), *decision_parts(report.decisions), *map(_answer_part, answers), *warning
    )
    screen.result({"simulated": simulated, **asdict(report), "forecasts": answers})


def _settings(data: Path | None, exchange: str | None, symbols: str | None) -> Settings:
    """Name the workspace after the source; a simulated model never enters a shared model registry."""
    if data is not None and exchange is not None:
        raise InvalidSettings("--data and --exchange were both given: one source is needed")
    if data is not None and not data.is_dir():
        raise InvalidSettings(f"folder {data} does not exist: name a folder of candle files")
    if exchange is not None and not symbols:
        raise InvalidSettings(
            f"--exchange {exchange} was given without markets: add --symbols BTC/USDT,ETH/USDT"
        )
    if data is None and exchange is None:
        return load_settings(workspace=SIMULATED_WORKSPACE, mlflow_tracking_uri="")
    name = exchange if data is None else data.resolve().name
    return load_settings(workspace=re.sub(r"[^a-z0-9]+", "-", str(name).lower()).strip("-")[:40])


def _main_job(settings: Settings, source: dict[str, Any]) -> MainJobReport:
    from deployments.local.orchestration import prefect_api

    say("starting Prefect")
    with prefect_api(settings):
        from flows.main_job import main_job

        report: MainJobReport = main_job(**source)
        return report


def _ask(settings: Settings, report: MainJobReport) -> list[dict[str, Any]]:
    from deployments.local.services import free_port, running
    from deployments.local.stack import api_server

    port = free_port()
    say("starting the API")
    with running(api_server(settings, port)):
        return [_forecast(port, report, decision) for decision in report.decisions]


def _forecast(port: int, report: MainJobReport, decision: dict[str, Any]) -> dict[str, Any]:
    """Ask at the close of the symbol's newest candle, so that the same data give the same answer whenever it is asked."""
    import httpx

    from deployments.local.services import LOOPBACK
    from forecasting.types import utc_iso

    symbol = decision["evidence"]["candidate"]["symbols"][0]
    newest_ms = max(span.end_ms for span in report.series if span.symbol == symbol)
    question = {"symbol": symbol, "horizon": decision["horizon"], "timestamp": utc_iso(newest_ms)}
    response = httpx.post(f"http://{LOOPBACK}:{port}/api/forecast", json=question, timeout=30.0)
    response.raise_for_status()
    return {"question": question, "answer": response.json()}


def _source_parts(report: MainJobReport) -> list[RenderableType]:
    lines = [
        f"{each.symbol} {each.interval}: {each.rows:,} candles from {each.first} to {each.last}, "
        f"{each.absent:,} absent in {each.gaps} gaps{_notes(each.notes)}"
        for each in report.ingested
    ]
    left_out = [Text(f"left out: {each.name}: {each.reason}", "yellow") for each in report.left_out]
    return [*lines, *left_out]


def _notes(notes: Sequence[str]) -> str:
    return "".join(f"; {note}" for note in notes)


def _answer_part(asked: dict[str, Any]) -> RenderableType:
    import orjson

    text = orjson.dumps(asked["answer"], option=orjson.OPT_INDENT_2).decode()
    return Text(f"POST /api/forecast {orjson.dumps(asked['question']).decode()}\n{text}")
