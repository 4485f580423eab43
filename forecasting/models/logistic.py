"""The logistic function, by operations that every machine rounds alike."""

from __future__ import annotations

import numpy as np

from forecasting.baselines.log_returns import return_of_log
from forecasting.types import FloatArray

HALVINGS = 5
LARGEST = 30.0


def logistic(log_odds: FloatArray) -> FloatArray:
    """Probability 1 / (1 + exp(-log_odds)), exact to 1e-14; odds beyond 1 to e^30 are held there.

    The exponential is a power series of a 32nd of its argument, squared five times: the C library's differs
    in its last bit between machines, and so would forecasts made of it.

    Examples
    --------
    >>> logistic(np.array([0.0, 0.5])).round(4)
    array([0.5   , 0.6225])
    """
    odds = 1 + return_of_log(np.clip(-np.abs(log_odds), -LARGEST, 0) / 2**HALVINGS)
    for _ in range(HALVINGS):
        odds = odds * odds
    likelier = 1 / (1 + odds)
    return np.where(log_odds >= 0, likelier, odds * likelier)
