"""What was answered at a close, by whom, and what naive would have answered."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from forecasting.backtest.engine import IssuedForecasts

NAIVE = "naive"


@dataclass(frozen=True, slots=True)
class Words:
    """One forecast.

    Attributes
    ----------
    pred_return
        Over the look-ahead, a fraction.
    conf
        Probability that its sign is right.
    interval
        Ends of the 80 % interval, fractions; None where there is none.
    model_id
        Who spoke.
    evidence
        How far that model was proven; None for naive.
    """

    pred_return: float
    conf: float
    interval: tuple[float, float] | None
    model_id: str
    evidence: str | None


@dataclass(frozen=True, slots=True)
class Spoken:
    """The forecasts of one close.

    Attributes
    ----------
    as_of_ms
        The close, epoch milliseconds UTC.
    regime
        As a word.
    served
        What the API would have answered: the production model's forecast, or naive's.
    naive
        Naive's, which is the same where naive was served.
    """

    as_of_ms: int
    regime: str
    served: Words
    naive: Words


def issued(spoken: Sequence[Spoken], words: Sequence[Words]) -> IssuedForecasts:
    """Lay the words of several closes, one for each and oldest first, out as columns."""
    return IssuedForecasts(
        np.array([each.as_of_ms for each in spoken], dtype=np.int64),
        np.array([each.pred_return for each in words], dtype=np.float64),
        np.array([each.conf for each in words], dtype=np.float64),
        np.array([each.interval or (np.nan, np.nan) for each in words], dtype=np.float64).reshape(-1, 2),
        np.array([each.model_id for each in words], dtype=np.str_),
        np.array([each.regime for each in spoken], dtype=np.str_),
    )
