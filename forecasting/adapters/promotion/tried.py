"""What a sandbox found once it need not find again: which bundles this machine loaded, and with which software.

The note lies beside the bundle's folder, never in it. Digests are checked every time all the same; what the sandbox
adds for the same bytes, the same software and the same machine is what it said before.
"""

from __future__ import annotations

import json
import logging
import os
import platform
from functools import cache
from importlib.metadata import version
from pathlib import Path

import forecasting
from forecasting.adapters.promotion.sandbox import load_in_sandbox
from forecasting.forecaster.bundle_files import read_checked_files
from forecasting.forecaster.capture import LIBRARIES, code_digest

_log = logging.getLogger(__name__)


def try_bundle(folder: Path, digest: str) -> None:
    """Check a bundle's digests, and load it in a sandbox unless that was done here before.

    Parameters
    ----------
    folder, digest
        The bundle, and the digest that was registered.

    Raises
    ------
    DamagedBundle
        A digest is wrong, or the sandbox refused it.
    LoadInterrupted
        The sandbox was told to end.
    MachineError
        No process could be started.
    """
    if was_tried(folder, digest):
        read_checked_files(folder, digest)
    else:
        load_in_sandbox(folder, digest)
        note_trial(folder, digest)


def was_tried(folder: Path, digest: str) -> bool:
    """Whether a sandbox of this machine loaded that bundle with this very software."""
    try:
        said = json.loads(_note(folder).read_bytes())
    except (OSError, ValueError):
        return False
    return bool(said == _trial(digest))


def note_trial(folder: Path, digest: str) -> None:
    """Remember that a sandbox loaded the bundle; where that cannot be written it is tried again next time."""
    note = _note(folder)
    scratch = note.with_suffix(f".{os.getpid()}")
    try:
        note.parent.mkdir(parents=True, exist_ok=True)
        scratch.write_text(json.dumps(_trial(digest)))
        scratch.replace(note)
    except OSError as error:
        _log.warning("that %s was tried in a sandbox cannot be noted: %s", digest[:12], error.strerror)


def _note(folder: Path) -> Path:
    return folder.parent / ".tried" / f"{folder.name}.json"


def _trial(digest: str) -> dict[str, str]:
    return {"digest": digest, **_software()}


@cache
def _software() -> dict[str, str]:
    libraries = {name: version(name) for name in LIBRARIES}
    machine = f"{platform.node()} {platform.machine()}"
    return {
        "code": code_digest(forecasting),
        **libraries,
        "python": platform.python_version(),
        "machine": machine,
    }
