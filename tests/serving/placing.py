"""Pointers moved as whoever holds their lease moves them, and the source of a server's bundles."""

from forecasting.adapters.promotion.pointer import Move, Placed, Pointer, move_pointer, read_pointer
from serving.in_use.last_good import LastGood
from serving.in_use.loading import RegistrySource


def place(store, version, *, kind="promote", evidence="unproven", digest=None):
    """Make the pointer of forecast-1h name a registered version, or naive; what it named before is its previous."""
    before = read_pointer(store, "forecast-1h")
    placed = version and Placed(
        version.version, digest or version.digest, version.model_id, evidence, "a recipe"
    )
    epoch, origin = (before.epoch, before.serving) if before else (0, None)
    move = Move(kind, origin, placed and placed.version, "jan", "command", "a test wants it", 0)
    previous = before and before.production
    after = Pointer("forecast-1h", epoch + 1, epoch + 1, 0, placed, previous, (), move)
    move_pointer(store, before, after)


def source_of(settings, artifacts=None):
    """Where the servers of these settings find bundles."""
    artifacts = artifacts or settings.mlflow_folder / "artifacts"
    last_good = LastGood(settings.last_good_folder)
    return RegistrySource(settings.tracking_uri, artifacts, settings.bundle_folder, last_good)
