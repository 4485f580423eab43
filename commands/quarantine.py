"""`foretick data quarantine`: rows that were kept out, and what a person decides about them."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import RenderableType
from rich.padding import Padding
from rich.text import Text

from commands.console import Screen
from commands.options import EXIT_CODES, Json, Workspace
from forecasting.errors import InvalidSettings
from forecasting.settings import load_settings
from forecasting.types import parse_symbol, utc_iso

if TYPE_CHECKING:
    from forecasting.adapters import workspace as stores
    from forecasting.adapters.store.quarantine import QuarantinedRow

app = typer.Typer(
    help="Rows that were kept out of the store, each with its reason and its place in the source: list them, release"
    " those that are right after all, discard the others.",
    no_args_is_help=True,
    rich_markup_mode="markdown",
)

MOST_SHOWN = 50

Ids = Annotated[list[str] | None, typer.Argument(metavar="[ID]...", help="Rows, as list names them.")]
OneSymbol = Annotated[str | None, typer.Option("--symbol", help="Only rows of this market, as in BTC/USDT.")]
OneInterval = Annotated[str | None, typer.Option("--interval", help="Only rows of this candle interval.")]
Kind = Annotated[str | None, typer.Option(help="Only candle, event or forecast rows.")]
Check = Annotated[
    str | None, typer.Option(help="Only rows that failed this check, as in conflicting_duplicate.")
]
AllRows = Annotated[
    bool, typer.Option("--all", help="Every row that waits for a decision, of those the other options leave.")
]
Decide = Callable[..., "list[QuarantinedRow]"]


@app.command("list", epilog=EXIT_CODES)
def list_rows(
    symbol: OneSymbol = None,
    interval: OneInterval = None,
    kind: Kind = None,
    check: Check = None,
    state: Annotated[str, typer.Option(help="held, released, discarded, or all.")] = "held",
    limit: Annotated[int, typer.Option(help="Rows to print, the newest; all are counted.")] = MOST_SHOWN,
    workspace: Workspace = None,
    as_json: Json = False,
) -> None:
    """List rows in quarantine, the newest last, with the check that each failed and why.

    Example: foretick data quarantine list --symbol BTC/USDT --check spike
    """
    states = ("held", "released", "discarded", "all")
    if state not in states:
        raise InvalidSettings(f"--state {state!r} is unknown: {', '.join(states)} is needed")
    with _opened(workspace) as opened:
        rows = _matching(opened, symbol, interval, kind, check, None if state == "all" else state)
    screen = Screen(as_json)
    screen.show(*_lines(rows[-limit:] if limit > 0 else rows), _count_line(rows, limit))
    screen.result([_plain(row) for row in rows])


@app.command(epilog=EXIT_CODES)
def release(
    ids: Ids = None,
    every: AllRows = False,
    symbol: OneSymbol = None,
    interval: OneInterval = None,
    kind: Kind = None,
    check: Check = None,
    workspace: Workspace = None,
    as_json: Json = False,
) -> None:
    """Store rows after all: each replaces what is stored at its time, which stays readable as it was known before.

    A row that is no possible candle (a missing or negative price, a high below the low) cannot be released by anybody.

    Example: foretick data quarantine release 3f2a9c0d11e45b67
    """
    from forecasting.adapters.quarantine_decisions import release as decide

    _decided(decide, "released", (ids, every, symbol, interval, kind, check), workspace, as_json)


@app.command(epilog=EXIT_CODES)
def discard(
    ids: Ids = None,
    every: AllRows = False,
    symbol: OneSymbol = None,
    interval: OneInterval = None,
    kind: Kind = None,
    check: Check = None,
    workspace: Workspace = None,
    as_json: Json = False,
) -> None:
    """Decide that rows are never used; they stay listed under --state discarded, and release undoes it.

    Example: foretick data quarantine discard --all --check conflicting_duplicate
    """
    from forecasting.adapters.quarantine_decisions import discard as decide

    _decided(decide, "discarded", (ids, every, symbol, interval, kind, check), workspace, as_json)


def _decided(
    decide: Decide, word: str, choice: tuple[Any, ...], workspace: str | None, as_json: bool
) -> None:
    ids, every, *filters = choice
    with _opened(workspace) as opened:
        rows = _chosen(opened, ids or [], every, filters)
        decided = decide(opened, rows, time.time_ns() // 1_000_000)
    screen = Screen(as_json)
    screen.show(f"{len(decided):,} row(s) {word}")
    screen.result([_plain(row) for row in decided])


def _chosen(
    opened: stores.Workspace, ids: Sequence[str], every: bool, filters: Sequence[str | None]
) -> list[QuarantinedRow]:
    if bool(ids) == every:
        raise InvalidSettings(
            "name the rows by their ids, or all of a choice with --all: foretick data quarantine list names them"
        )
    if ids and any(filters):
        raise InvalidSettings(
            "rows were named by their ids, so --symbol, --interval, --kind and --check choose nothing"
        )
    if ids:
        return [opened.quarantine.get(each) for each in ids]
    symbol, interval, kind, check = filters
    return _matching(opened, symbol, interval, kind, check, "held")


def _matching(
    opened: stores.Workspace,
    symbol: str | None,
    interval: str | None,
    kind: str | None,
    check: str | None,
    state: Any,
) -> list[QuarantinedRow]:
    market = None if symbol is None else parse_symbol(symbol)
    found = opened.quarantine.find(kind, market, interval, state=state, check=check)
    return sorted(found, key=lambda row: (row.quarantined_ms, row.fault.moment_ms or 0))


def _opened(workspace: str | None) -> Any:
    from forecasting.adapters.workspace import open_workspace

    return open_workspace(load_settings(workspace=workspace))


def _count_line(rows: Sequence[QuarantinedRow], limit: int) -> str:
    shown = len(rows) if limit <= 0 else min(limit, len(rows))
    more = f", the newest {shown:,} are shown" if shown < len(rows) else ""
    return f"{len(rows):,} row(s){more}"


def _lines(rows: Sequence[QuarantinedRow]) -> Iterator[RenderableType]:
    """Two lines a row: which it is, and what is wrong with it where."""
    for row in rows:
        origin, fault = row.origin, row.fault
        moment = "no time" if fault.moment_ms is None else utc_iso(fault.moment_ms)
        series = f"{origin.symbol} {origin.interval}".strip() or origin.kind
        yield Text(f"{row.row_id}  {series}  {moment}  {fault.check}", "bold")
        yield Padding(Text(f"{fault.place}: {fault.reason}"), (0, 0, 0, 4))


def _plain(row: QuarantinedRow) -> dict[str, Any]:
    document = row.to_document()
    return {"id": document.pop("_id"), **document}
