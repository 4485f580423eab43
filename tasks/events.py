"""Tasks that bring news into the store."""

from __future__ import annotations

from pathlib import Path

from prefect import task
from prefect.artifacts import create_table_artifact
from prefect.cache_policies import NO_CACHE

from forecasting.adapters.news import intake as event_intake
from forecasting.adapters.news.files import EventReading
from forecasting.adapters.news.intake import Cover, EventInspection
from forecasting.adapters.news.report import IngestedEvents
from forecasting.adapters.workspace import Workspace
from tasks.quality import keep_report
from tasks.retries import only_machine_errors


@task(name="inspect-events", task_run_name="inspect news", cache_policy=NO_CACHE)
def inspect_events(
    workspace: Workspace, paths: list[Path], reading: EventReading, suite: Path, now_ms: int
) -> list[EventInspection]:
    """Read files of news and hold them against their suite."""
    inspections = event_intake.inspect_event_files(workspace, paths, reading, suite, now_ms)
    for each in inspections:
        keep_report(workspace, each.checked)
    return inspections


@task(
    name="store-events",
    task_run_name="store news",
    cache_policy=NO_CACHE,
    retries=2,
    retry_delay_seconds=[1, 5],
    retry_condition_fn=only_machine_errors,
)
def store_events(
    workspace: Workspace, inspections: list[EventInspection], cover: Cover, now_ms: int
) -> list[IngestedEvents]:
    """Store what was inspected; show the counts in the Prefect pages."""
    ingested = event_intake.take_in_events(workspace, inspections, cover, now_ms)
    counts = ("file", "rows", "added", "unchanged", "differing", "quarantined", "first", "last")
    create_table_artifact(
        [{name: getattr(each, name) for name in counts} for each in ingested],
        key="events",
        description="What became of the files of news",
    )
    return ingested
