"""A bundle loaded in a process of its own before anybody uses it: a crash there is an answer here.

Digests are checked twice, here before the process is started and there before anything is parsed. The process is
bounded in memory, processor time, open files and written bytes, gets none of this one's environment but what it needs
to run, and answers one line of JSON.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from forecasting.adapters.promotion.child import ChildAnswer, ask_child
from forecasting.errors import DamagedBundle, LoadInterrupted
from forecasting.forecaster.bundle_files import read_checked_files

CHILD = "forecasting.adapters.promotion.sandboxed_load"
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
    LoadInterrupted
        The process was told to end.
    MachineError
        No process could be started.
    """
    read_checked_files(folder, digest)
    answer = ask_child(
        CHILD,
        [str(folder.absolute()), digest, json.dumps(asdict(limits))],
        environment={name: os.environ[name] for name in _KEPT if name in os.environ} | _ONE_THREAD,
        seconds=limits.seconds,
        purpose=f"to try the bundle {digest[:12]} in",
    )
    return _understood(folder, digest, answer)


def _understood(folder: Path, digest: str, answer: ChildAnswer) -> LoadedBundle:
    refusal, failure = answer.said.get("refused"), answer.failure
    if isinstance(refusal, str):
        raise DamagedBundle(" ".join(refusal.split())[:1000])
    if answer.told_to_end:
        raise LoadInterrupted(
            f"the process that loaded the bundle {digest[:12]} {failure}, so nothing is known of it: load it again"
        )
    if not failure:
        loaded = _loaded(answer.said)
        if loaded is not None and loaded.digest == digest:
            return loaded
        failure = "answered nonsense"
    raise DamagedBundle(
        f"{folder}: the process that loaded the bundle {failure}: fetch the bundle again, or train again"
    )


def _loaded(said: Mapping[str, Any]) -> LoadedBundle | None:
    kinds = {"digest": str, "model_id": str, "horizon": str, "golden_rows": int, "trained_label_end_ms": int}
    if said.keys() != kinds.keys() or any(type(said[name]) is not kind for name, kind in kinds.items()):
        return None
    return LoadedBundle(**said)
