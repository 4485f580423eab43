"""Run a command and watch the memory of all processes that it starts."""

from __future__ import annotations

import contextlib
import re
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from deployments.local.keeper import descendants

SAMPLE_SECONDS = 0.2
_PSS = re.compile(r"^Pss:\s+(\d+) kB", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Watched:
    """What a command took: wall seconds, exit code, peak memory in bytes (NaN where there is no /proc)."""

    seconds: float
    exit_code: int
    peak_bytes: float


def watch(command: Sequence[str], environment: Mapping[str, str], log_file: Path) -> Watched:
    """Run a command to its end, its output in a file; pages shared by several processes count once in all."""
    started = time.perf_counter()
    peak = float("nan")
    with log_file.open("wb") as log:
        process = subprocess.Popen(command, env=dict(environment), stdout=log, stderr=log)
        while process.poll() is None:
            total = sum(map(proportional_bytes, [process.pid, *descendants(process.pid)]))
            peak = total if total > 0 and not peak >= total else peak
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(SAMPLE_SECONDS)
    return Watched(time.perf_counter() - started, process.returncode, peak)


def proportional_bytes(pid: int) -> int:
    """Proportional set size of one process; 0 when it is gone or the system does not tell."""
    with contextlib.suppress(OSError):
        found = _PSS.search(Path(f"/proc/{pid}/smaps_rollup").read_text())
        return int(found.group(1)) * 1024 if found else 0
    return 0


def peak_growth(action: Callable[[], object]) -> float:
    """Bytes by which this process was at most larger during a call than before; NaN where there is no /proc."""
    try:
        Path("/proc/self/clear_refs").write_text("5")  # the peak starts anew
        before = high_water_bytes()
        action()
        return float(high_water_bytes() - before)
    except OSError:
        return float("nan")


def high_water_bytes() -> int:
    """Most resident bytes of this process since it started, or since its mark was cleared."""
    found = re.search(r"^VmHWM:\s+(\d+) kB", Path("/proc/self/status").read_text(), re.MULTILINE)
    return int(found.group(1)) * 1024 if found else 0
