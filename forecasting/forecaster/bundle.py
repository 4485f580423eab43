"""The bundle: a fitted forecaster as a folder of plain files that is registered, served and checked whole.

    manifest.json           what `BundleManifest` says
    manifest.sha256         digest of the manifest, as `sha256sum --check` reads it
    members/<name>/<file>   what each member's `dump` gave
    intervals.json          state of the intervals; bundles of before there were any have none
    trials.json             every trial of a search, and what was made of them; only where there was a search

The same rows, settings and seed give the same bytes, so a bundle is named by its digest. Nothing is parsed
before its digest is checked (`bundle_files`).

A reader must reproduce the golden forecasts, `pred_return` to the last bit. That is safe on any CPU:
members compare features and add leaf values in a fixed order; weights and shrinkages are applied in
separate multiplications and additions of numpy arrays, which no compiler fuses; and no fast-math is used.
Probabilities pass through the C library's exponential, whose last bit may differ between machines, so they
may differ by 1e-12. Training is not covered: its sums may round differently on another CPU and give
another, equally good bundle.
"""

from __future__ import annotations

import json
import os
import shutil
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from forecasting.dataset import Dataset
from forecasting.documents import canonical_json
from forecasting.errors import DamagedBundle, InputError, MachineError
from forecasting.forecaster.bundle_files import (
    DIGEST_FILE,
    MANIFEST_FILE,
    digest_line,
    read_checked_files,
    sha256,
)
from forecasting.forecaster.capture import describe, restore
from forecasting.forecaster.forecaster import Forecaster
from forecasting.forecaster.manifest import BundleManifest, FileEntry
from forecasting.forecaster.members import load_member
from forecasting.intervals.adaptive import AdaptiveIntervals
from forecasting.search import NO_SEARCH, Search
from forecasting.types import FloatArray

MEMBERS_FOLDER = "members"
INTERVALS_FILE = "intervals.json"
TRIALS_FILE = "trials.json"
PROBABILITY_TOLERANCE = 1e-12


@dataclass(frozen=True, slots=True, eq=False)
class Bundle:
    """A forecaster read back and checked.

    Attributes
    ----------
    manifest
        What the bundle says of itself.
    forecaster
        Ready to forecast.
    digest
        Hex SHA-256 of the manifest, which holds the digests of all other files.
    """

    manifest: BundleManifest
    forecaster: Forecaster
    digest: str

    @property
    def model_id(self) -> str:
        """Name of the fitted model: horizon and the first twelve digits of the digest."""
        return f"{self.forecaster.horizon.name}-{self.digest[:12]}"


def write_bundle(forecaster: Forecaster, dataset: Dataset, folder: Path) -> str:
    """Write a fitted forecaster to a new folder, whole or not at all.

    Parameters
    ----------
    forecaster
        Fitted on `dataset`.
    dataset
        The rows given to `fit`.
    folder
        Is created. One that holds the same bundle already is left as it is.

    Returns
    -------
    str
        Digest of the bundle.

    Raises
    ------
    ValueError
        The forecaster was fitted on other rows.
    InputError
        The folder holds something else.
    MachineError
        The disk refuses.
    """
    if dataset.fingerprint() != forecaster.data_fingerprint_:
        raise ValueError("the forecaster was fitted on other rows than the ones given")
    content = _content(forecaster, dataset)
    digest = sha256(content[MANIFEST_FILE])
    if folder.exists():
        _refuse_other(folder, digest)
        return digest
    try:
        _write_whole(content, folder)
    except OSError as error:
        if not folder.exists():
            raise MachineError(f"bundle {folder} cannot be written: {error.strerror or error}") from error
        # Another process was first.
        _refuse_other(folder, digest)
    return digest


def read_bundle(folder: Path, expected_digest: str | None = None) -> Bundle:
    """Read a bundle; every digest is checked before anything is parsed, golden forecasts afterwards.

    Parameters
    ----------
    folder
        As given to `write_bundle`, or a copy.
    expected_digest
        Digest that was registered; None trusts the folder's own `manifest.sha256`, which finds damage, not
        forgery.

    Raises
    ------
    DamagedBundle
        A file is missing, differs from its digest or is none of the bundle's, or the golden forecasts are not
        reproduced.
    """
    checked = read_checked_files(folder, expected_digest)
    manifest, files = checked.manifest, checked.files
    members = {name: load_member(name, _files_of(name, files)) for name in manifest.members}
    forecaster = restore(manifest, members)
    forecaster.intervals_ = _restored_intervals(files)
    forecaster.search_ = _restored_search(files)
    _compare_golden(folder, manifest, forecaster)
    return Bundle(manifest, forecaster, checked.digest)


def bundle_digest(forecaster: Forecaster, dataset: Dataset) -> str:
    """Digest that `write_bundle` would name the same forecaster by, without writing it."""
    return sha256(_content(forecaster, dataset)[MANIFEST_FILE])


def _content(forecaster: Forecaster, dataset: Dataset) -> dict[str, bytes]:
    files = {
        f"{MEMBERS_FOLDER}/{name}/{file}": content
        for name, member in forecaster.members_.items()
        for file, content in member.dump().items()
    }
    if forecaster.intervals_ is not None:
        files[INTERVALS_FILE] = canonical_json(forecaster.intervals_.to_document())
    if forecaster.search_.trials:
        files[TRIALS_FILE] = canonical_json(forecaster.search_.to_document())
    entries = {name: FileEntry(sha256(content), len(content)) for name, content in files.items()}
    manifest = describe(forecaster, dataset, entries).to_bytes()
    return {**files, MANIFEST_FILE: manifest, DIGEST_FILE: digest_line(sha256(manifest))}


def _restored_intervals(files: Mapping[str, bytes]) -> AdaptiveIntervals | None:
    state = files.get(INTERVALS_FILE)
    return None if state is None else AdaptiveIntervals.from_document(json.loads(state))


def _restored_search(files: Mapping[str, bytes]) -> Search:
    record = files.get(TRIALS_FILE)
    return NO_SEARCH if record is None else Search.from_document(json.loads(record))


def _refuse_other(folder: Path, digest: str) -> None:
    try:
        held = read_bundle(folder).digest
    except DamagedBundle as error:
        raise InputError(f"{folder} exists and is no whole bundle: name a new folder") from error
    if held != digest:
        raise InputError(f"{folder} holds the bundle {held[:12]}, not {digest[:12]}: name a new folder")


def _write_whole(content: Mapping[str, bytes], folder: Path) -> None:
    folder.parent.mkdir(parents=True, exist_ok=True)
    partial = Path(tempfile.mkdtemp(prefix=f".{folder.name}-", dir=folder.parent))
    try:
        for name, data in content.items():
            _write_synced(partial / name, data)
        for inner in [*(path for path in partial.rglob("*") if path.is_dir()), partial]:
            _sync_folder(inner)
        partial.chmod(0o755)
        partial.rename(folder)
        _sync_folder(folder.parent)
    finally:
        shutil.rmtree(partial, ignore_errors=True)


def _write_synced(path: Path, data: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())


def _sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _files_of(member: str, files: Mapping[str, bytes]) -> dict[str, bytes]:
    start = f"{MEMBERS_FOLDER}/{member}/"
    return {name.removeprefix(start): content for name, content in files.items() if name.startswith(start)}


def _compare_golden(folder: Path, manifest: BundleManifest, forecaster: Forecaster) -> None:
    golden = manifest.golden
    forecasts = forecaster.predict(golden.rows)
    same = forecasts.pred_return.tobytes() == np.array(golden.pred_return).tobytes()
    if not (same and _near(forecasts.p_up, golden.p_up) and _near(forecasts.conf, golden.conf)):
        wrote = ", ".join(f"{name} {number}" for name, number in manifest.libraries.items())
        raise DamagedBundle(
            f"{folder}: the golden forecasts are not reproduced (written with {wrote}): train again"
        )


def _near(found: FloatArray, promised: tuple[float, ...]) -> bool:
    return bool(np.allclose(found, promised, rtol=0, atol=PROBABILITY_TOLERANCE))
