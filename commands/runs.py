"""`foretick runs`: the simulated runs that are stored, one of them whole, and several side by side."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.text import Text

from commands.console import Screen
from commands.live import decision_parts
from commands.options import EXIT_CODES, Json, Symbols, Workspace, split
from commands.run_table import day, difference_table, headline, run_parts, runs_table
from forecasting.errors import InvalidSettings
from forecasting.settings import load_settings
from forecasting.types import parse_symbol

if TYPE_CHECKING:
    from forecasting.adapters.store.run_log import StoredRun

MOST_SHOWN = 20
NOTHING = "No such run was simulated: simulate one (foretick simulate --symbol BTC/USDT --horizon 1h)."

app = typer.Typer(
    name="runs",
    help="Simulated runs: list them, show one, compare several.",
    no_args_is_help=True,
    rich_markup_mode="markdown",
)


@app.command("list", epilog=EXIT_CODES)
def list_runs(
    strategy: Annotated[str | None, typer.Option(help="Only of this strategy.")] = None,
    horizon: Annotated[str | None, typer.Option(help="Only of this horizon, as in 1h.")] = None,
    symbol: Symbols = None,
    limit: Annotated[int, typer.Option(min=1, help="How many, the newest.")] = MOST_SHOWN,
    workspace: Workspace = None,
    as_json: Json = False,
) -> None:
    """List simulated runs, the newest first, with the ids that show and compare take.

    Example: foretick runs list --horizon 1h --strategy ensemble-threshold
    """
    from forecasting.adapters.store.run_log import RunLog
    from forecasting.adapters.workspace import open_workspace

    symbols = [parse_symbol(each) for each in split(symbol)]
    with open_workspace(load_settings(workspace=workspace)) as opened:
        found = list(RunLog(opened.store).find(strategy, horizon, symbols, limit))
    screen = Screen(as_json)
    screen.show(runs_table(found) if found else Text(NOTHING))
    screen.result([run_document(each) for each in found])


@app.command(epilog=EXIT_CODES)
def show(
    run_id: Annotated[str, typer.Argument(metavar="ID", help="A run, as list and simulate name it.")],
    page: Annotated[Path | None, typer.Option(help="Write its tear sheet to this HTML file.")] = None,
    workspace: Workspace = None,
    as_json: Json = False,
) -> None:
    """Show one run: its settings, its figures with intervals, and its trades by symbol, regime and month.

    With --json every trade is there, with the forecast it acted on and what came.

    Example: foretick runs show 0f3b9c2d4e5a6b71 --page run.html
    """
    (run,) = _read([run_id], workspace)
    screen = Screen(as_json)
    if page is not None:
        _write_page(run, page)
    screen.show(*run_parts(run), *decision_parts(run))
    screen.result({**run_document(run), "trades": _trades(run)})


@app.command(epilog=EXIT_CODES)
def compare(
    run_ids: Annotated[list[str], typer.Argument(metavar="ID...", help="Two runs or more.")],
    workspace: Workspace = None,
    as_json: Json = False,
) -> None:
    """Hold runs against the first of them: the same days are drawn of both, so that they share their luck.

    Example: foretick runs compare 0f3b9c2d4e5a6b71 77aa01c2d3e4f506
    """
    from forecasting.adapters.simulation.comparison import difference_document, differing_inputs

    if len(set(run_ids)) < 2:
        raise InvalidSettings("one run cannot be compared: name two or more (foretick runs list)")
    first, *others = runs = _read(run_ids, workspace)
    differences = {each.run_id: difference_document(first, each) for each in others}
    unlike = differing_inputs(runs)
    screen = Screen(as_json)
    screen.show(headline(first), runs_table(runs), "", difference_table(first, differences))
    if unlike:
        screen.show(Text(f"Not the same in all of them: {', '.join(unlike)}.", "yellow"))
    documents = [run_document(each) for each in runs]
    screen.result({"runs": documents, "first_less": differences, "differing_inputs": unlike})


def run_document(run: StoredRun) -> Mapping[str, Any]:
    """All that is known of a run but its columns, for machines."""
    return {"run_id": run.run_id, "simulated": day(run.simulated_ms), **run.content()}


def _read(run_ids: list[str], workspace: str | None) -> list[StoredRun]:
    from forecasting.adapters.store.run_log import RunLog
    from forecasting.adapters.workspace import open_workspace

    with open_workspace(load_settings(workspace=workspace)) as opened:
        log = RunLog(opened.store)
        return [log.get(each) for each in dict.fromkeys(run_ids)]


def _write_page(run: StoredRun, path: Path) -> None:
    from forecasting.adapters.tear_sheet.page import tear_sheet

    try:
        path.write_text(tear_sheet(run), encoding="utf-8")
    except OSError as error:
        raise InvalidSettings(
            f"--page {path} cannot be written ({error.strerror}): name a file in a folder that is there"
        ) from error


def _trades(run: StoredRun) -> list[dict[str, Any]]:
    columns = {name: column.tolist() for name, column in (run.trades or {}).items()}
    return [dict(zip(columns, row, strict=True)) for row in zip(*columns.values(), strict=True)]
