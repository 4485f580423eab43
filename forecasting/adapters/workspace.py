"""Everything one installation keeps, opened together: candles, events, documents and registered models."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from forecasting.adapters.expectations.data_docs import DataDocs
from forecasting.adapters.registry import ModelRegistry
from forecasting.adapters.store import open_store
from forecasting.adapters.store.candle_blocks import CandleStore
from forecasting.adapters.store.event_store import EventStore
from forecasting.adapters.store.port import DocumentStore
from forecasting.adapters.store.quarantine import Quarantine
from forecasting.settings import DATA_DOCS_PATH, Settings


@dataclass(frozen=True, slots=True)
class Workspace:
    """The stores of one workspace, the folder of its bundles, and the pages on what was validated."""

    store: DocumentStore
    candles: CandleStore
    events: EventStore
    quarantine: Quarantine
    registry: ModelRegistry
    bundle_folder: Path
    data_docs: DataDocs


@contextlib.contextmanager
def open_workspace(settings: Settings) -> Iterator[Workspace]:
    """Open the workspace of the settings for the length of a block.

    Raises
    ------
    StoreUnavailable
        The document store cannot be opened.
    """
    mongo_uri = settings.mongo_uri.get_secret_value() if settings.mongo_uri else None
    store = open_store(mongo_uri, settings.store_path, settings.database)
    try:
        registry = ModelRegistry(settings.tracking_uri, settings.mlflow_folder / "artifacts")
        stores = (CandleStore(store), EventStore(store), Quarantine(store))
        data_docs = DataDocs(settings.data_docs_folder, f"{settings.api_url}{DATA_DOCS_PATH}")
        yield Workspace(store, *stores, registry, settings.bundle_folder, data_docs)
    finally:
        store.close()
