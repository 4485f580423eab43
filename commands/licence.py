"""`foretick licence`: ask whether a recipe is proven, how each stands, and what the questions cost."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Annotated

import typer
from rich.text import Text

from commands.console import Screen, progress
from commands.licence_table import ledger_parts, state_parts
from commands.options import EXIT_CODES, Json, Workspace
from commands.running import horizons_of, prepared
from forecasting.horizons import find_horizon
from forecasting.settings import load_settings

if TYPE_CHECKING:
    from forecasting.adapters import workspace as workspaces
    from forecasting.adapters.licensing.overview import RecipeState
    from forecasting.horizons import Horizon

NOTHING = "No recipe was charged here: put a candidate before the gate (foretick promote), or ask (foretick licence ask)."

_log = logging.getLogger("forecasting.licensing")

app = typer.Typer(
    name="licence",
    help="Proof that a recipe knows more than no change, drift and AR(1): ask, show, and the ledger of alpha.",
    no_args_is_help=True,
    rich_markup_mode="markdown",
)


@app.command(epilog=EXIT_CODES)
def ask(
    horizon: Annotated[str, typer.Option(help="Horizon whose recipe is asked for, as in 1h.")] = "1h",
    workspace: Workspace = None,
    as_json: Json = False,
) -> None:
    """Ask whether a horizon's recipe is proven: charge it, walk its lockbox, and answer with one bit.

    The recipe is that of the newest candidate or, without one, what training would follow now. Asking costs a part of the
    year's error budget once, whatever the answer; the same recipe again costs nothing. A walk that was interrupted goes
    on where it was.

    Example: foretick licence ask --horizon 1d
    """
    settings = prepared(workspace)
    chosen = find_horizon(horizons_of(settings), horizon)
    from forecasting.adapters.workspace import open_workspace

    screen = Screen(as_json)
    with progress(), open_workspace(settings) as opened:
        state = _asked(opened, chosen, settings.seed)
    screen.show(*state_parts([state]))
    screen.result(state.to_document())


def _asked(opened: workspaces.Workspace, horizon: Horizon, seed: int) -> RecipeState:
    from forecasting.adapters.licensing.asking import Licensing
    from forecasting.adapters.licensing.overview import recipe_state
    from forecasting.adapters.licensing.recipe_of import recipe_of
    from forecasting.adapters.licensing.shadow import extend_shadow
    from forecasting.adapters.store.alpha_ledger import AlphaLedger
    from forecasting.licence.recipe import recipe_hash

    recipe = recipe_of(opened, horizon, seed)
    licensing = Licensing(opened)
    if licensing.standing(hashed := recipe_hash(recipe)) is not None:
        extend_shadow(opened, recipe, hashed, opened.registry.versions(horizon.model_name))
    told = licensing.ask(recipe, _report)
    return recipe_state(opened, told.paid, AlphaLedger(opened.store).entries())


def _report(number: int, count: int) -> None:
    extra = {"step": number, "steps": count}
    _log.info("lockbox: refit %d of %d", min(number + 1, count), count, extra=extra)


@app.command(epilog=EXIT_CODES)
def show(
    horizon: Annotated[str | None, typer.Option(help="Only of this horizon, as in 1h.")] = None,
    workspace: Workspace = None,
    as_json: Json = False,
) -> None:
    """Show how each recipe stands: what it was charged, the evidence against each baseline, and its time to proof.

    Of a recipe that is not proven no figure of its lockbox is told: the next recipe would be tuned by it. Its time to
    proof is that at the skill of the development rows or, later, of shadow rows.

    Example: foretick licence show --horizon 1h
    """
    from forecasting.adapters.licensing.overview import recipe_states
    from forecasting.adapters.workspace import open_workspace

    with open_workspace(load_settings(workspace=workspace)) as opened:
        found = recipe_states(opened, horizon)
    screen = Screen(as_json)
    screen.show(*(state_parts(found) if found else [Text(NOTHING)]))
    screen.result([each.to_document() for each in found])


@app.command(epilog=EXIT_CODES)
def ledger(workspace: Workspace = None, as_json: Json = False) -> None:
    """Show the ledger of alpha: every charge and answer, and what is left of each budget.

    The chain of digests is verified first. Exit code 2 when an entry was changed, put in, taken out or cut off.

    Example: foretick licence ledger --json
    """
    from forecasting.adapters.store.alpha_ledger import AlphaLedger
    from forecasting.adapters.workspace import open_workspace

    with open_workspace(load_settings(workspace=workspace)) as opened:
        entries = AlphaLedger(opened.store).entries()
    screen = Screen(as_json)
    screen.show(*(ledger_parts(entries) if entries else [Text(NOTHING)]))
    screen.result({"verified": True, "entries": [each.to_document() for each in entries]})
