"""The files of a bundle where MLflow keeps them: whether they are whole, and a copy under their digest."""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from forecasting.errors import DamagedBundle
from forecasting.forecaster.bundle import read_bundle
from forecasting.forecaster.bundle_files import MANIFEST_FILE, read_checked_files, sha256
from forecasting.forecaster.manifest import BundleManifest

if TYPE_CHECKING:
    from mlflow import MlflowClient

BUNDLE_PATH = "artifacts/bundle"


def has_files(client: MlflowClient, location: str) -> bool:
    """Whether there is anything where the bundle of a model at that location should be."""
    from mlflow.artifacts import list_artifacts

    return bool(list_artifacts(artifact_uri=f"{location}/{BUNDLE_PATH}", tracking_uri=client.tracking_uri))


def read_back(client: MlflowClient, location: str, digest: str) -> None:
    """Download and read the bundle of a model.

    Raises
    ------
    DamagedBundle
        There are no files, or they are not the bundle of that digest.
    """
    with tempfile.TemporaryDirectory(prefix="foretick-bundle-") as scratch:
        read_bundle(_download(client, location, Path(scratch)), digest)


def holds_bundle(client: MlflowClient, location: str, digest: str) -> bool:
    """Whether the files of a model are the bundle of that digest, whole."""
    try:
        read_back(client, location, digest)
    except DamagedBundle:
        return False
    return True


def is_whole(folder: Path, digest: str) -> bool:
    """Whether a folder of this machine is the bundle of that digest; nothing of it is parsed but a right manifest."""
    return not fault_of(folder, digest)


def fault_of(folder: Path, digest: str) -> str:
    """Why a folder of this machine is not the bundle of that digest; empty where it is, whole."""
    if not folder.exists():
        return f"{folder} does not exist"
    try:
        read_checked_files(folder, digest)
    except DamagedBundle as error:
        return str(error)
    return ""


def fetch_bundle(client: MlflowClient, location: str, digest: str, target: Path) -> None:
    """Put a checked copy of the bundle of a model in the target folder, whole or not at all.

    Raises
    ------
    DamagedBundle
        There are no files, or they are not the bundle of that digest.
    """
    target.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=".fetch-", dir=target.parent) as scratch:
        fetched = _download(client, location, Path(scratch))
        try:
            read_checked_files(fetched, digest)
        except DamagedBundle as error:  # the scratch folder is gone when somebody reads its name
            raise DamagedBundle(str(error).replace(str(fetched), location)) from error
        shutil.rmtree(target, ignore_errors=True)
        try:
            fetched.rename(target)
        except OSError:
            # Another process was first.
            if not is_whole(target, digest):
                raise


def read_manifest(client: MlflowClient, location: str, digest: str, copies: Path) -> BundleManifest:
    """Read what the bundle of a model says of itself, from its copy in the folder `copies` where there is one.

    Raises
    ------
    DamagedBundle
        There are no files, or it is not the manifest of that digest.
    """
    content = _kept_manifest(copies / digest)
    if content is None or sha256(content) != digest:
        with tempfile.TemporaryDirectory(prefix="foretick-manifest-") as scratch:
            content = _download(client, location, Path(scratch), f"/{MANIFEST_FILE}").read_bytes()
        if sha256(content) != digest:
            raise DamagedBundle(
                f"{location}: the manifest is not the one that was registered: register the bundle again"
            )
    return BundleManifest.from_bytes(content)


def _kept_manifest(folder: Path) -> bytes | None:
    try:
        return (folder / MANIFEST_FILE).read_bytes()
    except OSError:
        return None


def _download(client: MlflowClient, location: str, folder: Path, part: str = "") -> Path:
    from mlflow.artifacts import download_artifacts

    uri = f"{location}/{BUNDLE_PATH}"
    if not has_files(client, location):
        raise DamagedBundle(f"there are no files at {uri}: register the bundle again")
    return Path(
        download_artifacts(artifact_uri=uri + part, dst_path=str(folder), tracking_uri=client.tracking_uri)
    )
