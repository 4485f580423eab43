"""Flow: bring files of news into the store."""

from __future__ import annotations

import logging
import time
from pathlib import Path
from typing import Any, Literal

from prefect import flow
from prefect.runtime import flow_run

from forecasting.adapters.ingestion import demand_one_world
from forecasting.adapters.news.files import EventReading
from forecasting.adapters.news.intake import Cover
from forecasting.adapters.news.report import IngestedEvents
from forecasting.adapters.workspace import open_workspace
from forecasting.settings import load_settings
from forecasting.types import parse_utc
from tasks.events import inspect_events, store_events

_log = logging.getLogger(__name__)


def _run_name() -> str:
    parameters: dict[str, Any] = flow_run.parameters
    return f"ingest news of {', '.join(Path(each).name for each in parameters.get('files') or ['no file'])}"


@flow(name="ingest-events", flow_run_name=_run_name)
def ingest_events(
    files: list[str] | None = None,
    source: str | None = None,
    time_zone: str = "UTC",
    date_order: Literal["day-first", "month-first"] | None = None,
    columns: list[str] | None = None,
    covers_from: str | None = None,
    covers_until: str | None = None,
) -> list[IngestedEvents]:
    """Store the events of files (csv, tsv, json, jsonl); all files are read before the first is stored.

    Args:
        files: Paths of the files.
        source: Publisher of rows that name none.
        time_zone: Zone of times that carry none, as in Europe/Berlin.
        date_order: What stands first in dates such as 5-7-2022, where they do not prove it.
        columns: Meaning of the columns from the left (time, title, url, source, category, symbols, ai, text or -).
        covers_from: Since when nothing is missing in the files together, ISO 8601; the first event by default.
        covers_until: Until when nothing is missing in the files together, ISO 8601; the last event by default.
    """
    settings = load_settings()
    reading = EventReading(source, time_zone, date_order, tuple(columns) if columns else None)
    cover = Cover(*(None if each is None else parse_utc(each) for each in (covers_from, covers_until)))
    suite, now_ms = settings.expectations_folder / "events.json", int(time.time() * 1000)
    with open_workspace(settings) as workspace:
        demand_one_world(workspace.candles, simulated=False)
        inspections = inspect_events(workspace, [Path(each) for each in files or ()], reading, suite, now_ms)
        ingested = store_events(workspace, inspections, cover, now_ms)
    for each in ingested:
        for note in each.notes:
            _log.info("%s: %s", each.file, note)
    return ingested
