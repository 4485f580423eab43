"""`foretick ingest --dry-run`: what an ingestion would do and why; nothing is stored."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from rich.console import RenderableType
from rich.table import Table
from rich.text import Text

from commands.console import progress
from forecasting.adapters.source import Source
from forecasting.settings import Settings

if TYPE_CHECKING:
    from forecasting.adapters.ingestion import IngestedSeries
    from forecasting.adapters.rehearsal import PlannedSpan, Rehearsal

NOTHING_STORED = "dry run: nothing was stored, and the source is not remembered"
_COUNTS = {
    "rows": "rows",
    "new": "added",
    "same": "unchanged",
    "revised": "revised",
    "kept out": "quarantined",
}
_WHY = {"new": "new", "gap": "absent inside", "history": "older"}


def rehearsed(settings: Settings, source: Source, *, refill: bool) -> Rehearsal:
    """Rehearse the ingestion of a source that was checked."""
    from forecasting.adapters.intake import intake_rules
    from forecasting.adapters.rehearsal import rehearse, rehearse_download
    from forecasting.adapters.workspace import open_workspace

    rules = intake_rules(settings.expectations_folder, int(time.time() * 1000), source.on_conflict)
    secret = settings.source_mongo_uri or settings.mongo_uri
    with open_workspace(settings) as workspace, progress():
        if source.exchange is not None:
            return rehearse_download(workspace, source, rules.now_ms, refill=refill)
        server = secret.get_secret_value() if secret else None
        return rehearse(workspace, source, rules, settings.seed, server)


def rehearsal_parts(rehearsal: Rehearsal) -> list[RenderableType]:
    """Lay out what would become of each series, or what would be asked for, and every decision below."""
    table = _series_table(rehearsal.series) if rehearsal.series else _span_table(rehearsal.spans)
    notes = [f"{each.symbol} {each.interval}: {note}" for each in rehearsal.series for note in each.notes]
    told = [Text(f"note: {note}", "yellow") for note in (*notes, *rehearsal.notes)]
    return [table, *told, Text(NOTHING_STORED, "bold")]


def _series_table(series: tuple[IngestedSeries, ...]) -> Table:
    table = _table(("series", "first", "last"), tuple(_COUNTS))
    for each in series:
        numbers = (f"{getattr(each, field):,}" for field in _COUNTS.values())
        table.add_row(f"{each.symbol} {each.interval}", each.first[:10], each.last[:10], *numbers)
    return table


def _span_table(spans: tuple[PlannedSpan, ...]) -> Table:
    table = _table(("series", "from", "until", "why"), ("absent",))
    for each in spans:
        table.add_row(
            f"{each.symbol} {each.interval}",
            _minute(each.start),
            _minute(each.stop),
            _WHY[each.reason],
            f"{each.bars:,}",
        )
    return table


def _minute(moment: str) -> str:
    return moment[:16].replace("T", " ")


def _table(words: tuple[str, ...], numbers: tuple[str, ...]) -> Table:
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="underline")
    for name in words:
        table.add_column(name, no_wrap=True)
    for name in numbers:
        table.add_column(name, justify="right", no_wrap=True)
    return table
