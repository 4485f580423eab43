"""`foretick decisions`: what the gate decided and why, and the release of what is too good to be true."""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Annotated, Any

import typer
from rich.text import Text

from commands.console import Screen
from commands.decision_table import criteria_table, decision_parts, decisions_parts
from commands.options import EXIT_CODES, Json, Workspace
from forecasting.adapters.decision_document import decide_again, is_genuine
from forecasting.errors import InvalidEvidence, UnknownVersion
from forecasting.settings import load_settings

MOST_SHOWN = 20
NOTHING = "Nothing was decided on: put a candidate before the gate first (foretick promote)."
CHANGED = (
    "This document was changed after it was written: do not believe it, restore the store from a backup."
)

app = typer.Typer(
    name="decisions",
    help="What the gate decided: list decisions, show one with its figures and reasons, release a quarantined candidate.",
    no_args_is_help=True,
    rich_markup_mode="markdown",
)

Horizon = Annotated[str | None, typer.Option(help="Only on this horizon, as in 1h.")]
Version = Annotated[int | None, typer.Option(help="Only on this registered version.")]


@app.command("list", epilog=EXIT_CODES)
def list_decisions(
    horizon: Horizon = None,
    version: Version = None,
    limit: Annotated[int, typer.Option(min=1, help="How many, the newest.")] = MOST_SHOWN,
    workspace: Workspace = None,
    as_json: Json = False,
) -> None:
    """List what the gate decided, the newest first, with the criteria that were not met.

    Example: foretick decisions list --horizon 1h
    """
    documents = _found(horizon, version, limit, workspace)
    screen = Screen(as_json)
    screen.show(*decisions_parts(documents) if documents else [Text(NOTHING)])
    screen.result(documents)


@app.command(epilog=EXIT_CODES)
def show(
    horizon: Horizon = None, version: Version = None, workspace: Workspace = None, as_json: Json = False
) -> None:
    """Show the newest decision whole: metrics, stages, licence, time to proof, and each criterion with its bound.

    The gate decides again on the evidence that was stored, and it is said whether it comes to the same.

    Example: foretick decisions show --horizon 1h --version 3
    """
    documents = _found(horizon, version, 1, workspace)
    if not documents:
        raise UnknownVersion(
            "the gate made no such decision: foretick decisions list names what it decided on"
        )
    (document,) = documents
    again = _again(document)
    screen = Screen(as_json)
    screen.show(*decision_parts(documents), criteria_table(document), Text(again))
    screen.result({**document, "genuine": is_genuine(document), "decided_again": again})


@app.command(epilog=EXIT_CODES)
def release(
    version: Annotated[int, typer.Argument(help="The quarantined version, as list names it.")],
    horizon: Annotated[str, typer.Option(help="Its horizon, as in 1h.")],
    reason: Annotated[str, typer.Option(help="Why it is no leak; kept for good.")],
    workspace: Workspace = None,
    as_json: Json = False,
) -> None:
    """Vouch for a candidate that is too good to be true: the next foretick promote takes its figures for believable.

    Everything else is asked as before. Who released it, when and why is kept and told with every later decision on it.

    Example: foretick decisions release 3 --horizon 1m --reason "the bounce of a thin book, seen in the trades too"
    """
    from forecasting.adapters.promotion.installation import this_person
    from forecasting.adapters.releasing import release_version
    from forecasting.adapters.workspace import open_workspace

    now_ms = time.time_ns() // 1_000_000
    with open_workspace(load_settings(workspace=workspace)) as opened:
        made = release_version(opened.store, horizon, version, this_person().who, reason, now_ms)
    screen = Screen(as_json)
    screen.show(
        f"Version {version} of {horizon} ({made.digest[:12]}) is released by {made.who} at {made.at}: {made.why}\n"
        f"Next: foretick promote --horizon {horizon} --version {version}"
    )
    screen.result({"digest": made.digest, "who": made.who, "why": made.why, "at": made.at})


def _found(
    horizon: str | None, version: int | None, limit: int, workspace: str | None
) -> list[dict[str, Any]]:
    from forecasting.adapters.store.decision_log import DecisionLog
    from forecasting.adapters.workspace import open_workspace

    with open_workspace(load_settings(workspace=workspace)) as opened:
        return DecisionLog(opened.store).find(horizon, version, limit)


def _again(document: Mapping[str, Any]) -> str:
    """Say whether the gate comes to the same from the evidence that was stored."""
    if not is_genuine(document):
        return CHANGED
    try:
        decision = decide_again(document)
    except InvalidEvidence as error:
        return f"It cannot be decided again: {error}."
    same = (decision.outcome, list(decision.reasons)) == (document["outcome"], document["reasons"])
    if same:
        return "Decided again from the stored evidence: the same."
    return f"Decided again by today's gate: {decision.outcome} ({'; '.join(decision.reasons)})."
