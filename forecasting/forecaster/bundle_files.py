"""The files of a bundle, checked before anything is parsed: each is there, whole, and nothing else is.

A damaged LightGBM text ends the process that parses it, and some damaged texts load and forecast something else.
So the manifest must have the digest that was registered, every file the digest and size that the manifest says, and
a file that the manifest does not name is refused as well.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from forecasting.errors import DamagedBundle
from forecasting.forecaster.manifest import BundleManifest, FileEntry

MANIFEST_FILE = "manifest.json"
DIGEST_FILE = "manifest.sha256"
MOST_MANIFEST_BYTES = 64 * 2**20


@dataclass(frozen=True, slots=True)
class CheckedFiles:
    """A bundle's files whose digests are right.

    Attributes
    ----------
    manifest
        What the bundle says of itself.
    files
        Content of every other file, by its path in the bundle.
    digest
        Hex SHA-256 of the manifest, which holds the digests of all other files.
    """

    manifest: BundleManifest
    files: Mapping[str, bytes]
    digest: str


def read_checked_files(folder: Path, expected_digest: str | None = None) -> CheckedFiles:
    """Read the files of a bundle, and refuse all unless every digest is right.

    Parameters
    ----------
    folder
        As `write_bundle` left it, or a copy.
    expected_digest
        Digest that was registered; None trusts the folder's own `manifest.sha256`, which finds damage, not
        forgery.

    Raises
    ------
    DamagedBundle
        A file is missing, differs from its digest, or is none of the bundle's.
    """
    content = _read(folder, MANIFEST_FILE, MOST_MANIFEST_BYTES)
    digest = sha256(content)
    if expected_digest not in {None, digest}:
        raise DamagedBundle(f"{folder}: {MANIFEST_FILE} has digest {digest}, {expected_digest} is needed")
    if _read(folder, DIGEST_FILE, len(digest_line(digest))) != digest_line(digest):
        raise DamagedBundle(f"{folder}: {MANIFEST_FILE} and {DIGEST_FILE} disagree: fetch the bundle again")
    manifest = BundleManifest.from_bytes(content)
    files = {name: _read_whole(folder, name, entry) for name, entry in manifest.files.items()}
    _refuse_others(folder, {MANIFEST_FILE, DIGEST_FILE, *files})
    return CheckedFiles(manifest, files, digest)


def digest_line(digest: str) -> bytes:
    """Content of `manifest.sha256`, as `sha256sum --check` reads it."""
    return f"{digest}  {MANIFEST_FILE}\n".encode()


def sha256(content: bytes) -> str:
    """Hex SHA-256."""
    return hashlib.sha256(content).hexdigest()


def _read(folder: Path, name: str, most_bytes: int) -> bytes:
    inner = PurePosixPath(name)
    if inner.is_absolute() or ".." in inner.parts:
        raise DamagedBundle(f"{folder}: {name!r} lies outside the bundle")
    try:
        with (folder / inner).open("rb") as file:
            return file.read(most_bytes + 1)  # one more, so that what is too long has another digest
    except OSError as error:
        raise DamagedBundle(f"{folder}: {name} cannot be read: {error.strerror}") from error


def _read_whole(folder: Path, name: str, entry: FileEntry) -> bytes:
    content = _read(folder, name, entry.size)
    if len(content) != entry.size or sha256(content) != entry.sha256:
        raise DamagedBundle(
            f"{folder}: {name} differs from its digest in {MANIFEST_FILE}: fetch the bundle again"
        )
    return content


def _refuse_others(folder: Path, named: set[str]) -> None:
    for path in folder.rglob("*"):
        name = path.relative_to(folder).as_posix()
        # A link to a folder looks like one, and leads out of the bundle.
        if name not in named and (path.is_symlink() or not path.is_dir()):
            raise DamagedBundle(
                f"{folder}: {name} is no file of the bundle that {MANIFEST_FILE} names: fetch the bundle again"
            )
