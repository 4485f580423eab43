"""`foretick forecasts`: the forecasts that were served, and all that is known of one."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import RenderableType
from rich.table import Table
from rich.text import Text

from commands.answer_source import answered_by, rise_name
from commands.console import Screen
from commands.options import EXIT_CODES, Json, Workspace
from commands.whole_column import add_whole_column
from forecasting.settings import load_settings
from forecasting.types import parse_symbol, parse_utc, utc_iso

if TYPE_CHECKING:
    from forecasting.adapters.store.forecast_log import LoggedForecast

MOST_SHOWN = 20
CHANGED = "The logged document was changed since it was written: foretick replay names what differs."

app = typer.Typer(
    name="forecasts",
    help="Forecasts that were served: list them, and show what is known of one.",
    no_args_is_help=True,
    rich_markup_mode="markdown",
)

ForecastId = Annotated[str, typer.Argument(metavar="ID", help="A forecast, as list and each answer name it.")]


@app.command("list", epilog=EXIT_CODES)
def list_forecasts(
    symbol: Annotated[str | None, typer.Option(help="Only of this market, as in BTC/USDT.")] = None,
    horizon: Annotated[str | None, typer.Option(help="Only of this horizon, as in 1h.")] = None,
    since: Annotated[
        str | None, typer.Option(help="Only those served from this moment on, ISO 8601, UTC without a zone.")
    ] = None,
    limit: Annotated[int, typer.Option(min=1, help="How many, the newest.")] = MOST_SHOWN,
    workspace: Workspace = None,
    as_json: Json = False,
) -> None:
    """List forecasts that were served, and those of challengers beside them, the newest first, with the ids that replay takes.

    Example: foretick forecasts list --symbol BTC/USDT --horizon 1h --limit 5
    """
    from forecasting.adapters.store.forecast_log import ForecastLog
    from forecasting.adapters.workspace import open_workspace

    market = None if symbol is None else parse_symbol(symbol)
    since_ms = None if since is None else parse_utc(since)
    with open_workspace(load_settings(workspace=workspace)) as opened:
        found = list(ForecastLog(opened.store).find(market, horizon, since_ms, limit))
    screen = Screen(as_json)
    screen.show(*_list_parts(found))
    screen.result([logged_document(each) for each in found])


@app.command(epilog=EXIT_CODES)
def show(forecast_id: ForecastId, workspace: Workspace = None, as_json: Json = False) -> None:
    """Show a forecast that was served: the answer, the rows and the bundle it was made of, and what computed it.

    Example: foretick forecasts show 01K5HVYD7G3M8Q2T6W9XACEF14
    """
    from forecasting.adapters.store.forecast_log import ForecastLog
    from forecasting.adapters.workspace import open_workspace

    with open_workspace(load_settings(workspace=workspace)) as opened:
        logged = ForecastLog(opened.store).get(forecast_id)
    screen = Screen(as_json)
    screen.show(*_forecast_parts(logged))
    screen.result(logged_document(logged))


def logged_document(logged: LoggedForecast) -> dict[str, Any]:
    """All that is known of a logged forecast, for machines."""
    content = {name: value for name, value in logged.forecast.to_document().items() if name != "_id"}
    return {"forecast_id": logged.forecast_id, "intact": logged.intact, **content}


def _list_parts(found: Sequence[LoggedForecast]) -> list[RenderableType]:
    if not found:
        return [
            Text(
                "No such forecast was served: ask for one (foretick forecast --symbol BTC/USDT --horizon 1h)."
            )
        ]
    table = Table(box=None, pad_edge=False, padding=(0, 1, 0, 0), header_style="underline")
    add_whole_column(table, "id", [each.forecast_id for each in found])
    for name in ("made (UTC)", "market", "forecast"):
        table.add_column(name, justify="right" if name == "forecast" else "left", no_wrap=True)
    table.add_column("by", overflow="fold")
    for each in found:
        forecast, made = each.forecast, utc_iso(each.forecast.served_ms)[:16].replace("T", " ")
        number = f"{forecast.answer['pred_return'] * 100:+.3g}%"
        by = answered_by(forecast.answer, forecast.alias)
        table.add_row(each.forecast_id, made, f"{forecast.symbol} {forecast.horizon}", number, by)
    changed = [each.forecast_id for each in found if not each.intact]
    return [table, *(Text(f"{each}: {CHANGED}", "bold red") for each in changed)]


def _forecast_parts(logged: LoggedForecast) -> list[RenderableType]:
    forecast, answer = logged.forecast, logged.forecast.answer
    rows = {
        "forecast": f"{answer['pred_return'] * 100:+.3g}% over {forecast.horizon}",
        "direction right": f"{answer['conf']:.1%} of the time",
        rise_name(forecast.horizon_settings["threshold"]): f"{answer['p_up']:.1%}",
        "asked for": utc_iso(forecast.asked_ms),
        "candles until": utc_iso(forecast.as_of_ms),
        "known from": utc_iso(forecast.label_end_ms),
        "served": utc_iso(forecast.served_ms),
        "by": f"{forecast.model_id} ({answer['model_name']} version {answer['model_version'] or 'none'})",
        "because": answer["fallback_reason"] or f"its version is called {forecast.alias}",
        "bundle": forecast.bundle or "none was loaded",
        "rows read": "; ".join(f"{each.rows:,} {each.title}" for each in forecast.inputs),
        "software": ", ".join(f"{name} {version}" for name, version in forecast.software.items()),
    }
    table = Table.grid(padding=(0, 2, 0, 0))
    for name, value in rows.items():
        table.add_row(name, Text(value))
    title = Text(f"{logged.forecast_id}: {forecast.symbol} {forecast.horizon}", "bold")
    return [title, table, *([] if logged.intact else [Text(CHANGED, "bold red")])]
