"""Training three horizons on five symbols from candles to report, beside a plain script of the same members.

python -m benchmarks.training [DATA]

Both run in a process of their own on the same files, rows, columns and threads, which is checked. Ours counts features,
members, weights, calibration, leak certificate, registration in MLflow, SHAP values, judging with a backtest, and the
report; not Python's imports, storing the candles, MLflow's new database and Prefect's engine, which are told apart. The
script counts reading its files, features, members, weights, calibration, metrics, SHAP values and a page of tables.
"""

from __future__ import annotations

import json
import os
import sys
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.figures import Figure, report
from benchmarks.process_memory import Watched, watch
from benchmarks.real_series import PROJECT, data_folder

PEER_PYTHON = PROJECT / ".venv-peers" / "bin" / "python"
MOST_TIMES = 1.5
# What a user pays once, whichever models are trained.
APART = ("imports", "storing the candles", "MLflow's new database")


@dataclass(frozen=True, slots=True)
class Run:
    """One way's seconds by step, what it was made on, and its memory."""

    wall: Mapping[str, float]
    processor: Mapping[str, float]
    made: Mapping[str, Mapping[str, Any]]
    watched: Watched

    def counted(self, seconds: Mapping[str, float]) -> float:
        """Seconds of the steps that are compared."""
        return sum(taken for step, taken in seconds.items() if step not in APART)


def run(data: Path | None = None) -> list[Figure]:
    """Run the script, then ours, on the five symbols that reach the end of the files."""
    folder = (data or data_folder()) / "candles" / "hour-2020-2025"
    with tempfile.TemporaryDirectory() as made:
        files, home = Path(made) / "files", Path(made) / "home"
        files.mkdir()
        home.mkdir()
        for path in folder.glob("*.feather"):
            (files / path.name).symlink_to(path.resolve())
        theirs = _run([str(PEER_PYTHON), "-m", "benchmarks.peers.training_script", str(files), made], home)
        ours = _run([sys.executable, "-m", "benchmarks.training_run", str(files), str(home)], home)
    demand_same(ours.made, theirs.made)
    return [*_compared(ours, theirs), *_steps("ours", ours), *_steps("the script", theirs)]


def _run(command: Sequence[str], folder: Path) -> Run:
    log = folder / "log"
    watched = watch(command, {**os.environ, "PYTHONPATH": str(PROJECT)}, log)
    lines = log.read_text().splitlines()
    if watched.exit_code:
        raise RuntimeError(f"{' '.join(command)} ended with {watched.exit_code}: {' '.join(lines[-3:])}")
    told = json.loads(next(line for line in reversed(lines) if line.startswith("{")))
    return Run(told["wall"], told["processor"], told["made"], watched)


def demand_same(ours: Mapping[str, Mapping[str, Any]], theirs: Mapping[str, Mapping[str, Any]]) -> None:
    """Refuse to compare two trainings that were not made on the same rows and columns.

    Raises
    ------
    ValueError
        Names the horizon and what differs.
    """
    if ours.keys() != theirs.keys():
        raise ValueError(f"{', '.join(ours)} and {', '.join(theirs)} cannot be compared: the same are needed")
    for name, made in ours.items():
        for fact in ("rows", "columns", "parts"):
            if made[fact] != theirs[name][fact]:
                raise ValueError(f"{name}: {made[fact]} {fact} of ours, {theirs[name][fact]} of the script")
        mine, other = (
            np.array([*each["means"], each["y"]], dtype=np.float64) for each in (made, theirs[name])
        )
        if not np.allclose(mine, other, rtol=1e-9, atol=1e-12, equal_nan=True):
            raise ValueError(f"{name}: the columns' means differ: the same features and labels are needed")


def _compared(ours: Run, theirs: Run) -> list[Figure]:
    wall, processor = (
        ours.counted(mine) / theirs.counted(other)
        for mine, other in ((ours.wall, theirs.wall), (ours.processor, theirs.processor))
    )
    rows = sum(made["rows"] for made in ours.made.values())
    return [
        Figure(f"ours against the script, wall, {rows:,} rows", wall, "times", MOST_TIMES, at_least=False),
        Figure("ours against the script, processor", processor, "times", MOST_TIMES, at_least=False),
        Figure("ours, peak memory of the whole process", ours.watched.peak_bytes / 2**20, "MiB"),
        Figure("the script, peak memory of the whole process", theirs.watched.peak_bytes / 2**20, "MiB"),
    ]


def _steps(name: str, run: Run) -> list[Figure]:
    return [
        Figure(f"{name}: {step}{', not counted' if step in APART else ''}, wall", taken, "s")
        for step, taken in run.wall.items()
    ] + [Figure(f"{name}: all that is counted, processor", run.counted(run.processor), "s")]


if __name__ == "__main__":
    sys.exit(report("Training", run(Path(sys.argv[1]) if len(sys.argv) > 1 else None)))
