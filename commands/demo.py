"""`foretick demo`: the main job from candles to a forecast answered over HTTP."""

from __future__ import annotations

import re
from dataclasses import asdict, replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import RenderableType
from rich.panel import Panel
from rich.text import Text

from commands.candles import ingested_parts
from commands.console import Screen, progress, say
from commands.decision_table import decision_parts
from commands.options import (
    Columns,
    Exchange,
    GatePolicy,
    Intervals,
    Json,
    OnConflict,
    Stamped,
    Symbols,
    TimeZone,
    given_source,
)
from deployments.local.environment import apply_environment
from forecasting.adapters.source import Source, remembered_source
from forecasting.errors import InvalidSettings
from forecasting.gate.evidence import Policy
from forecasting.settings import Settings, load_settings

if TYPE_CHECKING:
    from flows.main_job import MainJobReport

SIMULATED_WORKSPACE = "simulated"
SIMULATED = (
    "This is a SIMULATED market: seeded random prices with one weak planted signal at 1h and none elsewhere. "
    "Nothing here says anything about real markets."
)

WorkspaceName = Annotated[
    str | None, typer.Option(help="Where to keep it; named after the source by default.")
]


def demo(
    data: Annotated[
        Path | None, typer.Option(help="Folder of candle files: feather, parquet, csv, json.")
    ] = None,
    exchange: Exchange = None,
    symbol: Symbols = None,
    interval: Intervals = None,
    days: Annotated[int, typer.Option(help="Days back to begin the first download.")] = 1500,
    time_zone: TimeZone = "UTC",
    columns: Columns = None,
    on_conflict: OnConflict = "error",
    stamped: Stamped = None,
    policy: GatePolicy = None,
    workspace: WorkspaceName = None,
    as_json: Json = False,
) -> None:
    """Run the main job in a workspace of its own, and ask for a forecast over HTTP.

    Candles are ingested and validated, every horizon that they can serve is trained, each candidate is put
    before the gate, and the API answers one forecast a horizon. Without --data or --exchange a simulated market is used.

    Example: foretick demo --data ./candles
    """
    simulated = data is None and exchange is None
    source = given_source(
        folder=data, exchange=exchange, simulated=simulated, symbol=symbol, interval=interval, days=days,
        time_zone=time_zone, columns=columns, on_conflict=on_conflict, stamped=stamped,
    ).checked()  # fmt: skip
    settings = _settings(source, workspace)
    apply_environment(settings)
    _refuse_other_source(settings, source)
    screen = Screen(as_json)
    warning = [Panel(Text(SIMULATED, "bold yellow"))] if source.simulated else []
    screen.show(*warning)
    with progress():
        report = _main_job(settings, source, policy)
        answers = _ask(settings, report)
    screen.show(
        *_source_parts(report), *decision_parts(report.decisions), *map(_answer_part, answers), *warning
    )
    screen.result({"simulated": source.simulated, **asdict(report), "forecasts": answers})


def _settings(source: Source, workspace: str | None) -> Settings:
    """Name the workspace after the source; a simulated model never enters a shared model registry."""
    if source.simulated:
        return load_settings(workspace=workspace or SIMULATED_WORKSPACE, mlflow_tracking_uri="")
    name = str(source.exchange) if source.folder is None else Path(source.folder).name
    return load_settings(workspace=workspace or re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")[:40])


def _refuse_other_source(settings: Settings, source: Source) -> None:
    """Two sources in one workspace would be trained on as one market."""
    from forecasting.adapters.workspace import open_workspace

    with open_workspace(settings) as workspace:
        known = remembered_source(workspace.store)
    if known is not None and not known.is_same_place(source):
        raise InvalidSettings(
            f"workspace {settings.workspace} holds candles of {known.title}, and {source.title} was given: "
            f"name another one with --workspace"
        )


def _main_job(settings: Settings, source: Source, policy: Policy | None) -> MainJobReport:
    from deployments.local.orchestration import prefect_api

    say("starting Prefect")
    with prefect_api(settings):
        from flows.main_job import main_job

        report: MainJobReport = main_job(**source.parameters(), policy=policy)
        return report


def _ask(settings: Settings, report: MainJobReport) -> list[dict[str, Any]]:
    from deployments.local.services import free_port, running
    from deployments.local.stack import api_server
    from forecasting.adapters.store.api_keys import new_key

    port, key = free_port(), new_key()
    say("starting the API")
    # It has a key of its own, for the workspace may have some that nobody typed here.
    with running(replace(api_server(settings, port), environment={"FORETICK_API_KEY": key})):
        return [_forecast(port, key, report, decision) for decision in report.decisions]


def _forecast(port: int, key: str, report: MainJobReport, decision: dict[str, Any]) -> dict[str, Any]:
    """Ask at the close of the symbol's newest candle, so that the same data give the same answer whenever it is asked."""
    import httpx

    from deployments.local.services import LOOPBACK
    from forecasting.types import utc_iso

    symbol = decision["evidence"]["candidate"]["symbols"][0]
    newest_ms = max(span.end_ms for span in report.series if span.symbol == symbol)
    question = {"symbol": symbol, "horizon": decision["horizon"], "timestamp": utc_iso(newest_ms)}
    address, headers = f"http://{LOOPBACK}:{port}/api/forecast", {"X-API-Key": key}
    response = httpx.post(address, json=question, headers=headers, timeout=30.0)
    response.raise_for_status()
    return {"question": question, "answer": response.json()}


def _source_parts(report: MainJobReport) -> list[RenderableType]:
    left_out = [Text(f"left out: {each.name}: {each.reason}", "yellow") for each in report.left_out]
    return [*ingested_parts(report.ingested), *left_out]


def _answer_part(asked: dict[str, Any]) -> RenderableType:
    import orjson

    text = orjson.dumps(asked["answer"], option=orjson.OPT_INDENT_2).decode()
    return Text(f"POST /api/forecast {orjson.dumps(asked['question']).decode()}\n{text}")
