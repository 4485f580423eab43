"""`foretick data export`: stored candles as a parquet or csv file."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.text import Text

from commands.console import Screen
from commands.options import Json, Workspace
from forecasting.settings import load_settings
from forecasting.types import interval_ms, parse_symbol, parse_utc, utc_iso

if TYPE_CHECKING:
    from forecasting.adapters.export import ExportedTable, ExportRequest

Moment = str | None


def export(
    file: Annotated[
        Path, typer.Argument(help="File to write: its ending, .parquet or .csv, says the format.")
    ],
    symbol: Annotated[str, typer.Option(help="Market, as in BTC/USDT.")],
    interval: Annotated[str, typer.Option(help="Candle interval; resampled where it is not stored itself.")],
    start: Annotated[Moment, typer.Option(help="First open time, as in 2025-01-01.")] = None,
    end: Annotated[Moment, typer.Option(help="Open time to stop before, as in 2025-02-01.")] = None,
    as_of: Annotated[
        Moment, typer.Option(help="Only what had been received by then, with the values of then.")
    ] = None,
    history: Annotated[
        bool, typer.Option("--history", help="Every value that a candle ever had, a row each.")
    ] = False,
    force: Annotated[bool, typer.Option("--force", help="Replace the file if it is there.")] = False,
    workspace: Workspace = None,
    as_json: Json = False,
) -> None:
    """Write stored candles to a file, with when each was received and from which source; times are UTC.

    Bars that are resampled and lack a part are marked in the column complete. Under a name such as BTC_USDT-1h.csv the
    file is one that foretick ingest reads.

    Example: foretick data export --symbol BTC/USDT --interval 1h BTC_USDT-1h.csv

    Example: foretick data export --symbol BTC/USDT --interval 1h --as-of 2025-06-01T12:00Z then.parquet
    """
    from forecasting.adapters.export import ExportRequest, export_candles
    from forecasting.adapters.export_file import check_target, write_table
    from forecasting.adapters.workspace import open_workspace

    interval_ms(interval)
    start_ms, stop_ms, as_of_ms = (None if each is None else parse_utc(each) for each in (start, end, as_of))
    request = ExportRequest(parse_symbol(symbol), interval, start_ms, stop_ms, as_of_ms, history)
    path = check_target(file.expanduser(), force)
    with open_workspace(load_settings(workspace=workspace)) as opened:
        table = export_candles(opened.candles, request)
    write_table(table.columns, path)
    screen = Screen(as_json)
    screen.show(_told(table, request, file))
    screen.result(_document(table, request, file))


def _told(table: ExportedTable, request: ExportRequest, file: Path) -> Text:
    kind = "values" if request.history else "candles"
    then = "" if request.as_of_ms is None else f" as of {utc_iso(request.as_of_ms)}"
    made = "" if table.made_of == request.interval else f", resampled from {table.made_of}"
    lacking = f", {table.incomplete:,} of them incomplete" if table.incomplete else ""
    return Text(
        f"{table.rows:,} {kind} of {request.symbol} {request.interval}{then}{made}{lacking}: {file}",
        overflow="fold",
    )


def _document(table: ExportedTable, request: ExportRequest, file: Path) -> dict[str, Any]:
    return {
        "file": str(file),
        "symbol": request.symbol,
        "interval": request.interval,
        "rows": table.rows,
        "made_of": table.made_of,
        "incomplete": table.incomplete,
    }
