"""What a user of LightGBM and scikit-learn holds back: the latest tenth, to stop early, calibrate and find residuals."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from sklearn.linear_model import LogisticRegression

from benchmarks.peers.judged import LEVEL, Floats, Ints, Rows, Told

SHARE = 0.1


@dataclass(frozen=True, slots=True, eq=False)
class Parts:
    """Training rows cut in two by time, purged by label time: those fitted, and the later ones held back."""

    fitted: Ints
    held: Ints


def hold_back(rows: Rows, train: Ints) -> Parts:
    """Cut the latest tenth off; no label of the earlier part ends, plus one look-ahead, after the later part begins."""
    start_ms = np.quantile(rows.as_of_ms[train], 1 - SHARE)
    held = rows.as_of_ms[train] >= start_ms
    look_ahead_ms = rows.bars * rows.step_ms
    clear = rows.label_end_ms[train] + look_ahead_ms <= start_ms
    return Parts(train[clear], train[held])


def calibrated(held_forecast: Floats, held_y: Floats, base: float, test_forecast: Floats) -> Told:
    """Probability by a logistic line through the held-back rows, interval by their absolute residuals.

    `base` is what each forecast's sign is measured from, the mean of the rows fitted.
    """
    moved = held_y != 0
    scale = float(np.std(held_forecast)) or 1.0
    line = LogisticRegression().fit((held_forecast[moved, None] - base) / scale, held_y[moved] > 0)
    p_up = line.predict_proba((test_forecast[:, None] - base) / scale)[:, 1]
    reach = np.quantile(np.abs(held_y - held_forecast), LEVEL)
    return Told(test_forecast, p_up, test_forecast - reach, test_forecast + reach)
