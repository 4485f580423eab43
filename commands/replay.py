"""`foretick replay`: a served forecast computed again, and the proof that it is the same, or what differs."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import typer
from rich.console import RenderableType
from rich.table import Table
from rich.text import Text

from commands.console import ERR, Screen, progress, say
from commands.options import Json, Workspace
from commands.running import prepared
from commands.served import ForecastId
from forecasting.errors import MachineError
from forecasting.horizons import load_horizons
from forecasting.types import utc_iso

if TYPE_CHECKING:
    from forecasting.settings import Settings
    from serving.replay.replay import Replay


def replay(forecast_id: ForecastId, workspace: Workspace = None, as_json: Json = False) -> None:
    """Compute a served forecast again from the data, the model and the settings of its time, and compare every bit.

    Exit code 0 when it is identical; 1 when it differs or cannot be computed any more, and then every field that differs
    is named, with what is proven of the cause; 2 when no forecast of that id was logged.

    Example: foretick replay 01K5HVYD7G3M8Q2T6W9XACEF14
    """
    settings = prepared(workspace)
    with progress():
        say("computing the forecast again")
        replayed = _replay(settings, forecast_id)
    screen = Screen(as_json)
    screen.show(*_parts(replayed))
    screen.result(_document(replayed))
    if not replayed.identical:
        ERR.print(f"foretick: {_reason(replayed)}", markup=False, highlight=False, soft_wrap=True)
        raise typer.Exit(MachineError.exit_code)


def _replay(settings: Settings, forecast_id: str) -> Replay:
    from forecasting.adapters.store.forecast_log import ForecastLog
    from forecasting.adapters.workspace import open_workspace
    from serving.in_use.loading import model_source
    from serving.replay.replay import Replayer

    with open_workspace(settings) as opened:
        logged = ForecastLog(opened.store).get(forecast_id)
        horizons = load_horizons(settings.horizons_file)
        return Replayer(opened.candles, opened.events, model_source(settings), horizons).replay(logged)


def _parts(replayed: Replay) -> Iterator[RenderableType]:
    forecast = replayed.logged.forecast
    verdict = Text("identical to the last bit", "bold green")
    if not replayed.identical:
        verdict = Text("differs" if replayed.found.answer else "cannot be computed again", "bold red")
    yield Text(f"{replayed.logged.forecast_id}: {forecast.symbol} {forecast.horizon}: ", "bold") + verdict
    table = Table.grid(padding=(0, 2, 0, 0))
    for name, value in _facts(replayed).items():
        table.add_row(name, Text(value))
    yield table
    if replayed.differences:
        yield _differences(replayed)
    for cause in replayed.causes:
        yield Text(f"Cause: {cause}", "yellow")


def _facts(replayed: Replay) -> dict[str, str]:
    forecast, found = replayed.logged.forecast, replayed.found
    facts = {
        "asked for": utc_iso(forecast.asked_ms),
        "served": utc_iso(forecast.served_ms),
        "by": forecast.model_id,
    }
    if found.answer is None:
        return facts
    rows = "; ".join(f"{each.rows:,} {each.title}" for each in found.inputs)
    return facts | {
        "forecast": f"{found.answer['pred_return']!r}",
        "read again": f"{rows}, as received by {utc_iso(found.as_of_ms)}",
    }


def _differences(replayed: Replay) -> Table:
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="underline")
    for name in ("differs", "logged", "found"):
        table.add_column(name, overflow="fold")
    for each in replayed.differences:
        table.add_row(*(Text(str(value)) for value in (each.field, each.logged, each.found)))
    return table


def _document(replayed: Replay) -> dict[str, Any]:
    return {
        "forecast_id": replayed.logged.forecast_id,
        "identical": replayed.identical,
        "read_as_of": utc_iso(replayed.found.as_of_ms),
        "answer": replayed.found.answer,
        "differences": [
            {"field": each.field, "logged": each.logged, "found": each.found} for each in replayed.differences
        ],
        "causes": list(replayed.causes),
    }


def _reason(replayed: Replay) -> str:
    first, more = replayed.differences[0].field, len(replayed.differences) - 1
    fields = first + (f" and {more} more" if more else "")
    return f"forecast {replayed.logged.forecast_id} differs in {fields}: {replayed.causes[0]}"
