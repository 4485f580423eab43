"""When the evidence suffices: against no change, drift AND AR(1), after the same bar."""

from __future__ import annotations

import math

import numpy as np

from forecasting.licence.process import Told


def first_pass(*evidence: Told, alpha: float) -> int | None:
    """Position of the first bar after which every logarithm of E reaches log(1 / alpha), or None.

    A recipe that knows nothing beyond one of the baselines gets here with a chance of at most alpha, however often
    it is looked at.

    Parameters
    ----------
    evidence
        Against each baseline, on the same bars.
    alpha
        Share of the error budget that was charged for the question, in (0, 1).
    """
    weakest = np.min([each.log_evidence for each in evidence], axis=0)
    reached = np.flatnonzero(weakest >= -math.log(alpha))
    return int(reached[0]) if len(reached) else None
