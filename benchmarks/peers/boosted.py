"""LightGBM alone, on the very features that Foretick has."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import lightgbm
import numpy as np

from benchmarks.peers.held_back import Parts, calibrated, hold_back
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
    """Forecast returns by a regressor, the probability of a rise by a classifier; both stop early on the rows held back."""
    parts = hold_back(rows, fold.train)
    regressor = _fitted(lightgbm.LGBMRegressor, rows, parts, rows.y)
    classifier = _fitted(lightgbm.LGBMClassifier, rows, parts, rows.y > 0)
    held, test = (np.asarray(regressor.predict(rows.X[part])) for part in (parts.held, fold.test))
    told = calibrated(held, rows.y[parts.held], float(np.mean(rows.y[parts.fitted])), test)
    return replace(told, p_up=np.asarray(classifier.predict_proba(rows.X[fold.test]))[:, 1])


def _fitted(kind: Any, rows: Rows, parts: Parts, outcome: Any) -> Any:
    model = kind(**settings(len(parts.fitted)))
    return model.fit(
        rows.X[parts.fitted],
        outcome[parts.fitted],
        eval_X=rows.X[parts.held],
        eval_y=outcome[parts.held],
        callbacks=[lightgbm.early_stopping(PATIENCE, verbose=False)],
    )
