"""LightGBM alone, on the very features that Foretick has."""

from __future__ import annotations

from typing import Any

import lightgbm
import numpy as np

from benchmarks.peers.held_back import calibrated, hold_back
from benchmarks.peers.judged import Fold, Rows, Told

ROUNDS, PATIENCE = 500, 50


def settings(rows: int, threads: int = 1) -> dict[str, Any]:
    """Return what Foretick's own member uses, so that no difference comes from tuning."""
    return {
        "n_estimators": ROUNDS,
        "learning_rate": 0.03,
        "num_leaves": 15,
        "min_child_samples": max(50, rows // 200),
        "colsample_bytree": 0.7,
        "subsample": 0.7,
        "subsample_freq": 1,
        "random_state": 7,
        "n_jobs": threads,
        "verbosity": -1,
    }


def lightgbm_alone(rows: Rows, fold: Fold) -> Told:
    """Stop early on the rows held back, and calibrate on them."""
    parts = hold_back(rows, fold.train)
    model = lightgbm.LGBMRegressor(**settings(len(parts.fitted)))
    model.fit(
        rows.X[parts.fitted],
        rows.y[parts.fitted],
        eval_X=rows.X[parts.held],
        eval_y=rows.y[parts.held],
        callbacks=[lightgbm.early_stopping(PATIENCE, verbose=False)],
    )
    base = float(np.mean(rows.y[parts.fitted]))
    held, test = (np.asarray(model.predict(rows.X[part])) for part in (parts.held, fold.test))
    return calibrated(held, rows.y[parts.held], base, test)
