"""`foretick keys`: who may ask the API, and who may change what it serves."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Iterator, Sequence
from typing import Annotated, Literal

import typer
from rich.console import RenderableType
from rich.table import Table
from rich.text import Text

from commands.console import Screen
from commands.options import EXIT_CODES, Json, Workspace, workspace_words
from commands.running import document_store
from commands.whole_column import add_whole_column
from forecasting.adapters.store.api_keys import ApiKey, ApiKeyBook, shown
from forecasting.settings import Settings, load_settings

app = typer.Typer(
    name="keys",
    help="API keys: make them, list them, revoke them. As soon as one exists, the API answers nobody without.",
    no_args_is_help=True,
    rich_markup_mode="markdown",
)

Name = Annotated[str, typer.Argument(help="Whose key it is, as in trader; never given twice.")]
OfKey = Annotated[str, typer.Argument(help="Name of the key, as foretick keys list tells it.")]


@app.command(epilog=EXIT_CODES)
def create(
    name: Name,
    scope: Annotated[
        Literal["read", "admin"], typer.Option(help="read may ask; admin may also change what is served.")
    ] = "read",
    workspace: Workspace = None,
    as_json: Json = False,
) -> None:
    """Make a key and print it, once: only its digest is kept. Running servers know it within two seconds.

    Example: foretick keys create trader

    Example: foretick keys create operator --scope admin
    """
    with _book(load_settings(workspace=workspace)) as book:
        kept, key = book.create(name, scope, _now_ms())
    screen = Screen(as_json)
    screen.show(
        Text(f"{kept.name} has a key of scope {kept.scope}. It is shown this once:"),
        Text(key, "bold"),
        Text("Send it as Authorization: Bearer KEY, or as X-API-Key: KEY. From now on the API needs a key."),
    )
    screen.result({**shown(kept), "key": key})


@app.command("list", epilog=EXIT_CODES)
def list_keys(workspace: Workspace = None, as_json: Json = False) -> None:
    """List all keys that were ever made, by their names and first characters.

    Example: foretick keys list
    """
    settings = load_settings(workspace=workspace)
    with _book(settings) as book:
        keys = book.every()
    screen = Screen(as_json)
    screen.show(*_list_parts(keys, settings))
    screen.result([shown(each) for each in keys])


@app.command(epilog=EXIT_CODES)
def revoke(name: OfKey, workspace: Workspace = None, as_json: Json = False) -> None:
    """Let a key open nothing any more; running servers know it within two seconds.

    Once the last key is revoked, the API answers callers on its own machine without one.

    Example: foretick keys revoke trader
    """
    settings = load_settings(workspace=workspace)
    with _book(settings) as book:
        revoked, left = book.revoke(name, _now_ms()), len(book.valid())
    screen = Screen(as_json)
    screen.show(Text(f"{revoked.name} ({revoked.prefix}...) is revoked. {_left(left, settings)}"))
    screen.result({**shown(revoked), "keys_left": left})


def _left(left: int, settings: Settings) -> str:
    if left:
        return f"{left} of the store still open the API."
    if settings.api_key is not None:
        return "None of the store is left; that of FORETICK_API_KEY opens the API."
    return "It was the last: callers on this machine need none now, and others are refused."


def _list_parts(keys: Sequence[ApiKey], settings: Settings) -> Iterator[RenderableType]:
    if settings.api_key is not None:
        yield Text("FORETICK_API_KEY is set: it opens the API as environment, scope admin.")
    if not keys:
        where = workspace_words(settings.workspace)
        yield Text(f"No key was ever made: foretick keys create NAME{where} makes one.")
        return
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="underline")
    add_whole_column(table, "name", [each.name for each in keys])
    for column in ("scope", "begins with", "created", "revoked"):
        table.add_column(column, no_wrap=True)
    for each in map(shown, keys):
        table.add_row(each["name"], each["scope"], each["prefix"], each["created"], each["revoked"] or "-")
    yield table


@contextlib.contextmanager
def _book(settings: Settings) -> Iterator[ApiKeyBook]:
    with document_store(settings) as store:
        yield ApiKeyBook(store)


def _now_ms() -> int:
    return time.time_ns() // 1_000_000
