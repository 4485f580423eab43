"""When the evidence suffices: against drift AND AR(1), after the same bar."""

from __future__ import annotations

import math

import numpy as np

from forecasting.licence.process import Told


def first_pass(drift: Told, echo: Told, alpha: float) -> int | None:
    """Position of the first bar after which both logarithms of E reach log(1 / alpha), or None.

    A recipe that knows nothing beyond either baseline gets here with a chance of at most alpha, however often it
    is looked at.

    Parameters
    ----------
    drift, echo
        Evidence on the same bars.
    alpha
        Share of the error budget that was charged for the question, in (0, 1).
    """
    weaker = np.minimum(drift.log_evidence, echo.log_evidence)
    reached = np.flatnonzero(weaker >= -math.log(alpha))
    return int(reached[0]) if len(reached) else None
