"""`foretick events`: news into the store, and what is known of it."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import RenderableType
from rich.table import Table
from rich.text import Text

from commands.console import Screen
from commands.options import EXIT_CODES, Json, TimeZone, Workspace, split
from commands.running import flows_of, prepared
from forecasting.errors import InvalidSettings
from forecasting.settings import Settings, load_settings
from forecasting.types import parse_symbol, parse_utc, utc_iso

if TYPE_CHECKING:
    from forecasting.adapters.news.overview import EventOverview
    from forecasting.adapters.news.report import IngestedEvents
    from forecasting.adapters.store.event_store import StoredEvent

app = typer.Typer(
    name="events",
    help="News and announcements: store them from files, and see what is stored.",
    no_args_is_help=True,
    rich_markup_mode="markdown",
)

NEWEST = 10
_MOST_KINDS = 12

Files = Annotated[
    list[Path], typer.Argument(metavar="FILE...", help="csv, tsv, json or jsonl, also .gz or .zip.")
]
Publisher = Annotated[str | None, typer.Option("--source", help="Publisher of rows that name none.")]
DateOrder = Annotated[
    str | None, typer.Option(help="What stands first in dates such as 5-7-2022: day-first or month-first.")
]
EventColumns = Annotated[
    str | None,
    typer.Option(
        "--columns",
        help="Columns from the left: time, title, url, source, category, symbols, ai, text, or - to skip one.",
    ),
]
CoversFrom = Annotated[
    str | None, typer.Option(help="Since when nothing is missing in the files; their first event by default.")
]
CoversUntil = Annotated[
    str | None, typer.Option(help="Until when nothing is missing in the files; their last event by default.")
]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Tell what would be stored, and why; store nothing.")]


@app.command(epilog=EXIT_CODES)
def ingest(
    files: Files,
    source: Publisher = None,
    time_zone: TimeZone = "UTC",
    date_order: DateOrder = None,
    columns: EventColumns = None,
    covers_from: CoversFrom = None,
    covers_until: CoversUntil = None,
    dry_run: DryRun = False,
    workspace: Workspace = None,
    as_json: Json = False,
) -> None:
    """Store the events of files of news; what is stored already is not stored twice.

    Every row is stored, known already, or put into quarantine with its reason. A file covers the time from its first
    to its last event, unless --covers-from or --covers-until say more: outside of it features are missing, not zero.

    Example: foretick events ingest news-2021.csv news-2022.jsonl --covers-until 2022-12-31
    """
    given = {
        "files": [str(each.resolve()) for each in files],
        "source": source,
        "time_zone": time_zone,
        "date_order": date_order,
        "columns": split([columns or ""]) or None,
        "covers_from": covers_from,
        "covers_until": covers_until,
    }
    settings = prepared(workspace)
    ingested = _preview(settings, given) if dry_run else _ingest(settings, given)
    screen = Screen(as_json)
    screen.show(*_ingested_parts(ingested))
    if dry_run:
        screen.show(Text("Nothing was stored: this was a dry run."))
    screen.result([asdict(each) for each in ingested])


def _preview(settings: Settings, given: Mapping[str, Any]) -> list[IngestedEvents]:
    from forecasting.adapters.ingestion import demand_one_world
    from forecasting.adapters.news.files import EventReading
    from forecasting.adapters.news.intake import Cover, inspect_event_files, preview_events
    from forecasting.adapters.workspace import open_workspace

    words = given["columns"]
    reading = EventReading(given["source"], given["time_zone"], given["date_order"], words and tuple(words))
    sides = (given["covers_from"], given["covers_until"])
    cover = Cover(*(None if each is None else parse_utc(each) for each in sides))
    suite, now_ms = settings.expectations_folder / "events.json", time.time_ns() // 1_000_000
    with open_workspace(settings) as opened:
        demand_one_world(opened.candles, simulated=False)
        paths = [Path(each) for each in given["files"]]
        return preview_events(
            opened, inspect_event_files(opened, paths, reading, suite, now_ms), cover, now_ms
        )


def _ingest(settings: Settings, given: Mapping[str, Any]) -> list[IngestedEvents]:
    with flows_of(settings):
        from flows.ingest_events import ingest_events

        ingested: list[IngestedEvents] = ingest_events(**given)
    return ingested


def _ingested_parts(ingested: Sequence[IngestedEvents]) -> list[RenderableType]:
    table = _plain_table(("file", "first", "last"), ("rows", "new", "known", "differ", "quarantine"))
    about = _plain_table(("file",), ("no title", "no url", "about a coin", "about AI", "publishers"))
    for each in ingested:
        counts = (each.rows, each.added, each.unchanged, each.differing, each.quarantined)
        table.add_row(each.file, each.first[:10], each.last[:10], *(f"{count:,}" for count in counts))
        kinds = (each.untitled, each.unlinked, each.with_symbols, each.ai_related, len(each.sources))
        about.add_row(each.file, *(f"{count:,}" for count in kinds))
    notes = [Text(f"note: {each.file}: {note}", "yellow") for each in ingested for note in each.notes]
    return [table, about, *notes]


@app.command(epilog=EXIT_CODES)
def show(
    symbol: Annotated[
        str | None,
        typer.Option(help="Only what concerns this market or base currency, as in BTC/USDT or BTC."),
    ] = None,
    limit: Annotated[int, typer.Option(help="How many of the newest to list.")] = NEWEST,
    workspace: Workspace = None,
    as_json: Json = False,
) -> None:
    """Sum up the stored events: how many of what kind, which time they cover, and the newest of them.

    Example: foretick events show --symbol BTC/USDT --limit 5
    """
    from forecasting.adapters.news.overview import event_overview
    from forecasting.adapters.workspace import open_workspace

    if limit < 1:
        raise InvalidSettings(f"--limit {limit} was given: 1 or more are needed")
    asked = None if symbol is None else symbol.strip().upper()
    if asked is not None and not asked.isalnum():
        asked = parse_symbol(asked)
    with open_workspace(load_settings(workspace=workspace)) as opened:
        overview = event_overview(opened.events, asked, limit)
    screen = Screen(as_json)
    screen.show(*_overview_parts(overview))
    screen.result(_overview_document(overview))


def _overview_parts(overview: EventOverview) -> list[RenderableType]:
    if not overview.events:
        return [Text("No such events are stored: foretick events ingest stores some.")]
    spans = ", ".join(f"{begin} to {end}" for begin, end in overview.coverage)
    head = Text(
        f"{overview.events:,} events from {overview.first} to {overview.last}; {overview.whole_market:,} concern every "
        f"market, {overview.ai_related:,} are about AI\ncomplete in {spans}"
    )
    kinds = [
        Text(f"{word}: {_listed(counts)}")
        for word, counts in (
            ("sources", overview.sources), ("categories", overview.categories), ("symbols", overview.symbols)
        )
    ]  # fmt: skip
    table = _plain_table(("time", "source", "about", "title"), ())
    for each in overview.newest:
        record = each.record
        about = " ".join((*record.symbols, *(["AI"] if record.ai_related else []))) or "all"
        table.add_row(utc_iso(record.timestamp_ms), record.source, about, Text(record.title or record.url))
    return [head, *kinds, table]


def _overview_document(overview: EventOverview) -> dict[str, Any]:
    return {**asdict(overview), "newest": [_event_document(each) for each in overview.newest]}


def _event_document(event: StoredEvent) -> dict[str, Any]:
    record = event.record
    moments = {"time": utc_iso(record.timestamp_ms), "received": utc_iso(event.received_ms)}
    return {**moments, **asdict(record)}


def _listed(counts: Mapping[str, int]) -> str:
    shown = [f"{name or '(none)'} {count:,}" for name, count in list(counts.items())[:_MOST_KINDS]]
    more = len(counts) - len(shown)
    return ", ".join(shown) + (f" and {more} more" if more else "") if shown else "none"


def _plain_table(texts: Sequence[str], numbers: Sequence[str]) -> Table:
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="underline")
    for name in texts:
        table.add_column(name)
    for name in numbers:
        table.add_column(name, justify="right")
    return table
