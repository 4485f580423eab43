"""An installation of its own for server processes: a copy of the world's store, its bundles on this machine, a port."""

import contextlib
import shutil
import sqlite3
from dataclasses import dataclass
from pathlib import Path

from deployments.local.services import free_port
from forecasting.adapters.promotion.tried import note_trial
from forecasting.adapters.store import open_store
from forecasting.adapters.store.collections import COLLECTIONS
from forecasting.adapters.store.port import ID
from forecasting.settings import Settings, load_settings
from forecasting.types import HOUR_MS, utc_iso
from serving.in_use.watcher import wall_clock_ms
from tests.serving.placing import place


@dataclass(frozen=True)
class Site:
    """Where server processes of a test live, and how they are asked."""

    settings: Settings
    store: object
    port: int
    question: dict
    folder: Path
    environment: dict

    @property
    def log(self):
        return self.folder / "api.log"

    @property
    def fault(self):
        """The file that says what models do."""
        return self.folder / "fault"


@contextlib.contextmanager
def site_of(world, folder, *, mongo_uri="", fetched=False):
    """Lay out an installation whose first version is in production; with `fetched` its bundles were tried before."""
    settings = load_settings(
        home=folder / "home", mlflow_tracking_uri=f"sqlite:///{folder / 'mlflow.db'}", mongo_uri=mongo_uri
    )
    shutil.copy(world.folder / "mlflow.db", folder / "mlflow.db")
    settings.store_path.parent.mkdir(parents=True)
    copy_store(world.folder / "store.db", settings.store_path)
    if fetched:
        for version, bundle in zip(world.versions, world.bundles, strict=True):
            shutil.copytree(bundle, settings.bundle_folder / version.digest)
            note_trial(settings.bundle_folder / version.digest, version.digest)
    now_ms = world.newest_close_ms + HOUR_MS // 4
    environment = {
        "FORETICK_HOME": str(settings.home),
        "MLFLOW_TRACKING_URI": settings.tracking_uri,
        "MONGO_URI": mongo_uri,
        "FORETICK_TEST_BACK_MS": str(wall_clock_ms() - now_ms),
        "FORETICK_TEST_FAULT": str(folder / "fault"),
    }
    (folder / "fault").write_text("")
    question = {"symbol": "AAA/SIM", "horizon": "1h", "timestamp": utc_iso(world.newest_close_ms)}
    uri = mongo_uri or None
    with contextlib.closing(open_store(uri, settings.store_path, settings.database)) as store:
        if uri:
            copy_documents(world.folder / "store.db", store)
        place(store, world.versions[0])
        yield Site(settings, store, free_port(), question, folder, environment)


def copy_documents(path, target):
    """Copy all that a SQLite store holds into another store."""
    with contextlib.closing(open_store(None, path, "unused")) as source:
        for name in COLLECTIONS:
            target.put_new(name, list(source.find(name, sort=ID)))


def copy_store(source, target):
    """Copy a SQLite store whole, whatever of it stands beside its file."""
    with (
        contextlib.closing(sqlite3.connect(source)) as old,
        contextlib.closing(sqlite3.connect(target)) as new,
    ):
        old.backup(new)
