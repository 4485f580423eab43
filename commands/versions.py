"""`foretick models`: registered versions and their status, every move of what serves, and the end of old versions."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import RenderableType
from rich.table import Table
from rich.text import Text

from commands.console import Screen
from commands.options import EXIT_CODES, Json, Workspace
from commands.running import prepared
from commands.whole_column import add_whole_column
from forecasting.horizons import find_horizon, load_horizons
from forecasting.types import utc_iso

if TYPE_CHECKING:
    from forecasting.adapters.model_version import RegisteredVersion
    from forecasting.adapters.promotion.moves import LedgerEntry
    from forecasting.settings import Settings

MOST_SHOWN = 20
_TO_THE_MINUTE = 16
NOTHING_REGISTERED = "No version is registered: train one first (foretick train --horizon 1h)."
NOTHING_MOVED = "Nothing was ever put in production."

app = typer.Typer(
    name="models",
    help="Registered versions: list them with their status, show every move of what serves, delete old ones.",
    no_args_is_help=True,
    rich_markup_mode="markdown",
)

Horizon = Annotated[str | None, typer.Option(help="Only of this horizon, as in 1h.")]
Limit = Annotated[int, typer.Option(min=1, help="How many of each horizon, the newest.")]


@app.command("list", epilog=EXIT_CODES)
def list_versions(
    horizon: Horizon = None, limit: Limit = MOST_SHOWN, workspace: Workspace = None, as_json: Json = False
) -> None:
    """List registered versions, the newest first: production, previous, challenger, and what the rest is.

    Example: foretick models list --horizon 1h
    """
    from forecasting.adapters.model_cards import sync_cards
    from forecasting.adapters.workspace import open_workspace

    settings = prepared(workspace)
    found: list[RegisteredVersion] = []
    with open_workspace(settings) as opened:
        for name in _model_names(settings, horizon):
            sync_cards(opened, name)  # those of before there were cards, for who asks the API
            found += opened.registry.versions(name)[:limit]
    screen = Screen(as_json)
    screen.show(*_version_parts(found) if found else [Text(NOTHING_REGISTERED)])
    screen.result([_version_document(each) for each in found])


@app.command(epilog=EXIT_CODES)
def moves(
    horizon: Horizon = None, limit: Limit = MOST_SHOWN, workspace: Workspace = None, as_json: Json = False
) -> None:
    """List every move of what serves, the newest first: who asked for it, where, and why.

    Example: foretick models moves --horizon 1h
    """
    from forecasting.adapters.promotion.moves import newest_moves
    from forecasting.adapters.workspace import open_workspace

    settings = prepared(workspace)
    with open_workspace(settings) as opened:
        found = [
            each
            for name in _model_names(settings, horizon)
            for each in newest_moves(opened.store, name, limit)
        ]
    screen = Screen(as_json)
    screen.show(*(Text(line) for line in _move_lines(found)) if found else [Text(NOTHING_MOVED)])
    screen.result(
        [
            {
                **each.move.to_document(),
                "override": each.move.overrides_gate,
                "model": each.model_name,
                "epoch": each.epoch,
            }
            for each in found
        ]
    )


@app.command(epilog=EXIT_CODES)
def prune(
    horizon: Horizon = None,
    keep: Annotated[
        int | None,
        typer.Option(
            min=1, help="Newest versions to keep of each horizon; FORETICK_KEEP_VERSIONS by default."
        ),
    ] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say what would be deleted.")] = False,
    workspace: Workspace = None,
    as_json: Json = False,
) -> None:
    """Delete old versions with their files; never production, previous or the challenger.

    Their runs, decisions and moves stay. Deleted files do not come back.

    Example: foretick models prune --keep 10 --dry-run
    """
    from forecasting.adapters.promotion.retention import prune as delete
    from forecasting.adapters.workspace import open_workspace

    settings = prepared(workspace)
    most = settings.keep_versions if keep is None else keep
    with open_workspace(settings) as opened:
        names = _model_names(settings, horizon)
        old = [each for name in names for each in delete(opened, name, most, dry_run=dry_run)]
    screen = Screen(as_json)
    word = "would be deleted" if dry_run else "deleted"
    screen.show(*(Text(f"{each.title} ({each.model_id}, {each.status})") for each in old))
    screen.show(Text(f"{len(old):,} version(s) {word}; the newest {most:,} of each horizon are kept"))
    screen.result({"dry_run": dry_run, "keep": most, "versions": [_version_document(each) for each in old]})


def _model_names(settings: Settings, horizon: str | None) -> list[str]:
    known = load_horizons(settings.horizons_file)
    chosen = known.values() if horizon is None else [find_horizon(known, horizon)]
    return [each.model_name for each in chosen]


def _version_parts(found: list[RegisteredVersion]) -> list[RenderableType]:
    """One line a version, then why each was promoted, refused or deprecated."""
    table = Table(box=None, pad_edge=False, padding=(0, 1, 0, 0), header_style="underline")
    for name in ("horizon", "version", "status", "alias", "evidence"):
        table.add_column(name, justify="right" if name == "version" else "left", no_wrap=name != "alias")
    add_whole_column(table, "model id", [each.model_id for each in found])
    table.add_column("registered", no_wrap=True)
    for each in found:
        aliases, evidence = ", ".join(each.aliases), _version_document(each)["evidence"]
        registered = utc_iso(each.created_ms)[:_TO_THE_MINUTE]
        table.add_row(_horizon(each), each.version, each.status, aliases, evidence, each.model_id, registered)
    whys = (
        Text(f"{_horizon(each)} version {each.version}: {each.reasons}") for each in found if each.reasons
    )
    return [table, *whys]


def _horizon(version: RegisteredVersion) -> str:
    return version.model_name.removeprefix("forecast-")


def _version_document(version: RegisteredVersion) -> dict[str, Any]:
    return {
        "model": version.model_name,
        "version": version.version,
        "status": version.status,
        "aliases": list(version.aliases),
        "evidence": version.tags.get("evidence", ""),
        "model_id": version.model_id,
        "digest": version.digest,
        "registered_at": utc_iso(version.created_ms),
        "reasons": version.reasons,
    }


def _move_lines(found: list[LedgerEntry]) -> Iterator[str]:
    """Two lines a move: what, and who said why."""
    for each in found:
        move = each.move
        origin, target = (
            ("naive" if number is None else f"version {number}") for number in (move.origin, move.target)
        )
        path = target if move.kind == "deprecate" else f"{origin} -> {target}"
        yield f"{utc_iso(move.at_ms)}  {each.model_name} epoch {each.epoch}  {move.title}: {path}"
        asked = f", decision {move.decision}" if move.decision else ""
        yield f"    {move.who}, via {move.via}{asked}: {move.reason}"
