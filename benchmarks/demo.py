"""How long the demo takes and how much memory its processes need, first and second time.

Run with `python -m benchmarks.demo`; FORETICK_TEST_DATA names the folder of market data (default ../shared/data), and
without it only the simulated market is measured. Everything is kept in a temporary folder.
"""

from __future__ import annotations

import os
import sys
import tempfile
from pathlib import Path

from benchmarks.figures import Figure, report
from benchmarks.process_memory import Watched, watch

SIMULATED_SECONDS = 120.0
HOURS_SECONDS = 300.0
HOURS_GIGABYTES = 4.0


def run() -> list[Figure]:
    """Run the demo on the simulated market twice, and on real hours and minutes where they are."""
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        first, second = _demo(home), _demo(home)
        figures = [
            Figure("simulated market, first run", first.seconds, "s"),
            Figure("simulated market, second run", second.seconds, "s", SIMULATED_SECONDS, at_least=False),
            _peak("simulated market", second),
        ]
        candles = Path(os.environ.get("FORETICK_TEST_DATA", "../shared/data")) / "candles"
        if (candles / "hour-2020-2025").is_dir():
            hours = _demo(home, candles / "hour-2020-2025")
            figures += [
                Figure("hour-2020-2025", hours.seconds, "s", HOURS_SECONDS, at_least=False),
                _peak("hour-2020-2025", hours, HOURS_GIGABYTES * 2**30 / 1e9),
            ]
        if (candles / "minute-2025").is_dir():
            minutes = _demo(home, candles / "minute-2025")
            figures += [Figure("minute-2025", minutes.seconds, "s"), _peak("minute-2025", minutes)]
    return figures


def _demo(home: Path, data: Path | None = None) -> Watched:
    command = [sys.executable, "-m", "commands.app", "demo", "--json"]
    if data is not None:
        command += ["--data", str(data)]
    own = {"FORETICK_HOME": str(home / "home"), "FORETICK_MLRUNS": str(home / "mlruns")}
    log_file = home / "demo.log"
    watched = watch(command, os.environ | own, log_file)
    if watched.exit_code != 0:
        raise RuntimeError(f"the demo ended with {watched.exit_code}: {log_file.read_text()[-1000:]}")
    return watched


def _peak(name: str, watched: Watched, most: float | None = None) -> Figure:
    return Figure(
        f"{name}, peak memory of all processes", watched.peak_bytes / 1e9, "GB", most, at_least=False
    )


if __name__ == "__main__":
    sys.exit(report("Demo", run()))
