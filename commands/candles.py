"""`foretick ingest` and `foretick validate`: candles into the store, and what is wrong with those that are there."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import RenderableType
from rich.table import Table
from rich.text import Text

from commands.console import ERR, Screen
from commands.options import (
    Columns,
    Exchange,
    Intervals,
    Json,
    OnConflict,
    Symbols,
    TimeZone,
    Workspace,
    given_source,
    split,
)
from commands.running import flows_of, prepared
from forecasting.adapters.source import DEFAULT_DAYS, source_to_ask
from forecasting.errors import InvalidCandles
from forecasting.types import parse_symbol

if TYPE_CHECKING:
    from forecasting.adapters.ingestion import IngestedSeries
    from forecasting.adapters.source import Source
    from forecasting.adapters.validation_report import ValidationReport
    from forecasting.settings import Settings


def ingest(
    folder: Annotated[
        Path | None, typer.Argument(help="Folder of candle files: feather, parquet, csv, json.")
    ] = None,
    exchange: Exchange = None,
    simulated: Annotated[bool, typer.Option("--simulated", help="Store the simulated market.")] = False,
    symbol: Symbols = None,
    interval: Intervals = None,
    days: Annotated[
        int, typer.Option(help="Days back to begin the first download of a series.")
    ] = DEFAULT_DAYS,
    time_zone: TimeZone = "UTC",
    columns: Columns = None,
    on_conflict: OnConflict = "error",
    workspace: Workspace = None,
    as_json: Json = False,
) -> None:
    """Store candles of a folder, an exchange or the simulator; without any of them the last source is asked again.

    What is stored already is not stored twice, and a download goes on where the store ends. All files of a folder are
    read before the first candle is stored.

    Example: foretick ingest ./candles

    Example: foretick ingest --exchange binance --symbol BTC/USDT,ETH/USDT --interval 1h --days 730
    """
    given = given_source(folder, exchange, simulated, symbol, interval, days, time_zone, columns, on_conflict)
    settings = prepared(workspace)
    source = _to_ask(settings, given)
    screen = Screen(as_json)
    with flows_of(settings):
        from flows.ingest_candles import ingest_candles

        ingested = ingest_candles(**source.parameters())
    screen.show(*ingested_parts(ingested))
    screen.result([asdict(each) for each in ingested])


def _to_ask(settings: Settings, given: Source) -> Source:
    """Find what is wrong with the source or the store before anything is started."""
    from forecasting.adapters.workspace import open_workspace

    with open_workspace(settings) as workspace:
        return source_to_ask(workspace.store, given)


def ingested_parts(ingested: Sequence[IngestedSeries]) -> list[RenderableType]:
    """Lay out what became of each series of a source, its notes below."""
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="underline")
    for name in ("series", "first", "last", "rows", "new", "revised", "absent", "gaps"):
        table.add_column(
            name, justify="left" if name in ("series", "first", "last") else "right", no_wrap=True
        )
    for each in ingested:
        counts = (each.rows, each.added, each.revised, each.absent, each.gaps)
        table.add_row(
            f"{each.symbol} {each.interval}", each.first[:10], each.last[:10], *(f"{n:,}" for n in counts)
        )
    notes = [
        Text(f"note: {each.symbol} {each.interval}: {note}", "yellow")
        for each in ingested
        for note in each.notes
    ]
    return [table, *notes]


def validate(symbol: Symbols = None, workspace: Workspace = None, as_json: Json = False) -> None:
    """Hold stored candles against the Great Expectations suite; a series that fails a critical check is stopped.

    Each failed check names its rows. The reports are kept, and shown in the Prefect pages. Exit code 2 when a series is
    stopped.

    Example: foretick validate --symbol BTC/USDT
    """
    symbols = [parse_symbol(each) for each in split(symbol)]
    screen = Screen(as_json)
    with flows_of(prepared(workspace)):
        from flows.validate_candles import validate_candles

        reports = validate_candles(symbols or None)
    screen.show(*_report_parts(reports))
    screen.result([report.to_document() for report in reports])
    stopped = [report for report in reports if not report.success]
    for report in stopped:
        ERR.print(f"foretick: {report.reason}", markup=False, highlight=False, soft_wrap=True)
    if stopped:
        raise typer.Exit(InvalidCandles.exit_code)


def _report_parts(reports: Sequence[ValidationReport]) -> list[RenderableType]:
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="underline")
    for name in ("symbol", "interval", "candles", "stops", "warnings", "absent", "verdict"):
        table.add_column(name, justify="left" if name in ("symbol", "interval", "verdict") else "right")
    for each in reports:
        counts = (f"{each.rows:,}", str(len(each.failed("stop"))), str(len(each.failed("warn"))))
        verdict = Text("may be used", "green") if each.success else Text("stopped", "bold red")
        table.add_row(each.symbol, each.interval, *counts, f"{each.absent_share:.2%}", verdict)
    warnings = [
        Text(f"{each.symbol} {each.interval}: {check.name}: {check.briefly}", "yellow")
        for each in reports
        for check in each.failed("warn")
    ]
    return [table, *warnings]
