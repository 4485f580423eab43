"""From the members' forecasts to one: what each contributes, their sum, and how far they agree."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from forecasting.features.compilation import compiled
from forecasting.types import FloatArray


def contributions(
    naive: FloatArray,
    member_returns: Mapping[str, FloatArray],
    weights: Mapping[str, float],
    shrinkages: Mapping[str, float],
) -> FloatArray:
    """Compute what each member adds to the naive forecast: weight x shrinkage x (member - naive).

    Returns
    -------
    FloatArray
        Shape (n, m): fractions of return, columns in the order of `weights`.
    """
    kept = np.array([weight * shrinkages[name] for name, weight in weights.items()])
    return kept * (np.column_stack([member_returns[name] for name in weights]) - naive[:, None])


def blend(naive: FloatArray, contributed: FloatArray) -> FloatArray:
    """Ensemble forecast, shape (n,): naive plus the contributions of the members, shape (n, m).

    Members are added in their order, one at a time: a sum along rows may add in another order when there are
    more of them, and a row's forecast must not depend on the rows beside it.

    Examples
    --------
    >>> blend(np.array([0.25]), np.array([[0.5, -0.125]]))
    array([0.625])
    """
    forecast = naive.copy()
    for column in contributed.T:
        forecast += column
    return forecast


def consensus(contributed: FloatArray) -> FloatArray:
    """How far the members agree: the size of the sum of contributions over the sum of their sizes.

    1 where all push one way, 0 where they cancel out or none pushes at all.

    Parameters
    ----------
    contributed
        Shape (n, m): as from `contributions`.

    Returns
    -------
    FloatArray
        Shape (n,): in [0, 1].

    Examples
    --------
    >>> consensus(np.array([[0.03, -0.01], [0.02, 0.01], [0.0, 0.0]]))
    array([0.5, 1. , 0. ])
    """
    return _sums_and_shares(contributed)[1]


def agreed_distance(contributed: FloatArray) -> FloatArray:
    """Distance of the ensemble from naive x consensus: what calibrators turn into a probability.

    Of two forecasts that are equally far from naive, the one whose members agree is the surer one.

    Parameters
    ----------
    contributed
        Shape (n, m): as from `contributions`.

    Returns
    -------
    FloatArray
        Shape (n,): fractions of return.

    Examples
    --------
    >>> agreed_distance(np.array([[0.5, -0.25], [0.125, 0.125]]))
    array([0.08333333, 0.25      ])
    """
    sums, shares = _sums_and_shares(contributed)
    return sums * shares


def _sums_and_shares(contributed: FloatArray) -> tuple[FloatArray, FloatArray]:
    sums, shares = np.empty(len(contributed)), np.empty(len(contributed))
    _fill_agreement(np.ascontiguousarray(contributed, dtype=np.float64), sums, shares)
    return sums, shares


@compiled
def _fill_agreement(contributed: FloatArray, sums: FloatArray, shares: FloatArray) -> None:
    """Write the sum of each row's contributions, and the size of that sum over the sum of their sizes."""
    for row in range(len(contributed)):
        total, size = 0.0, 0.0
        for contribution in contributed[row]:
            total += contribution
            size += abs(contribution)
        # Contributions of the smallest numbers may leave a size of zero; rounding may leave a sum beyond it.
        share = abs(total) / size if size > 0.0 else 0.0
        sums[row], shares[row] = total, 1.0 if share > 1.0 else share
