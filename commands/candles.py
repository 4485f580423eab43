"""`foretick ingest` and `foretick validate`: candles into the store, and what is wrong with those that are there."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import RenderableType
from rich.table import Table
from rich.text import Text

from commands.console import ERR, Screen
from commands.dry_run import rehearsal_parts, rehearsed
from commands.options import (
    Collection,
    Columns,
    Exchange,
    Fields,
    Intervals,
    Json,
    OnConflict,
    Stamped,
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
    from forecasting.adapters.expectations.validation_report import ValidationReport
    from forecasting.adapters.ingestion import IngestedSeries
    from forecasting.adapters.source import Source
    from forecasting.settings import Settings


Refill = Annotated[
    bool, typer.Option("--refill", help="Ask an exchange again for candles that it did not have.")
]

DryRun = Annotated[
    bool, typer.Option("--dry-run", help="Say what would be stored or asked for, and why; store nothing.")
]


def ingest(
    folder: Annotated[
        Path | None, typer.Argument(help="Folder of candle files: feather, parquet, csv, json.")
    ] = None,
    exchange: Exchange = None,
    collection: Collection = None,
    fields: Fields = None,
    simulated: Annotated[bool, typer.Option("--simulated", help="Store the simulated market.")] = False,
    symbol: Symbols = None,
    interval: Intervals = None,
    days: Annotated[int, typer.Option(help="Days back to which a download reaches.")] = DEFAULT_DAYS,
    time_zone: TimeZone = "UTC",
    columns: Columns = None,
    on_conflict: OnConflict = "error",
    stamped: Stamped = None,
    refill: Refill = False,
    dry_run: DryRun = False,
    workspace: Workspace = None,
    as_json: Json = False,
) -> None:
    """Store candles of a folder, an exchange, a collection or the simulator; else the last source is asked again.

    What is stored already is not stored twice. A download goes on where the store ends, fills gaps, and reaches back
    --days. All files of a folder are read before the first candle is stored. Rows that fail a check are kept out, in
    quarantine.

    Example: foretick ingest ./candles --dry-run

    Example: foretick ingest --collection prices.candles --fields time=ts,open=o,high=h,low=l,close=c,volume=v

    Example: foretick ingest --exchange binance --symbol BTC/USDT,ETH/USDT --interval 1h --days 730
    """
    given = given_source(
        folder=folder, exchange=exchange, simulated=simulated, symbol=symbol, interval=interval, days=days,
        time_zone=time_zone, columns=columns, on_conflict=on_conflict, stamped=stamped, collection=collection,
        fields=fields,
    )  # fmt: skip
    settings = prepared(workspace)
    source = _to_ask(settings, given)
    screen = Screen(as_json)
    if dry_run:
        rehearsal = rehearsed(settings, source, refill=refill)
        screen.show(*rehearsal_parts(rehearsal))
        screen.result(asdict(rehearsal))
        return
    with flows_of(settings):
        from flows.ingest_candles import ingest_candles

        ingested = ingest_candles(**source.parameters(), refill=refill)
    screen.show(*ingested_parts(ingested))
    screen.result([asdict(each) for each in ingested])


def _to_ask(settings: Settings, given: Source) -> Source:
    """Find what is wrong with the source or the store before anything is started."""
    from forecasting.adapters.workspace import open_workspace

    with open_workspace(settings) as workspace:
        return source_to_ask(workspace.store, given)


def ingested_parts(ingested: Sequence[IngestedSeries]) -> list[RenderableType]:
    """Lay out what became of each series of a source, its notes below."""
    counts = {"rows": "rows", "new": "added", "revised": "revised", "absent": "absent", "gaps": "gaps"}
    kept_out = any(each.quarantined for each in ingested)
    if kept_out:
        # Both do not fit on 80 columns; how many candles are absent tells more than in how many runs.
        del counts["gaps"]
        counts["kept out"] = "quarantined"
    table = Table(box=None, pad_edge=False, padding=(0, 1 if kept_out else 2, 0, 0), header_style="underline")
    for name in ("series", "first", "last"):
        table.add_column(name, no_wrap=True)
    for name in counts:
        table.add_column(name, justify="right", no_wrap=True)
    for each in ingested:
        numbers = (f"{getattr(each, field):,}" for field in counts.values())
        table.add_row(f"{each.symbol} {each.interval}", each.first[:10], each.last[:10], *numbers)
    return [table, *_noted(ingested)]


def _noted(ingested: Sequence[IngestedSeries]) -> Iterator[Text]:
    """Each note once, with the series that share it."""
    shared: dict[str, list[str]] = {}
    for each in ingested:
        for note in each.notes:
            shared.setdefault(note, []).append(f"{each.symbol} {each.interval}")
    for note, (first, *others) in shared.items():
        more = f" and {len(others)} more" if others else ""
        yield Text(f"note: {first}{more}: {note}", "yellow")


def validate(symbol: Symbols = None, workspace: Workspace = None, as_json: Json = False) -> None:
    """Hold stored candles against the Great Expectations suite; a series that fails a critical check is stopped.

    Each failed check names its rows. The reports are kept, and shown in the Prefect pages. Events and served forecasts are
    checked too; a forecast that cannot be right goes to quarantine. Exit code 2 when a series is stopped.

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
