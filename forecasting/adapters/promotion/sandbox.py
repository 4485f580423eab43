"""A bundle loaded in a process of its own before anybody uses it: a crash there is an answer here.

Digests are checked twice, here before the process is started and there before anything is parsed. The process is
bounded in memory, processor time, open files and written bytes, gets none of this one's environment but what it needs
to run, and answers one line of JSON.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import tempfile
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import IO, Any

from forecasting.errors import DamagedBundle, MachineError
from forecasting.forecaster.bundle_files import read_checked_files

CHILD = "forecasting.adapters.promotion.sandboxed_load"
MOST_ANSWER_BYTES = 65_536
_KEPT = ("PATH", "HOME", "TMPDIR", "LANG", "NUMBA_CACHE_DIR", "SYSTEMROOT")
_ONE_THREAD = {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1", "MKL_NUM_THREADS": "1"}


@dataclass(frozen=True, slots=True)
class SandboxLimits:
    """What the process may use.

    Attributes
    ----------
    memory_bytes
        Address space, several times what it touches: libraries reserve more than they use.
    cpu_seconds
        Processor time.
    file_bytes
        Length of any file that it writes: compiled kernels, and its answer.
    open_files
        Files open at once.
    seconds
        Time until the answer; a process that hangs is ended then.
    """

    memory_bytes: int = 4 * 2**30
    cpu_seconds: int = 60
    file_bytes: int = 16 * 2**20
    open_files: int = 256
    seconds: float = 120.0


LIMITS = SandboxLimits()


@dataclass(frozen=True, slots=True)
class LoadedBundle:
    """What the process that loaded a bundle says of it.

    Attributes
    ----------
    digest
        Of the bundle.
    model_id, horizon
        As the bundle names itself.
    golden_rows
        How many forecasts were reproduced.
    trained_label_end_ms
        Latest label end that anything was fitted on, epoch milliseconds UTC.
    """

    digest: str
    model_id: str
    horizon: str
    golden_rows: int
    trained_label_end_ms: int


def load_in_sandbox(folder: Path, digest: str, limits: SandboxLimits = LIMITS) -> LoadedBundle:
    """Check a bundle's digests, then load it and reproduce its golden forecasts in a process of its own.

    Parameters
    ----------
    folder, digest
        The bundle, and the digest that was registered.
    limits
        What the process may use.

    Raises
    ------
    DamagedBundle
        A digest is wrong, or the process refused, crashed, hung or answered nonsense.
    MachineError
        No process could be started.
    """
    read_checked_files(folder, digest)
    with tempfile.TemporaryFile() as answer:
        failure = _run(folder, digest, limits, answer)
        answer.seek(0)
        return _understood(folder, digest, failure, answer.read(MOST_ANSWER_BYTES))


def _run(folder: Path, digest: str, limits: SandboxLimits, answer: IO[bytes]) -> str:
    """Run the process to its end; how it failed, empty when it did not."""
    command = [sys.executable, "-I", "-W", "ignore", "-m", CHILD, str(folder.absolute()), digest]
    environment = {name: os.environ[name] for name in _KEPT if name in os.environ} | _ONE_THREAD
    try:
        done = subprocess.run(
            [*command, json.dumps(asdict(limits))],
            stdin=subprocess.DEVNULL,
            stdout=answer,
            stderr=subprocess.DEVNULL,
            env=environment,
            timeout=limits.seconds,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return f"did not end within {limits.seconds:g} s"
    except OSError as error:
        raise MachineError(
            f"no process can be started to try the bundle {digest[:12]} in ({error.strerror or error}): "
            f"end some programs, and run it again"
        ) from error
    if done.returncode < 0:
        return f"was ended by {_signal(-done.returncode)}"
    return f"ended with code {done.returncode}" if done.returncode else ""


def _signal(number: int) -> str:
    try:
        return signal.Signals(number).name
    except ValueError:
        return f"signal {number}"


def _understood(folder: Path, digest: str, failure: str, answer: bytes) -> LoadedBundle:
    said = _document(answer)
    refusal = said.get("refused")
    if isinstance(refusal, str):
        raise DamagedBundle(" ".join(refusal.split())[:1000])
    if not failure:
        loaded = _loaded(said)
        if loaded is not None and loaded.digest == digest:
            return loaded
        failure = "answered nonsense"
    raise DamagedBundle(
        f"{folder}: the process that loaded the bundle {failure}: fetch the bundle again, or train again"
    )


def _document(answer: bytes) -> dict[str, Any]:
    try:
        said = json.loads(answer)
    except ValueError:
        return {}
    return said if isinstance(said, dict) else {}


def _loaded(said: dict[str, Any]) -> LoadedBundle | None:
    kinds = {"digest": str, "model_id": str, "horizon": str, "golden_rows": int, "trained_label_end_ms": int}
    if said.keys() != kinds.keys() or any(type(said[name]) is not kind for name, kind in kinds.items()):
        return None
    return LoadedBundle(**said)
