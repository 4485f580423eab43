"""How well forecasts order the returns."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from forecasting.types import FloatArray


def rank_ic(y: FloatArray, pred_return: FloatArray) -> float | None:
    """Spearman rank correlation of forecasts and realised returns, ties sharing their mean rank.

    Returns
    -------
    float or None
        In [-1, 1]. Forecasts that are all equal say nothing, so theirs is 0. None when a number is not finite
        or the returns are all equal (or fewer than two), because then nothing can be said.

    References
    ----------
    Spearman, C. (1904). The proof and measurement of association between two things.
    """
    if not np.isfinite([y, pred_return]).all() or len(np.unique(y)) < 2:
        return None
    if len(np.unique(pred_return)) < 2:
        return 0.0
    from scipy.stats import rankdata

    return float(np.corrcoef(rankdata(y), rankdata(pred_return))[0, 1])


def rank_ics(y: FloatArray, pred_return: FloatArray, period: Sequence[object]) -> dict[object, float]:
    """Rank correlation of each period, in order of first appearance; a period that says nothing is left out.

    Parameters
    ----------
    y, pred_return
        Shape (n,): realised and forecast returns, fractions.
    period
        Shape (n,): what the rows are grouped by: a moment (then symbols are ranked against each other), a month.

    Raises
    ------
    ValueError
        A number is missing or infinite.
    """
    if not np.isfinite([y, pred_return]).all():
        raise ValueError("a return or forecast is missing or infinite: a rank correlation needs every row")
    rows: dict[object, list[int]] = {}
    for row, each in enumerate(period):
        rows.setdefault(each, []).append(row)
    found = {each: rank_ic(y[chosen], pred_return[chosen]) for each, chosen in rows.items()}
    return {each: value for each, value in found.items() if value is not None}


def information_ratio(ics: Sequence[float]) -> float:
    """ICIR: mean rank correlation of the periods over its standard deviation from period to period.

    Periods whose labels overlap repeat each other; take periods much longer than the label.

    Returns
    -------
    float
        Per period, not annualised; NaN for fewer than two periods, or when all are equal.

    References
    ----------
    Grinold and Kahn (2000), Active Portfolio Management, chapter 6.

    Examples
    --------
    >>> information_ratio([0.02, 0.04, 0.06]).__round__(9)
    2.0
    """
    if not np.isfinite(ics).all():
        raise ValueError("a rank correlation is missing or infinite: their ratio needs every period")
    deviation = float(np.std(ics, ddof=1)) if len(ics) > 1 else 0.0
    return float(np.mean(ics)) / deviation if deviation > 0 else math.nan
