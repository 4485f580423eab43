"""Tasks that hold models in production against what came true, and demote what loses."""

from __future__ import annotations

from typing import Any

from prefect import task
from prefect.artifacts import create_table_artifact
from prefect.cache_policies import NO_CACHE

from forecasting.adapters.demoting import demote
from forecasting.adapters.store.watch_book import WatchBook
from forecasting.adapters.watch_document import watch_document, watch_lines
from forecasting.adapters.watching import ModelWatch, keep_watch, watch_model
from forecasting.adapters.workspace import Workspace
from forecasting.horizons import Horizon


@task(name="watch-model", task_run_name="watch {horizon.name}", cache_policy=NO_CACHE)
def watch_and_keep(workspace: Workspace, horizon: Horizon, now_ms: int) -> ModelWatch | None:
    """Count the bars that matured, and keep the evidence before anything is done about it.

    None where naive serves, and where another run counted them at the same time: it acts.
    """
    watch = watch_model(workspace, horizon, now_ms)
    return watch if watch is not None and keep_watch(workspace, watch) else None


@task(name="demote-model", task_run_name="demote if {watch.horizon} loses", cache_policy=NO_CACHE)
def demote_if_lost(workspace: Workspace, watch: ModelWatch) -> dict[str, Any]:
    """Carry out what the evidence demands; what was found and what serves now, kept for those who ask the API."""
    document = watch_document(watch, demote(workspace, watch))
    WatchBook(workspace.store).keep(document)
    return document


@task(name="publish-watch", cache_policy=NO_CACHE)
def publish_watch(documents: list[dict[str, Any]]) -> None:
    """Show live figures beside those that each version was promoted with, one table a model."""
    for document in documents:
        create_table_artifact(
            watch_lines(document),
            key=f"live-{document['horizon']}",
            description=f"{document['model_name']}: live figures beside those that the gate saw. {document['outcome']}",
        )
