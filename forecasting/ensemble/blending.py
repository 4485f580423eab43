"""From the members' forecasts to one: what each contributes, their sum, and how far they agree."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

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
    return np.column_stack(
        [weight * shrinkages[name] * (member_returns[name] - naive) for name, weight in weights.items()]
    )


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
    nothing = np.zeros(len(contributed))
    total, size = blend(nothing, contributed), blend(nothing, np.abs(contributed))
    # Contributions of the smallest numbers may leave a size of zero; rounding may leave a sum beyond it.
    shares: FloatArray = np.divide(np.abs(total), size, out=np.zeros_like(size), where=size > 0)
    return np.minimum(shares, 1.0)


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
    return blend(np.zeros(len(contributed)), contributed) * consensus(contributed)
