"""`foretick leakcheck`: whether a feature knows anything that is known only later, and which row shows it first."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import RenderableType
from rich.table import Table
from rich.text import Text

from commands.console import ERR, Screen, progress
from commands.options import Json, Symbols, Workspace, split
from commands.running import horizons_of, prepared
from forecasting.errors import InvalidSettings
from forecasting.horizons import find_horizon
from forecasting.types import parse_symbol, utc_iso

if TYPE_CHECKING:
    from forecasting.adapters.leak_check import LeakCheck

LEAK_FOUND = InvalidSettings.exit_code
NO_CANDLES = "note: no candles are stored, so simulated ones were looked at"
_STEPS_BETWEEN_LINES = 25

_log = logging.getLogger("forecasting.leakage")


def leakcheck(
    horizon: Annotated[str, typer.Option(help="Horizon whose features are looked at, as in 1h.")] = "1h",
    symbol: Symbols = None,
    features: Annotated[
        Path | None, typer.Option(help="Python file with your own features; the horizon's own by default.")
    ] = None,
    cuts: Annotated[
        int, typer.Option(min=1, help="Moments to cut the candles at; more find rarer leaks.")
    ] = 100,
    seed: Annotated[int, typer.Option(min=0, help="Draws the moments; the same seed, the same answer.")] = 7,
    workspace: Workspace = None,
    as_json: Json = False,
) -> None:
    """Find features that know the future: each is computed with, without and with a spoiled future, and compared.

    It runs on your stored candles; where none are stored, on simulated ones, and says so. Each leak is told in one line:
    the guilty feature, its first wrong row, and both values. Exit code 2 when there is one.

    Example: foretick leakcheck --horizon 1h --features my_features.py
    """
    from forecasting.adapters.leak_check import LeakChecker
    from forecasting.adapters.workspace import open_workspace

    symbols = [parse_symbol(each) for each in split(symbol)]
    settings = prepared(workspace)
    chosen = find_horizon(horizons_of(settings), horizon)
    screen = Screen(as_json)
    with progress(), open_workspace(settings) as opened:
        found = LeakChecker(chosen, features, cuts, seed, _report).check(opened, symbols)
    screen.show(*_parts(found))
    screen.result(found.to_document())
    for reason in found.certificate.reasons:
        ERR.print(f"foretick: {reason}", markup=False, highlight=False, soft_wrap=True)
    if not found.certificate.passed:
        raise typer.Exit(LEAK_FOUND)


def _report(check: str, cut: int, cuts: int) -> None:
    if ERR.is_terminal or cut % _STEPS_BETWEEN_LINES == 0:
        _log.info("%s: cut %d of %d", check, cut + 1, cuts, extra={"step": cut, "steps": cuts})


def _parts(found: LeakCheck) -> list[RenderableType]:
    certificate = found.certificate
    head = Text(
        f"{len(certificate.features)} features ({certificate.feature_set}) of {', '.join(certificate.symbols)}, "
        f"{utc_iso(certificate.first_open_ms)} to {utc_iso(certificate.last_close_ms)}"
    )
    made_up = [] if found.source == "stored" else [Text(NO_CANDLES, "yellow")]
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="underline")
    for name in ("check", "cuts", "rows", "worst", "allowed", "verdict"):
        table.add_column(name, justify="left" if name in ("check", "verdict") else "right")
    for check in certificate.checks:
        verdict = (
            Text("clean", "green")
            if check.passed
            else Text("leak" if check.leaks else "nothing compared", "bold red")
        )
        figures = (f"{check.cuts:,}", f"{check.rows:,}", f"{check.worst:.2g}", f"{check.tolerance:g}")
        table.add_row(check.name, *figures, verdict)
    notes = [
        Text(f"note: {check.name}: {note}", "yellow") for check in certificate.checks for note in check.notes
    ]
    return [head, *made_up, table, *notes]
