"""`foretick data`: what is stored, how fresh it is, and what a person should look at."""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import RenderableType
from rich.table import Table
from rich.text import Text

from commands import quarantine
from commands.console import Screen
from commands.export import export
from commands.options import EXIT_CODES, Intervals, Json, Symbols, Workspace, split
from forecasting.errors import InvalidSettings, UnknownSymbol
from forecasting.settings import load_settings
from forecasting.types import DAY_MS, HOUR_MS, MINUTE_MS, interval_ms, parse_symbol, utc_iso

if TYPE_CHECKING:
    from forecasting.adapters.store.alerts import Alert
    from forecasting.adapters.store.stored_series import StoredSeries

app = typer.Typer(
    name="data",
    help="What is stored: list it, export it, and see what happened to it.",
    no_args_is_help=True,
    rich_markup_mode="markdown",
)
app.add_typer(quarantine.app, name="quarantine")

_AGES = ((DAY_MS, "day"), (HOUR_MS, "hour"), (MINUTE_MS, "minute"))
_SIZES = ((10**9, "GB"), (10**6, "MB"), (10**3, "kB"))
_ALERTS = 20


@app.command(epilog=EXIT_CODES)
def show(
    symbol: Symbols = None, interval: Intervals = None, workspace: Workspace = None, as_json: Json = False
) -> None:
    """List what is stored of each market: first and last candle, gaps, revisions, sources, freshness and size.

    A revision is a value that changed after its candle had closed; the old value is kept. Behind counts the candles that
    have closed since the last one that is stored.

    Example: foretick data show --symbol BTC/USDT
    """
    from forecasting.adapters.workspace import open_workspace

    symbols, intervals = [parse_symbol(each) for each in split(symbol)], split(interval)
    for each in intervals:
        interval_ms(each)
    with open_workspace(load_settings(workspace=workspace)) as opened:
        stored = opened.candles.stored()
    _refuse_unknown(symbols, stored)
    chosen = [
        each
        for each in stored
        if each.span.symbol in (symbols or [each.span.symbol])
        and each.span.interval in (intervals or [each.span.interval])
    ]
    now_ms = time.time_ns() // 1_000_000
    screen = Screen(as_json)
    screen.show(*stored_parts(chosen, now_ms))
    screen.result([_stored_document(each, now_ms) for each in chosen])


app.command(epilog=EXIT_CODES)(export)


@app.command(epilog=EXIT_CODES)
def alerts(
    limit: Annotated[int, typer.Option(help="How many, the newest first.")] = _ALERTS,
    workspace: Workspace = None,
    as_json: Json = False,
) -> None:
    """List what happened that a person should look at, as candles whose values were changed afterwards.

    Example: foretick data alerts --limit 5
    """
    from forecasting.adapters.store.alerts import AlertBook
    from forecasting.adapters.workspace import open_workspace

    if limit < 1:
        raise InvalidSettings(f"--limit {limit} was given: 1 or more are needed")
    with open_workspace(load_settings(workspace=workspace)) as opened:
        found = AlertBook(opened.store).newest(limit)
    screen = Screen(as_json)
    screen.show(_alert_table(found) if found else Text("No alerts."))
    screen.result([_alert_document(each) for each in found])


def _refuse_unknown(symbols: Sequence[str], stored: Sequence[StoredSeries]) -> None:
    known = sorted({each.span.symbol for each in stored})
    unknown = [symbol for symbol in symbols if symbol not in known]
    if unknown:
        some = f"any of {', '.join(known)} is needed" if known else "ingest some first"
        raise UnknownSymbol(f"no candles of {', '.join(unknown)} are stored: {some}")


def stored_parts(stored: Sequence[StoredSeries], now_ms: int) -> list[RenderableType]:
    """Lay out what is stored, one series a row, in two tables that fit a narrow screen."""
    if not stored:
        return [Text("No candles are stored: foretick ingest stores some.")]
    candles = _plain_table(("series", "first", "last"), ("rows", "absent", "gaps", "revised"))
    freshness = _plain_table(("series",), ("last closed", "behind", "size"))
    freshness.add_column("sources")
    for each in stored:
        span = each.span
        counts = (span.rows, each.absent, each.gaps, each.revisions)
        last = utc_iso(span.last_open_ms)[:16].replace("T", " ")
        candles.add_row(
            span.title, utc_iso(span.first_open_ms)[:10], last, *(f"{count:,}" for count in counts)
        )
        freshness.add_row(
            span.title,
            age_words(each.age_ms(now_ms)),
            f"{each.bars_behind(now_ms):,}",
            _size_words(each.size_bytes),
            ", ".join(name or "not noted" for name in each.sources),
        )
    return [candles, "", freshness]


def age_words(age_ms: int) -> str:
    """How long ago something was, in the largest unit that fits twice.

    Examples
    --------
    >>> age_words(30_000), age_words(5_400_000), age_words(172_800_000)
    ('just now', '90 minutes ago', '2 days ago')
    """
    for length_ms, name in _AGES:
        if age_ms >= 2 * length_ms:
            return f"{age_ms // length_ms:,} {name}s ago"
    return "just now" if age_ms < MINUTE_MS else "1 minute ago"


def _size_words(size_bytes: int) -> str:
    for length, name in _SIZES:
        if size_bytes >= length:
            return f"{size_bytes / length:.1f} {name}"
    return f"{size_bytes} B"


def _stored_document(stored: StoredSeries, now_ms: int) -> dict[str, Any]:
    span = stored.span
    return {
        "symbol": span.symbol,
        "interval": span.interval,
        "first": utc_iso(span.first_open_ms),
        "last": utc_iso(span.last_open_ms),
        "rows": span.rows,
        "gaps": stored.gaps,
        "absent": stored.absent,
        "revisions": stored.revisions,
        "sources": list(stored.sources),
        "closed": utc_iso(span.end_ms),
        "age_seconds": stored.age_ms(now_ms) // 1000,
        "bars_behind": stored.bars_behind(now_ms),
        "bytes": stored.size_bytes,
    }


def _alert_table(found: Sequence[Alert]) -> Table:
    table = _plain_table(("raised", "kind"), ())
    table.add_column("facts", overflow="fold")
    for alert in found:
        facts = _alert_document(alert)["facts"]
        told = ", ".join(f"{name} {value}" for name, value in facts.items())
        table.add_row(utc_iso(alert.raised_ms)[:19], alert.kind, told)
    return table


def _alert_document(alert: Alert) -> dict[str, Any]:
    """Facts with moments as text: whatever ends in `_ms` is one."""
    facts = {
        name.removesuffix("_ms"): utc_iso(value) if name.endswith("_ms") else value
        for name, value in alert.facts.items()
    }
    return {"id": alert.id, "kind": alert.kind, "raised": utc_iso(alert.raised_ms), "facts": facts}


def _plain_table(words: Sequence[str], numbers: Sequence[str]) -> Table:
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="underline")
    for name in (*words, *numbers):
        table.add_column(name, justify="right" if name in numbers else "left", no_wrap=True)
    return table
