"""The document store: one narrow port, two engines."""

from __future__ import annotations

from pathlib import Path

from forecasting.adapters.store.port import DocumentStore


def open_store(mongo_uri: str | None, path: Path, database: str) -> DocumentStore:
    """Open the store: the MongoDB server of `mongo_uri` when there is one, else the SQLite file `path`.

    Raises
    ------
    InvalidSettings
        `mongo_uri` is no address that MongoDB's client understands.
    StoreUnavailable
        The engine cannot be reached, read or written.
    """
    if mongo_uri:
        from forecasting.adapters.store.mongo import MongoStore

        return MongoStore(mongo_uri, database)
    from forecasting.adapters.store.sqlite import SqliteStore

    return SqliteStore(path)
