"""`foretick settings`: what a person changes of horizons while all runs, what it costs, and the way back."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from typing import Annotated, Any

import typer
from rich.text import Text

from commands.console import Screen
from commands.options import EXIT_CODES, Json, Workspace
from commands.running import document_store
from commands.scheduling import cadences_of
from commands.settings_table import changed_parts, history_parts, settings_parts
from forecasting.adapters.model_settings.changing import (
    Proposal,
    Rules,
    carry_out,
    propose_fields,
    propose_undo,
)
from forecasting.adapters.model_settings.overriding import CHANGEABLE, horizons_in_force
from forecasting.adapters.model_settings.overview import settings_in_force
from forecasting.adapters.store.port import DocumentStore
from forecasting.adapters.store.settings_book import SettingsBook
from forecasting.errors import InvalidSettings, NewMeaning
from forecasting.settings import Settings, load_settings

MOST_SHOWN = 20
ACCEPT_NEW_MEANING = "--accept-new-meaning"

app = typer.Typer(
    name="settings",
    help="Settings of horizons that may change while all runs: show them, set them, look back, undo.",
    no_args_is_help=True,
    rich_markup_mode="markdown",
)

Reason = Annotated[str, typer.Option(help="Why; kept for good.")]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Only say what would change and follow.")]
AcceptNewMeaning = Annotated[
    bool,
    typer.Option(
        ACCEPT_NEW_MEANING,
        help="Change a threshold although what serves stops serving, for it answers another question.",
    ),
]


@app.command(epilog=EXIT_CODES)
def show(
    horizon: Annotated[str | None, typer.Option(help="Only of this horizon, as in 1h.")] = None,
    workspace: Workspace = None,
    as_json: Json = False,
) -> None:
    """Show each setting that may change: its value in force, that of the horizons file, who changed it and when.

    Example: foretick settings show --horizon 1h
    """
    settings = load_settings(workspace=workspace)
    with document_store(settings) as store:
        current, rows = settings_in_force(store, _rules(settings))
    chosen = [each for each in rows if horizon in (None, each.horizon)]
    if not chosen:
        names = ", ".join(dict.fromkeys(each.horizon for each in rows))
        raise InvalidSettings(f"horizon {horizon!r} is unknown: one of {names} is needed")
    screen = Screen(as_json)
    screen.show(*settings_parts(current, chosen))
    screen.result({"version": current.version, "settings": [each.to_document() for each in chosen]})


@app.command("set", epilog=EXIT_CODES)
def set_fields(
    horizon: Annotated[str, typer.Argument(help="Horizon, as in 1h.")],
    fields: Annotated[
        list[str],
        typer.Argument(
            metavar="FIELD=VALUE...",
            help=f"Any of {', '.join(CHANGEABLE)}; nothing behind = gives it back to the horizons file.",
        ),
    ],
    reason: Reason = "",
    dry_run: DryRun = False,
    accept_new_meaning: AcceptNewMeaning = False,
    workspace: Workspace = None,
    as_json: Json = False,
) -> None:
    """Change settings of a horizon from now on, for whoever trains, decides and serves; no server starts again.

    What follows is told. A new window, new members or a new cadence are another recipe, which strict asks for a licence of
    its own; another threshold is another question, so the model that serves stops serving.

    Example: foretick settings set 1h train_window_days=365 --reason "the market of two years ago is another one"

    Example: foretick settings set 1d members=naive,lgbm_up threshold= --dry-run
    """
    given = _fields(fields)

    def propose(store: DocumentStore, rules: Rules) -> Proposal:
        return propose_fields(store, rules, horizon, given)

    _change(propose, reason, workspace, as_json, dry_run=dry_run, accept_new_meaning=accept_new_meaning)


@app.command(epilog=EXIT_CODES)
def undo(
    to: Annotated[
        int | None,
        typer.Option(help="Version to return to, 0 for the horizons file alone; the one before the newest."),
    ] = None,
    reason: Reason = "",
    dry_run: DryRun = False,
    accept_new_meaning: AcceptNewMeaning = False,
    workspace: Workspace = None,
    as_json: Json = False,
) -> None:
    """Return to the settings of an earlier version; that is a version of its own, so undoing twice leads back.

    Example: foretick settings undo --reason "worse since Monday"

    Example: foretick settings undo --to 0 --dry-run
    """

    def propose(store: DocumentStore, rules: Rules) -> Proposal:
        return propose_undo(store, rules, to)

    _change(propose, reason, workspace, as_json, dry_run=dry_run, accept_new_meaning=accept_new_meaning)


@app.command(epilog=EXIT_CODES)
def history(
    limit: Annotated[int, typer.Option(min=1, help="How many versions, the newest.")] = MOST_SHOWN,
    workspace: Workspace = None,
    as_json: Json = False,
) -> None:
    """List the versions of the settings, the newest first: who changed what, when and why.

    Example: foretick settings history
    """
    with document_store(load_settings(workspace=workspace)) as store:
        found, _ = SettingsBook(store).page(None, limit)
    screen = Screen(as_json)
    screen.show(*history_parts(found))
    screen.result([each.to_document() for each in found])


def _change(
    propose: Callable[[DocumentStore, Rules], Proposal],
    reason: str,
    workspace: str | None,
    as_json: bool,
    *,
    dry_run: bool,
    accept_new_meaning: bool,
) -> None:
    from forecasting.adapters.promotion.installation import this_person

    settings = load_settings(workspace=workspace)
    told: list[dict[str, Any]] = []
    with document_store(settings) as store:
        proposal = propose(store, _rules(settings))
        written = None
        if not dry_run:
            now_ms, accepted = time.time_ns() // 1_000_000, accept_new_meaning
            try:
                written = carry_out(
                    store, proposal, this_person().who, reason, now_ms, accept_new_meaning=accepted
                )
            except NewMeaning as error:
                raise NewMeaning(f"{error}: {ACCEPT_NEW_MEANING} changes it all the same") from error
            moved = {each.horizon for each in proposal.consequences if each.kind == "schedule"}
            known = horizons_in_force(store, settings.horizons_file)
            told = cadences_of(settings, [each for name, each in known.items() if name in moved])
    screen = Screen(as_json)
    screen.show(*map(Text, changed_parts(proposal, written, told, settings.workspace)), soft_wrap=True)
    screen.result(
        {"dry_run": dry_run, **_document(proposal), "version": written and written.version, "schedules": told}
    )


def _document(proposal: Proposal) -> dict[str, Any]:
    return {
        "changes": [each.to_document() for each in proposal.changes],
        "consequences": [each.text for each in proposal.consequences],
    }


def _fields(words: list[str]) -> Mapping[str, Any]:
    """Read settings of FIELD=VALUE; members are a list with commas, and None is the horizons file's own."""
    fields: dict[str, Any] = {}
    for word in words:
        name, sign, value = word.partition("=")
        if not sign or name in fields:
            raise InvalidSettings(
                f"{word!r}: each setting is needed once, as in train_window_days=365; any of {', '.join(CHANGEABLE)}"
            )
        parts = [part.strip() for part in value.split(",")]
        fields[name] = (parts if name == "members" else value) if value else None
    return fields


def _rules(settings: Settings) -> Rules:
    return Rules(settings.horizons_file, settings.gate_policy)
