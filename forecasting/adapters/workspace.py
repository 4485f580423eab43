"""Everything one installation keeps, opened together: candles, events, documents and registered models."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from forecasting.adapters.expectations.data_docs import DataDocs
from forecasting.adapters.place import WorkspacePlace
from forecasting.adapters.registry import ModelRegistry
from forecasting.adapters.store import open_store
from forecasting.adapters.store.candle_blocks import CandleStore
from forecasting.adapters.store.event_store import EventStore
from forecasting.adapters.store.port import DocumentStore
from forecasting.adapters.store.quarantine import Quarantine
from forecasting.settings import Settings


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
def open_place(place: WorkspacePlace) -> Iterator[Workspace]:
    """Open what is there for the length of a block.

    Raises
    ------
    StoreUnavailable
        The document store cannot be opened.
    """
    store = open_store(place.mongo_uri, Path(place.store_path), place.database)
    try:
        registry = ModelRegistry(place.tracking_uri, Path(place.artifact_root))
        stores = (CandleStore(store), EventStore(store), Quarantine(store))
        data_docs = DataDocs(Path(place.data_docs_folder), place.data_docs_url)
        yield Workspace(store, *stores, registry, Path(place.bundle_folder), data_docs)
    finally:
        store.close()


def open_workspace(settings: Settings) -> contextlib.AbstractContextManager[Workspace]:
    """Open the workspace of the settings for the length of a block.

    Raises
    ------
    StoreUnavailable
        The document store cannot be opened.
    """
    return open_place(WorkspacePlace.of(settings))
