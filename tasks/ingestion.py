"""Tasks that bring candles into the store."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from prefect import task
from prefect.cache_policies import NO_CACHE
from prefect.events import emit_event
from pydantic import SecretStr

from forecasting.adapters import ingestion
from forecasting.adapters.exchange import downloading
from forecasting.adapters.ingestion import IngestedSeries
from forecasting.adapters.intake import IntakeRules
from forecasting.adapters.source import Source
from forecasting.adapters.workspace import Workspace
from forecasting.errors import StoreUnavailable

REVISED, QUARANTINED = "foretick.candles.revised", "foretick.candles.quarantined"


def announce(ingested: Sequence[IngestedSeries]) -> None:
    """Emit an event for each series that was revised or of which rows were kept out; automations may wait for them."""
    for each in ingested:
        resource = {
            "prefect.resource.id": f"foretick.series.{each.symbol}.{each.interval}",
            "prefect.resource.name": f"{each.symbol} {each.interval}",
        }
        for event, candles in ((REVISED, each.revised), (QUARANTINED, each.quarantined)):
            if candles:
                emit_event(event, resource, payload={"candles": candles})


def only_store_errors(_task: Any, _run: Any, state: Any) -> bool:
    """Retry the store's failures only: the exchange was asked several times by then, each after a longer wait."""
    return isinstance(state.result(raise_on_failure=False), StoreUnavailable)


@task(name="ingest-folder", task_run_name="ingest {source.folder}", cache_policy=NO_CACHE)
def ingest_folder(workspace: Workspace, source: Source, rules: IntakeRules) -> list[IngestedSeries]:
    """Store every candle file of a folder."""
    return ingestion.ingest_folder(workspace, source, rules)


@task(name="ingest-collection", task_run_name="ingest {source.collection}", cache_policy=NO_CACHE)
def ingest_collection(
    workspace: Workspace, source: Source, server: SecretStr | None, rules: IntakeRules
) -> list[IngestedSeries]:
    """Store every candle of a collection."""
    from forecasting.adapters.collection.source import read_collection

    reports = read_collection(source, server.get_secret_value() if server else None)
    inspections = ingestion.inspect_reports(workspace, reports, rules)
    return [ingestion.store_inspected(workspace, each, rules.now_ms) for each in inspections]


@task(name="ingest-simulated", cache_policy=NO_CACHE)
def ingest_simulated(workspace: Workspace, seed: int, rules: IntakeRules) -> list[IngestedSeries]:
    """Store the simulated market."""
    return ingestion.ingest_simulated(workspace, seed, rules)


@task(
    name="ingest-exchange",
    task_run_name="ingest {exchange} {symbol} {interval}",
    cache_policy=NO_CACHE,
    retries=2,
    retry_delay_seconds=[1, 5],
    retry_condition_fn=only_store_errors,
)
def ingest_exchange(
    workspace: Workspace,
    exchange: str,
    symbol: str,
    interval: str,
    since_ms: int,
    rules: IntakeRules,
    refill: bool,
) -> IngestedSeries:
    """Download what is new, absent or older of one series."""
    return downloading.ingest_exchange(workspace, exchange, symbol, interval, since_ms, rules, refill=refill)
