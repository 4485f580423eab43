"""Flow: bring candles from a folder, an exchange, a collection or the simulator into the store."""

from __future__ import annotations

import logging
import time
from typing import Any

from prefect import flow
from prefect.runtime import flow_run

from forecasting.adapters.files.stamping import Stamp
from forecasting.adapters.ingestion import IngestedSeries, demand_one_world, note_early_ends
from forecasting.adapters.intake import IntakeRules, intake_rules
from forecasting.adapters.source import DEFAULT_DAYS, Source, remember_source, source_to_ask
from forecasting.adapters.workspace import Workspace, open_workspace
from forecasting.quality.settling import OnConflict
from forecasting.settings import Settings, load_settings
from forecasting.types import DAY_MS
from tasks.ingestion import announce, ingest_collection, ingest_exchange, ingest_folder, ingest_simulated

_log = logging.getLogger(__name__)


def _run_name() -> str:
    parameters: dict[str, Any] = flow_run.parameters
    simulated = "the simulated market" if parameters.get("simulated") else None
    named = (parameters.get(name) for name in ("folder", "exchange", "collection"))
    return f"ingest {next(filter(None, named), simulated) or 'the remembered source'}"


@flow(name="ingest-candles", flow_run_name=_run_name)
def ingest_candles(
    folder: str | None = None,
    exchange: str | None = None,
    simulated: bool = False,
    symbols: list[str] | None = None,
    intervals: list[str] | None = None,
    days: int = DEFAULT_DAYS,
    time_zone: str = "UTC",
    columns: list[str] | None = None,
    on_conflict: OnConflict = "error",
    stamped: Stamp | None = None,
    collection: str | None = None,
    fields: list[str] | None = None,
    refill: bool = False,
) -> list[IngestedSeries]:
    """Store candles; what is there already is not asked for again. Without a source the last one is asked again.

    Args:
        folder: Folder of candle files (feather, parquet, csv, json).
        exchange: A ccxt exchange to download from, as in binance.
        simulated: Store the simulated market instead.
        symbols: Markets to download, as in BTC/USDT; for a folder the one market of files that do not name theirs.
        intervals: Candle intervals to download, as in 1h; for a folder the one interval, likewise.
        days: How many days back a download reaches.
        time_zone: Zone of times in files that carry none, as in Europe/Berlin.
        columns: Names of the columns of files without a header, in order.
        on_conflict: What to do with two different candles of one time (error, first, last, neither).
        stamped: What times in files mark, where they do not prove it (open, close).
        collection: DATABASE.COLLECTION of the MongoDB server that FORETICK_SOURCE_MONGO_URI or MONGO_URI names.
        fields: What its fields hold where their names do not say it, as in time=ts.
        refill: Ask an exchange again for candles that it did not have.
    """
    settings = load_settings()
    given = Source(
        folder=folder, exchange=exchange, simulated=simulated, symbols=tuple(symbols or ()),
        intervals=tuple(intervals or ()), days=days, time_zone=time_zone, columns=tuple(columns or ()),
        on_conflict=on_conflict, stamped=stamped, collection=collection, fields=tuple(fields or ()),
    )  # fmt: skip
    with open_workspace(settings) as workspace:
        source = source_to_ask(workspace.store, given)
        demand_one_world(workspace.candles, source.simulated)
        rules = intake_rules(
            settings.expectations_folder, int(time.time() * 1000), source.on_conflict, live=source.is_live
        )
        ingested = note_early_ends(_ingest(workspace, source, rules, settings, refill))
        remember_source(workspace.store, source)
    announce(ingested)
    for series in ingested:
        for note in series.notes:
            _log.info("%s %s: %s", series.symbol, series.interval, note)
    return ingested


def _ingest(
    workspace: Workspace, source: Source, rules: IntakeRules, settings: Settings, refill: bool
) -> list[IngestedSeries]:
    if source.simulated:
        return ingest_simulated(workspace, settings.seed, rules)
    if source.folder is not None:
        return ingest_folder(workspace, source, rules)
    if source.collection is not None:
        return ingest_collection(workspace, source, settings.source_mongo_uri or settings.mongo_uri, rules)
    since_ms = rules.now_ms - source.days * DAY_MS
    return [
        ingest_exchange(workspace, str(source.exchange), symbol, interval, since_ms, rules, refill)
        for symbol, interval in source.downloads
    ]
