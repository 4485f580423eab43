"""`foretick monitor` and `foretick breakers`: what models do in production, and what is barred."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import RenderableType
from rich.table import Table
from rich.text import Text

from commands.console import Screen
from commands.options import EXIT_CODES, Json, Workspace, split
from commands.running import prepared
from forecasting.errors import InputError
from forecasting.horizons import find_horizon, load_horizons
from forecasting.settings import load_settings
from forecasting.types import utc_iso

if TYPE_CHECKING:
    from forecasting.adapters.store.breaker_book import KeptBreaker

NOTHING = "No model serves: naive answers, and nothing is watched."
CLOSED = "No breaker is open."

app = typer.Typer(
    name="breakers",
    help="Breakers that are open on models: list them, and close them.",
    no_args_is_help=True,
    rich_markup_mode="markdown",
)

Horizons = Annotated[
    list[str] | None, typer.Option(help="Horizons, as in 1h,1d; all that have a model by default.")
]


def monitor(horizon: Horizons = None, workspace: Workspace = None, as_json: Json = False) -> None:
    """Show what each model did since it serves, beside the figures that it was promoted with; nothing is changed.

    The flow watch-production finds the same each hour, and demotes a model whose evidence of a loss reaches 10,000.

    Example: foretick monitor --horizon 1h
    """
    settings = prepared(workspace)
    from forecasting.adapters.model_settings.overriding import horizons_in_force
    from forecasting.adapters.watch_document import watch_document
    from forecasting.adapters.watching import watch_model
    from forecasting.adapters.workspace import open_workspace

    now_ms = time.time_ns() // 1_000_000
    with open_workspace(settings) as opened:
        known = horizons_in_force(opened.store, settings.horizons_file)
        asked = [find_horizon(known, name) for name in split(horizon) or known]
        watches = [watch_model(opened, each, now_ms) for each in asked]
    documents = [watch_document(each) for each in watches if each is not None]
    screen = Screen(as_json)
    screen.show(*_monitor_parts(documents))
    screen.result(documents)


def _monitor_parts(documents: Sequence[Mapping[str, Any]]) -> list[RenderableType]:
    return [part for each in documents for part in _model_parts(each)] or [Text(NOTHING)]


def _model_parts(document: Mapping[str, Any]) -> list[RenderableType]:
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="underline")
    for name in ("version", "figures", "rows", "in 80 %", "in 90 %", "rank IC", "right"):
        table.add_column(name, justify="left" if name in ("version", "figures") else "right", no_wrap=True)
    for version in document["versions"]:
        for kind in ("live", "promised"):
            shown = f"{version['version']} ({version['role']})" if kind == "live" else ""
            table.add_row(shown, kind, *_figures(version[kind]))
    lines = [line for version in document["versions"] for line in _lines(version, document["threshold"])]
    return [Text(f"{document['model_name']}: {document['outcome']}", "bold"), table, *map(Text, lines)]


def _figures(figures: Mapping[str, Any] | None) -> list[str]:
    if figures is None:
        return ["not known", "", "", "", ""]
    shares = [_percent(figures[name]) for name in ("coverage_80", "coverage_90")]
    rank_ic = "-" if figures["rank_ic"] is None else f"{figures['rank_ic']:+.3f}"
    return [f"{figures['rows']:,}", *shares, rank_ic, _percent(figures["hit_rate"])]


def _percent(share: float | None) -> str:
    return "-" if share is None else f"{share:.1%}"


def _lines(version: Mapping[str, Any], threshold: float) -> list[str]:
    evidence = (
        f"version {version['version']}: {version['bars']:,} bars counted since {version['since']}, evidence of a loss "
        f"{version['evidence']:,.3g} (it goes at {threshold:,.0f}), {version['live']['issued']:,} of its forecasts were "
        "issued, the others computed afterwards"
    )
    return [evidence, *(each for each in (version["demand"], version["breaker"]) if each)]


@app.command("list", epilog=EXIT_CODES)
def list_breakers(workspace: Workspace = None, as_json: Json = False) -> None:
    """List the breakers that are open: naive answers for these models.

    Example: foretick breakers list
    """
    from forecasting.adapters.store.breaker_book import BreakerBook
    from forecasting.adapters.workspace import open_workspace

    with open_workspace(load_settings(workspace=workspace)) as opened:
        found = BreakerBook(opened.store).open_ones()
    screen = Screen(as_json)
    screen.show(*([Text(each.sentence) for each in found] or [Text(CLOSED)]))
    screen.result([_breaker_document(each) for each in found])


@app.command(epilog=EXIT_CODES)
def reset(
    breaker: Annotated[
        str | None, typer.Option(help="Only this one, as in constant; all that are open by default.")
    ] = None,
    horizon: Annotated[str | None, typer.Option(help="Only of this horizon's models, as in 1h.")] = None,
    workspace: Workspace = None,
    as_json: Json = False,
) -> None:
    """Close breakers that are open: servers ask these models again within a second.

    What opened a breaker is forgotten, so it opens again where the cause is still there. The alert stays.

    Example: foretick breakers reset --horizon 1h --breaker not-finite
    """
    from forecasting.adapters.promotion.installation import this_person
    from forecasting.adapters.store.breaker_book import BreakerBook
    from forecasting.adapters.workspace import open_workspace
    from forecasting.monitoring.trip import BREAKERS

    if breaker is not None and breaker not in BREAKERS:
        raise InputError(f"no breaker is called {breaker!r}: any of {', '.join(BREAKERS)} is needed")
    settings = load_settings(workspace=workspace)
    model = (
        None if horizon is None else find_horizon(load_horizons(settings.horizons_file), horizon).model_name
    )
    with open_workspace(settings) as opened:
        book, who = BreakerBook(opened.store), this_person().who
        chosen = [
            each
            for each in book.open_ones()
            if breaker in {None, each.trip.breaker} and model in {None, each.watched.model_name}
        ]
        closed = [
            each for each in chosen if book.close(each.watched, each.trip.breaker, each.trip.symbol, who)
        ]
    screen = Screen(as_json)
    screen.show(*([Text(f"closed: {each.sentence}") for each in closed] or [Text(CLOSED)]))
    screen.result([_breaker_document(each) for each in closed])


def _breaker_document(kept: KeptBreaker) -> dict[str, Any]:
    return {
        "model_name": kept.watched.model_name,
        "model_id": kept.watched.model_id,
        "breaker": kept.trip.breaker,
        "symbol": kept.trip.symbol or None,
        "reason": kept.trip.reason,
        "since": utc_iso(kept.trip.at_ms),
    }
