"""Generalised least squares for one total and its parts: who gives way, and how far."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from forecasting.types import FloatArray

_ROUNDING = float(np.finfo(np.float64).eps)


@dataclass(frozen=True, slots=True, eq=False)
class Reconciled:
    """A total and its parts that agree.

    Attributes
    ----------
    total
        Sum of `parts`.
    parts
        Shape (n,).
    """

    total: float
    parts: FloatArray


def reconcile(
    total: float, parts: FloatArray, total_variance: float, part_variances: FloatArray
) -> Reconciled:
    """Smallest change, in units of each forecast's error, that makes the parts add up to the total.

    The minimum-trace reconciliation of a hierarchy of one level whose base errors count as uncorrelated: with the
    disagreement d = total - sum(parts) and V = total_variance + sum(part_variances), each part moves by
    (its variance / V) d and the total by -(its variance / V) d. What has no variance does not move.

    Parameters
    ----------
    total
        Base forecast of the sum, in a unit that adds up, as log returns do.
    parts
        Shape (n,), n at least 1: base forecasts of the parts, same unit.
    total_variance
        Error variance of the total, not negative; only its ratio to the others counts.
    part_variances
        Shape (n,): error variances of the parts, not negative.

    Raises
    ------
    ValueError
        A number is not finite, a variance is negative, the shapes differ, or nothing may move and the parts do not
        add up to the total.

    References
    ----------
    Wickramasuriya, S., Athanasopoulos, G., Hyndman, R. (2019), Optimal Forecast Reconciliation for Hierarchical and
    Grouped Time Series Through Trace Minimization, JASA 114.
    Athanasopoulos, G., Hyndman, R., Kourentzes, N., Petropoulos, F. (2017), Forecasting with Temporal Hierarchies,
    EJOR 262.

    Examples
    --------
    >>> agreed = reconcile(0.03, np.array([0.01, 0.01]), 2.0, np.array([1.0, 1.0]))
    >>> round(agreed.total, 6), agreed.parts.round(6).tolist()
    (0.025, [0.0125, 0.0125])
    """
    _demand_usable(total, parts, total_variance, part_variances)
    disagreement = total - math.fsum(parts)
    largest = max(total_variance, float(part_variances.max()))
    if largest == 0:
        _demand_agreement(total, parts, disagreement)
        return Reconciled(math.fsum(parts), parts.copy())
    # Divided first: variances near either end of what a float can hold would overflow or vanish in the sum.
    relative = part_variances / largest
    moved = parts + relative * (disagreement / (total_variance / largest + math.fsum(relative)))
    return Reconciled(math.fsum(moved), moved)


def _demand_usable(
    total: float, parts: FloatArray, total_variance: float, part_variances: FloatArray
) -> None:
    if parts.ndim != 1 or not len(parts) or parts.shape != part_variances.shape:
        raise ValueError(
            f"parts of shape {parts.shape} with variances of shape {part_variances.shape} were given, "
            "one variance for each of one or more parts is needed"
        )
    if not (math.isfinite(total) and np.isfinite(parts).all()):
        raise ValueError("a base forecast is not finite")
    variances = np.append(part_variances, total_variance)
    if not (np.isfinite(variances).all() and (variances >= 0).all()):
        raise ValueError("an error variance is negative or not finite")


def _demand_agreement(total: float, parts: FloatArray, disagreement: float) -> None:
    scale = abs(total) + math.fsum(np.abs(parts))
    if abs(disagreement) > len(parts) * _ROUNDING * scale:
        raise ValueError(
            f"nothing may move, but the parts add up to {math.fsum(parts)!r} and the total is {total!r}"
        )
