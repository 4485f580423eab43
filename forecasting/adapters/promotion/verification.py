"""What a version must pass before it may serve: its bundle here under its digest, whole, loadable, golden rows equal."""

from __future__ import annotations

import os
from pathlib import Path

from forecasting.adapters.model_version import RegisteredVersion
from forecasting.adapters.promotion.installation import Installation
from forecasting.adapters.promotion.pointer import Placed
from forecasting.adapters.promotion.sandbox import load_in_sandbox
from forecasting.adapters.promotion.tried import note_trial, try_bundle
from forecasting.adapters.store.collections import LICENCES
from forecasting.adapters.store.port import DocumentStore
from forecasting.adapters.stored_bundle import is_whole
from forecasting.errors import DamagedBundle, UnknownVersion


def verify_version(installation: Installation, version: RegisteredVersion) -> Placed:
    """Fetch a version's bundle to stable storage under its digest, and load it in a sandbox.

    Raises
    ------
    DamagedBundle
        It has no files, is not what was registered, cannot be loaded, or is a model of something else.
    RegistryUnavailable
        It cannot be fetched.
    """
    folder = installation.registry.fetch_bundle(version, installation.bundle_folder)
    _sync(folder)
    loaded = load_in_sandbox(folder, version.digest)
    note_trial(folder, version.digest)
    if f"forecast-{loaded.horizon}" != version.model_name:
        raise DamagedBundle(
            f"{version.title} holds a model of horizon {loaded.horizon}: register it under its own name"
        )
    recipe = version.recipe
    return Placed(
        version.version, version.digest, loaded.model_id, evidence_of(installation.store, recipe), recipe
    )


def verify_again(installation: Installation, model_name: str, placed: Placed) -> Placed:
    """Verify what served before: this machine's copy, else the registry's.

    Raises
    ------
    DamagedBundle
        Nobody has the bundle any more, or it cannot be loaded.
    RegistryUnavailable
        There is no copy, and the registry cannot be asked.
    """
    folder = installation.bundle_folder / placed.digest
    if not is_whole(folder, placed.digest):
        try:
            version = installation.registry.version(model_name, placed.version)
        except UnknownVersion as error:
            raise DamagedBundle(
                f"nobody has the bundle of {model_name} version {placed.version}: {error}"
            ) from error
        return verify_version(installation, version)
    try_bundle(folder, placed.digest)
    return Placed(
        placed.version,
        placed.digest,
        placed.model_id,
        evidence_of(installation.store, placed.recipe),
        placed.recipe,
    )


def evidence_of(store: DocumentStore, recipe: str) -> str:
    """`proven` where the recipe holds a licence, else `unproven`."""
    return "proven" if recipe and store.get(LICENCES, recipe) is not None else "unproven"


def _sync(folder: Path) -> None:
    """Wait until every file and folder is on the disk: a pointer must not survive what it points to."""
    for path in (*folder.rglob("*"), folder, folder.parent):
        handle = os.open(path, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
