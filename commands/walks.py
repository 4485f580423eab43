"""`foretick study walk-forward`, `window` and `screen`: a recipe refitted again and again."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from commands.console import ERR, Screen, progress
from commands.options import Json, Symbols, Workspace, split
from commands.running import horizons_of, prepared
from commands.screen_table import screen_parts
from commands.walk_table import walk_parts
from commands.window_table import window_parts
from forecasting.errors import InvalidSettings
from forecasting.horizons import Horizon, find_horizon, load_horizons
from forecasting.types import parse_symbol

if TYPE_CHECKING:
    from forecasting.adapters.walk_rows import WalkRows
    from forecasting.settings import Settings

_STEPS_BETWEEN_LINES = 10

_log = logging.getLogger("forecasting.studies")

Data = Annotated[
    Path | None,
    typer.Option(help="Folder of candle files, read and not stored; the stored candles are used without it."),
]
Refits = Annotated[int, typer.Option(min=1, help="Number of trainings, counted back from the newest label.")]
Every = Annotated[
    int | None,
    typer.Option("--every", min=1, help="Days from one training to the next; the horizon's own without it."),
]


def report_step(what: str, number: int, count: int) -> None:
    """Report one of several steps: each on a terminal, one in ten in a log."""
    if ERR.is_terminal or number % _STEPS_BETWEEN_LINES == 0:
        _log.info("%s: %d of %d", what, number + 1, count, extra={"step": number, "steps": count})


def walk_forward(
    horizon: Annotated[str, typer.Option(help="Horizon whose recipe is walked forward, as in 1d.")] = "1d",
    data: Data = None,
    symbol: Symbols = None,
    refits: Refits = 20,
    every: Every = None,
    workspace: Workspace = None,
    as_json: Json = False,
) -> None:
    """Refit a horizon's recipe as its schedule would have, and judge every row between two refits.

    Each member stands against drift on the same rows, with tests that know how many labels do not overlap; then where
    and when the ensemble was right, whether its confidence came true, and how often its intervals held. A refit is a
    whole training, so 20 of them take 20 times as long as one. Nothing is registered.

    Example: foretick study walk-forward --horizon 1d --refits 26
    """
    from forecasting.backtest.regimes import regimes_of
    from forecasting.studies.walk_forward import walk_forward as walk
    from forecasting.studies.walk_scores import score_walk
    from forecasting.types import DAY_MS

    settings, chosen = chosen_horizon(horizon, workspace, data)
    screen = Screen(as_json)
    with progress():
        given = rows_of(settings, chosen, data, symbol)
        walked = walk(
            given.rows, chosen, given.spec, refits=refits, every_ms=None if every is None else every * DAY_MS,
            seed=settings.seed, on_progress=lambda number, count: report_step("refit", number, count),
        )  # fmt: skip
        found = score_walk(walked, chosen.threshold, regimes_of(walked.rows, given.candles).tolist())
    screen.show(*walk_parts(chosen.name, given.rows.symbols, found))
    screen.result({"horizon": chosen.name, "symbols": list(given.rows.symbols), **found.to_document()})


def window(
    horizon: Annotated[str, typer.Option(help="Horizon whose recipe is walked forward, as in 1h.")] = "1h",
    data: Data = None,
    symbol: Symbols = None,
    windows: Annotated[
        str, typer.Option(help="Lengths of the training window in days; the horizon's own is added.")
    ] = "30,90,365",
    refits: Refits = 20,
    every: Every = None,
    seed: Annotated[
        int | None, typer.Option(min=0, help="Seed of every draw; that of the settings without it.")
    ] = None,
    workspace: Workspace = None,
    as_json: Json = False,
) -> None:
    """Train one recipe on the last 30, 90 and 365 days and on its own window, and judge all on the very same rows.

    The ensemble stands against persistence, against naive and against the best single member. Persistence is a weak
    opponent, whose squared error is about twice naive's: a model that knows nothing beats it. Nothing is registered.

    Example: foretick study window --data ./candles --horizon 1h --refits 52 --every 7
    """
    from forecasting.studies.windows import study_windows

    settings, chosen = chosen_horizon(horizon, workspace, data)
    days = _days(windows)
    screen = Screen(as_json)
    with progress():
        given = rows_of(settings, chosen, data, symbol)
        found = study_windows(
            given.rows, chosen, given.spec, windows_days=days, refits=refits, every_days=every,
            seed=settings.seed if seed is None else seed, on_progress=report_step,
        )  # fmt: skip
    screen.show(*window_parts(chosen.name, given.rows.symbols, found))
    screen.result({"horizon": chosen.name, "symbols": list(given.rows.symbols), **found.to_document()})


def screen(
    horizon: Annotated[str, typer.Option(help="Horizon whose members are screened, as in 1d.")] = "1d",
    data: Data = None,
    symbol: Symbols = None,
    groups: Annotated[
        int, typer.Option(min=3, help="Groups of neighbouring rows; each pair of them judges.")
    ] = 6,
    workspace: Workspace = None,
    as_json: Json = False,
) -> None:
    """Screen a horizon's members by combinatorial purged cross-validation: to drop ideas early, never to prove one.

    Each fold also trains on rows later than those that judge it. The newest fifth of the rows is not touched, so that
    `foretick study walk-forward` can judge what is left. Nothing is registered.

    Example: foretick study screen --horizon 1d
    """
    from forecasting.studies.screen import screen_members

    settings, chosen = chosen_horizon(horizon, workspace, data)
    shown = Screen(as_json)
    with progress():
        given = rows_of(settings, chosen, data, symbol)
        found = screen_members(
            given.rows, chosen, given.spec, groups=groups, seed=settings.seed,
            on_progress=lambda number, count: report_step("fold", number, count),
        )  # fmt: skip
    shown.show(*screen_parts(chosen.name, given.rows.symbols, found))
    shown.result({"horizon": chosen.name, "symbols": list(given.rows.symbols), **found.to_document()})


def chosen_horizon(horizon: str, workspace: str | None, data: Path | None) -> tuple[Settings, Horizon]:
    """Read the settings of a workspace, and the horizon of that name: for files that of the horizons file alone."""
    settings = prepared(workspace)
    known = horizons_of(settings) if data is None else load_horizons(settings.horizons_file)
    return settings, find_horizon(known, horizon)


def rows_of(settings: Settings, horizon: Horizon, data: Path | None, symbol: list[str] | None) -> WalkRows:
    """Rows of a folder where one is given, of the stored candles otherwise."""
    from forecasting.adapters.walk_rows import read_walk_rows, walk_rows_of_folder
    from forecasting.adapters.workspace import open_workspace

    symbols = [parse_symbol(each) for each in split(symbol)]
    if data is not None:
        return walk_rows_of_folder(data, horizon, symbols)
    with open_workspace(settings) as opened:
        return read_walk_rows(opened, horizon, symbols)


def _days(windows: str) -> list[int]:
    """Whole days of an option like 30,90,365."""
    words = split([windows])
    if not words or not all(word.isdecimal() and int(word) > 0 for word in words):
        raise InvalidSettings(f"--windows {windows!r}: whole days with commas are needed, as in 30,90,365")
    return [int(word) for word in words]
