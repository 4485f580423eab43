"""`foretick aliases`: what a person moved in MLflow's pages becomes what serves, or is put back."""

from __future__ import annotations

import contextlib
import threading
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.text import Text

from commands.console import OUT, Screen, progress, say
from commands.options import Json, Workspace
from commands.running import prepared
from forecasting.errors import InvalidSettings
from forecasting.horizons import load_horizons

if TYPE_CHECKING:
    from forecasting.settings import Settings


def aliases(
    follow: Annotated[
        bool, typer.Option("--follow", help="Go on until Ctrl-C, once a second, as foretick up does.")
    ] = False,
    workspace: Workspace = None,
    as_json: Json = False,
) -> None:
    """Make MLflow's aliases and what serves agree, once or over and over.

    Whoever moves the alias production in MLflow's pages asks for that version: it is verified, recorded as theirs, and
    serves; what cannot be loaded is put back, with an alert. foretick up runs this; run it beside foretick serve.

    Example: foretick aliases --follow
    """
    if follow and as_json:
        raise InvalidSettings("--follow never ends, so it has no one document: leave out --follow or --json")
    settings = prepared(workspace)
    if follow:
        _follow(settings)
        return
    screen = Screen(as_json)
    with progress():
        say("comparing aliases and pointers")
        settled = _settle(settings)
    screen.show(*(Text(each["line"]) for each in settled))
    screen.result([{name: each[name] for name in ("model", "outcome", "serving")} for each in settled])


def _settle(settings: Settings) -> list[dict[str, Any]]:
    from forecasting.adapters.promotion.follower import settled_line
    from forecasting.adapters.promotion.mirror import settle_aliases
    from forecasting.adapters.promotion.pointer import read_pointer
    from forecasting.adapters.workspace import open_workspace

    settled = []
    with open_workspace(settings) as opened:
        for name in _model_names(settings):
            outcome = settle_aliases(opened, name, thorough=True)
            pointer = read_pointer(opened.store, name)
            serving = None if pointer is None else pointer.serving
            line = settled_line(opened, name, outcome)
            settled.append({"model": name, "outcome": outcome, "serving": serving, "line": line})
    return settled


def _follow(settings: Settings) -> None:
    from forecasting.adapters.promotion.follower import AliasFollower
    from forecasting.adapters.tracking import without_credentials
    from forecasting.adapters.workspace import open_workspace

    follower = AliasFollower(lambda: open_workspace(settings), _model_names(settings), _tell)
    _tell(f"following the aliases of {without_credentials(settings.tracking_uri)}; Ctrl-C ends it")
    with contextlib.suppress(KeyboardInterrupt):
        follower.follow(threading.Event())


def _model_names(settings: Settings) -> list[str]:
    return [horizon.model_name for horizon in load_horizons(settings.horizons_file).values()]


def _tell(line: str) -> None:
    OUT.print(line, markup=False, highlight=False, soft_wrap=True)
