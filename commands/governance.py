"""`foretick promote`, `rollback` and `deprecate`: what serves is decided by the gate, or by a person who says why."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.text import Text

from commands.console import Screen, progress, say
from commands.decision_table import decision_parts
from commands.options import GatePolicy, Json, Workspace, split, workspace_words
from commands.running import flows_of, horizons_of, prepared
from forecasting.errors import InvalidSettings
from forecasting.horizons import find_horizon

if TYPE_CHECKING:
    from collections.abc import Callable

    from forecasting.adapters.promotion.pointer import Mover, Pointer
    from forecasting.adapters.workspace import Workspace as Stores
    from forecasting.settings import Settings

OneHorizon = Annotated[str, typer.Option(help="Its horizon, as in 1h.")]


def promote(
    horizon: Annotated[
        list[str] | None,
        typer.Option(help="Horizons to decide on, as in 1h,1d; all that have a candidate by default."),
    ] = None,
    version: Annotated[
        str | None, typer.Option(help="One registered version instead of the newest; needs one --horizon.")
    ] = None,
    override: Annotated[
        bool, typer.Option("--override", help="Do not ask the gate: let --version serve because you say so.")
    ] = False,
    reason: Annotated[str | None, typer.Option(help="Why you override the gate; kept for good.")] = None,
    policy: GatePolicy = None,
    workspace: Workspace = None,
    as_json: Json = False,
) -> None:
    """Put the newest candidates before the gate, and make those that pass the production model.

    Candidate, production and naive are judged on the same later rows. A refusal is an answer, not an error: the
    exit code is 0, and each reason is printed. foretick rollback undoes a promotion.

    --override --reason "..." lets a version serve that the gate was not asked about. It is verified all the same and
    recorded as yours; its evidence stays what its licence says.

    Example: foretick promote --horizon 1h
    """
    if override:
        _override(split(horizon), version, reason, workspace, as_json)
        return
    if reason is not None:
        raise InvalidSettings("the gate gives its own reasons: add --override, or leave out --reason")
    screen = Screen(as_json)
    settings = prepared(workspace)
    with flows_of(settings):
        from flows.promote_candidates import promote_candidates

        decisions = promote_candidates(split(horizon) or None, version, policy)
    promoted = [each["horizon"] for each in decisions if each["outcome"] == "promote"]
    screen.show(*decision_parts(decisions), *(Text(_undo(name, settings)) for name in promoted))
    screen.result(decisions)


def rollback(
    horizon: OneHorizon,
    to: Annotated[
        str, typer.Option(help="previous, naive, or the number of a registered version.")
    ] = "previous",
    reason: Annotated[str, typer.Option(help="Why; kept for good.")] = "no reason was given",
    workspace: Workspace = None,
    as_json: Json = False,
) -> None:
    """Let the previous version serve again at once, or naive, or a version by its number.

    The version is loaded in a sandbox first; where it cannot be, what serves serves on. The same command once more
    leads back. Servers answer with it within seconds, and the aliases in MLflow follow.

    Example: foretick rollback --horizon 1h --reason "worse since Monday"
    """
    from forecasting.adapters.promotion import step

    if to not in {"previous", "naive"} and not to.isdecimal():
        raise InvalidSettings(f"--to {to!r} is unknown: previous, naive or the number of a version is needed")

    def act(opened: Stores, model_name: str, mover: Mover) -> Pointer:
        return step.roll_back(opened, model_name, mover, reason, to)

    _carry_out(act, horizon, workspace, as_json)


def deprecate(
    horizon: OneHorizon,
    version: Annotated[str, typer.Option(help="Number of the registered version.")],
    reason: Annotated[str, typer.Option(help="Why; kept for good.")] = "no reason was given",
    workspace: Workspace = None,
    as_json: Json = False,
) -> None:
    """Withdraw a version: the gate is not asked about it any more, and rollback does not lead to it.

    What serves cannot be deprecated: roll back first. It stays registered, and foretick promote --version brings it back.

    Example: foretick deprecate --horizon 1h --version 3 --reason "trained on a wrong file"
    """
    from forecasting.adapters.promotion import step

    def act(opened: Stores, model_name: str, mover: Mover) -> Pointer:
        return step.deprecate(opened, model_name, version, mover, reason)

    _carry_out(act, horizon, workspace, as_json)


def _override(
    horizons: list[str], version: str | None, reason: str | None, workspace: str | None, as_json: bool
) -> None:
    if version is None or reason is None or len(horizons) != 1:
        raise InvalidSettings(
            "--override was given without all of --version, --horizon (one) and --reason: say which version, and why"
        )
    from forecasting.adapters.promotion import step

    def act(opened: Stores, model_name: str, mover: Mover) -> Pointer:
        return step.promote(opened, model_name, version, mover, reason)

    _carry_out(act, horizons[0], workspace, as_json)


def _carry_out(
    act: Callable[[Stores, str, Mover], Pointer], horizon: str, workspace: str | None, as_json: bool
) -> None:
    settings = prepared(workspace)
    asked = find_horizon(horizons_of(settings), horizon)
    name = asked.model_name
    from forecasting.adapters.promotion.installation import this_person
    from forecasting.adapters.promotion.pointer import read_pointer
    from forecasting.adapters.promotion.unserved import why_unserved
    from forecasting.adapters.workspace import open_workspace

    with progress():
        say(f"{horizon}: verifying, then moving what serves")
        with open_workspace(settings) as opened:
            before = read_pointer(opened.store, name)
            pointer = act(opened, name, this_person())
            unserved = why_unserved(opened.bundle_folder, pointer, asked)
    moved = before is None or before.epoch != pointer.epoch
    screen = Screen(as_json)
    screen.show(
        Text(_told(pointer, horizon, moved)),
        *([] if unserved is None else [Text(unserved, "yellow")]),
        *([Text(_undo(horizon, settings, pointer))] if moved else []),
    )
    screen.result({"moved": moved, **_document(pointer), "unserved": unserved})


def _document(pointer: Pointer) -> dict[str, Any]:
    document = pointer.to_document()
    return {"model_name": document.pop("_id"), "epoch": document.pop("version"), **document}


def _told(pointer: Pointer, horizon: str, moved: bool) -> str:
    placed = pointer.production
    serves = (
        "naive"
        if placed is None
        else f"version {placed.version} ({placed.model_id}, evidence: {placed.evidence})"
    )
    if not moved:
        return f"{horizon}: nothing to do: {serves} serves, as it did"
    if pointer.move.kind == "deprecate":
        return f"{horizon}: version {pointer.move.target} is deprecated; {serves} serves on"
    was = "naive" if pointer.move.origin is None else f"version {pointer.move.origin}"
    return f"{horizon}: {serves} serves now, {was} did before; {pointer.move.who}: {pointer.move.reason}"


def _undo(horizon: str, settings: Settings, pointer: Pointer | None = None) -> str:
    where = workspace_words(settings.workspace)
    if pointer is not None and pointer.move.kind == "deprecate":
        return f"undo: foretick promote --horizon {horizon} --version {pointer.move.target}{where}"
    return f"undo: foretick rollback --horizon {horizon}{where}"
