"""How fast an ensemble's trees answer, beside the libraries that grew them, onnxruntime and treelite.

python -m benchmarks.inference

Everybody walks the same trees over the same rows on one thread: rows as the trees were grown on, and rows that lie on
their thresholds or right beside them. The libraries' own answers are what the others are held against.
"""

from __future__ import annotations

import json
import pickle
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from sklearn.ensemble import RandomForestRegressor

from benchmarks.figures import Figure, report
from benchmarks.peers.pace import Answer, Pace, pace_of
from benchmarks.real_series import PROJECT
from forecasting.dataset import Dataset
from forecasting.forecaster.library_answers import rows_beside_splits
from forecasting.models.booster_text import read_walk
from forecasting.models.forest import flatten
from forecasting.models.lightgbm import LightGbm
from forecasting.types import HOUR_MS, FloatArray

PEER_PYTHON = PROJECT / ".venv-peers" / "bin" / "python"
OURS = "ours"
LIBRARIES = {"boosted": "LightGBM", "forest": "scikit-learn"}
ROWS, FEATURES = 20_000, 26
ROUNDS, TREES = 300, 150
MOST_US, MOST_DIFFERENCE = 100.0, 1e-6


@dataclass(frozen=True, slots=True)
class Asked:
    """What one engine says of all rows, and how fast."""

    answers: FloatArray
    pace: Pace


def run() -> list[Figure]:
    """Grow 300 boosted trees and a forest of 150, and ask everybody."""
    rows = _rows(np.random.default_rng(7))
    boosted = LightGbm(patience=None, max_rounds=ROUNDS).fit(rows)
    grown = RandomForestRegressor(
        TREES, max_depth=6, min_samples_leaf=50, max_features=1 / 3, max_samples=0.5, random_state=7
    ).fit(rows.X, rows.y)
    through, forest = read_walk(boosted.trees_.text), flatten(grown).walk()
    X = np.concatenate([rows.X, rows_beside_splits(through, 1000), rows_beside_splits(forest, 1000)])
    asked = _peers(boosted.trees_.text, grown, X)
    asked[f"boosted/{OURS}"] = _asked(through.sums, X)
    asked[f"forest/{OURS}"] = _asked(lambda of: forest.sums(of) / TREES, X)
    return _figures(asked)


def _asked(answer: Answer, X: FloatArray) -> Asked:
    return Asked(answer(X), pace_of(answer, X))


def _rows(generator: np.random.Generator) -> Dataset:
    X = generator.normal(scale=0.01, size=(ROWS, FEATURES))
    X[generator.random(X.shape) < 0.03] = np.nan
    y = 0.1 * np.nan_to_num(X[:, 1]) + 0.01 * generator.standard_t(5, size=ROWS)
    as_of_ms = HOUR_MS * np.arange(ROWS, dtype=np.int64)
    names = tuple(f"feature_{number}" for number in range(FEATURES))
    return Dataset(names, ("AAA/SIM",), as_of_ms, as_of_ms + HOUR_MS, np.zeros(ROWS, dtype=np.int64), X, y)


def _peers(text: str, grown: RandomForestRegressor, X: FloatArray) -> dict[str, Asked]:
    with tempfile.TemporaryDirectory() as parent:
        folder = Path(parent)
        (folder / "boosted.txt").write_text(text)
        (folder / "forest.pickle").write_bytes(pickle.dumps(grown))
        np.save(folder / "rows.npy", X)
        command = [str(PEER_PYTHON), "-m", "benchmarks.peers.inference", str(folder)]
        subprocess.run(command, check=True, cwd=PROJECT)
        paces = json.loads((folder / "paces.json").read_text())
        with np.load(folder / "answers.npz") as answers:
            return {name: Asked(answers[name], Pace(**pace)) for name, pace in paces.items()}


def _figures(asked: Mapping[str, Asked]) -> list[Figure]:
    together = sum(asked[f"{trees}/{OURS}"].pace.one_row_us for trees in LIBRARIES)
    figures = [Figure("both ensembles, one row, ours", together, "us", MOST_US, at_least=False)]
    for name, each in sorted(asked.items()):
        trees, engine = name.split("/")
        oracle = asked[f"{trees}/{LIBRARIES[trees]}"].answers
        differ = np.abs(each.answers - oracle)
        label = f"{trees}, {engine}"
        demand = MOST_DIFFERENCE if engine == OURS else None
        figures += [
            Figure(f"{label}: one row", each.pace.one_row_us, "us"),
            Figure(f"{label}: many rows", each.pace.rows_a_second, "rows/s"),
            Figure(f"{label}: largest difference", float(differ.max()), "", demand, at_least=False),
            Figure(f"{label}: rows that differ", 100 * float((differ > 0).mean()), "%"),
        ]
    return figures


if __name__ == "__main__":
    sys.exit(report("Inference", run()))
