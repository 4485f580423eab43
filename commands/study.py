"""`foretick study`: experiments that show what a figure is worth, repeatable on one's own candles."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import RenderableType
from rich.table import Table
from rich.text import Text

from commands.console import Screen, progress
from commands.options import EXIT_CODES, Json, Symbols, Workspace, split
from commands.running import prepared
from commands.walks import Data, report_step, screen, walk_forward, window
from forecasting.horizons import load_horizons
from forecasting.types import parse_symbol, utc_iso

if TYPE_CHECKING:
    from forecasting.candles import Candles
    from forecasting.events import Events
    from forecasting.studies.overlap import OverlapStudy

app = typer.Typer(
    name="study",
    help="Experiments that show what a figure is worth.",
    no_args_is_help=True,
    rich_markup_mode="markdown",
)


@app.callback()
def study() -> None:
    """Experiments that show what a figure is worth."""


@app.command(epilog=EXIT_CODES)
def overlap(
    data: Data = None,
    symbol: Symbols = None,
    seed: Annotated[
        int, typer.Option(min=0, help="Seed of the forests and the shuffle; the same seed, the same figures.")
    ] = 42,
    workspace: Workspace = None,
    as_json: Json = False,
) -> None:
    """Score the recipe source-7d-forest on days that it was trained on, and on days that it was not.

    Its figure, that of a shuffled split, the honest one and the majority's stand side by side, with the number of
    independent weeks behind them; then the gate is asked 50 times whether it would let the overlapping model through.
    Markets of BTC, ETH and XMR are pooled where there are any, all others otherwise.

    Example: foretick study overlap --data ./candles
    """
    from forecasting.studies.overlap import overlap_document, study_overlap

    symbols = [parse_symbol(each) for each in split(symbol)]
    screen = Screen(as_json)
    with progress():
        candles, events = _days(data, symbols, workspace)
        found = study_overlap(
            candles, load_horizons()["7d"], events=events, seed=seed, on_progress=report_step
        )
    screen.show(*_parts(found))
    screen.result(overlap_document(found))


def _days(
    data: Path | None, symbols: list[str], workspace: str | None
) -> tuple[dict[str, Candles], dict[str, Events]]:
    """Daily candles, and the stored events of their markets; files bring none."""
    from forecasting.adapters.daily_candles import daily_of_folder, daily_of_store

    settings = prepared(workspace)
    if data is not None:
        return daily_of_folder(data, symbols), {}
    from forecasting.adapters.workspace import open_workspace

    with open_workspace(settings) as opened:
        candles = daily_of_store(opened, symbols)
        read = {symbol: opened.events.read(symbol) for symbol in candles}
    return candles, {symbol: events for symbol, events in read.items() if events is not None}


def _parts(found: OverlapStudy) -> list[RenderableType]:
    table = Table(
        title="Right directions 7 days ahead, of the last 57 of 169 days", title_justify="left",
        box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="underline",
    )  # fmt: skip
    table.add_column("scored days")
    for name in ("overlapping", "shuffled", "purged", "majority", "weeks"):
        table.add_column(name, justify="right")
    for each in found.windows:
        days = f"{utc_iso(each.scored_ms)[:10]} to {utc_iso(each.end_ms)[:10]}"
        shares = (each.overlapping, each.shuffled, each.purged, each.majority)
        table.add_row(days, *(f"{share:.0%}" for share in shares), str(each.weeks))
    return [Text(f"{', '.join(found.symbols)}, seed {found.seed}"), table, Text(_verdict(found))]


def _verdict(found: OverlapStudy) -> str:
    honest, asked = found.honest, found.asked
    flattering = [each.overlapping for each in found.windows]
    return "\n".join(
        (
            "",
            f"overlapping  {min(flattering):.0%} to {max(flattering):.0%}: trained on the very days that it is scored on",
            f"purged       {honest.mean:.1%}, between {honest.low:.1%} and {honest.high:.1%} in {honest.level:.0%} of "
            f"resamples, from {honest.labels} independent weeks: the honest figure",
            f"             {found.together}",
            "majority     the commoner direction of the scored days, which nobody knew beforehand",
            "",
            f"The gate refused the overlapping model {asked.refused} times of {asked.times}: {_named(asked.unmet)}.",
            f"With a forged end of training and a forged leak certificate it refused it {asked.refused_disguised} times "
            f"of {asked.times}: {_named(asked.unmet_disguised)}.",
        )
    )


def _named(unmet: Mapping[str, int]) -> str:
    return ", ".join(f"{name} {count}" for name, count in unmet.items() if count)


app.command(epilog=EXIT_CODES)(walk_forward)
app.command(epilog=EXIT_CODES)(window)
app.command(epilog=EXIT_CODES)(screen)
