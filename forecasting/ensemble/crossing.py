"""Forecasts of rows by weights that do not know their labels: what probabilities are fitted on."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from forecasting.ensemble.held_out import HeldOut
from forecasting.ensemble.mixture import Mixture
from forecasting.errors import NotEnoughHistory
from forecasting.splits import combinatorial_purged_folds
from forecasting.types import FloatArray


def crossed_contributions(held_out: HeldOut, learn: Callable[[HeldOut], Mixture]) -> FloatArray:
    """Compute the contributions of each half of the rows by weights that were learned on the other half.

    Weights are fitted to the very rows that they are then calibrated on, so their forecast looks better there than it
    is, and its confidence promises too much, most of all on noise. Forecasts of each half by the other half's weights
    know nothing of their own labels. Weights of earlier rows alone would do as well, but at the price of the rows: few
    labels of a week or a month do not overlap, and with half of them the calibration of a true signal is worse, Brier
    score and log loss alike (`python -m benchmarks.ensembles`). Halves are cut in time and purged. Where a half keeps
    fewer than 30 rows, all rows are used for both.

    Parameters
    ----------
    held_out
        The n rows.
    learn
        Gives the weights of some rows.

    Returns
    -------
    FloatArray
        Shape (n, m): as from `Mixture.contributions`.
    """
    try:
        halves = combinatorial_purged_folds(
            held_out.spans.as_of_ms, held_out.spans.label_end_ms, groups=2, judging=1, embargo_ms=0
        )
    except NotEnoughHistory:
        return learn(held_out).contributions(held_out.returns, held_out.regimes)
    contributed = np.empty((len(held_out), len(held_out.returns)))
    for half in halves:
        judged = held_out.take(half.test)
        mixture = learn(held_out.take(half.train))
        contributed[half.test] = mixture.contributions(judged.returns, judged.regimes)
    return contributed
