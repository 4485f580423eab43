"""Stacking: the weights whose mixture of out-of-fold forecasts lies nearest to what happened."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from forecasting.types import FloatArray

MAX_STEPS = 10_000
TOLERANCE = 1e-12


def stacking_weights(returns: Mapping[str, FloatArray], y: FloatArray) -> dict[str, float]:
    """Weights of least squared error among those that are not negative and sum to 1.

    They are the same to the last bit with any number of threads: no linear algebra library adds anything up.

    Parameters
    ----------
    returns
        Forecasts of each member, each of shape (n,), fractions, on rows that it was not fitted on: a member that
        knows its own training rows would take all the weight.
    y
        Shape (n,): realised returns, fractions.

    Raises
    ------
    ValueError
        There is no member.

    References
    ----------
    Breiman (1996), Stacked Regressions, Machine Learning 24: weights that are not negative.
    Platt (1998), Fast Training of Support Vector Machines using Sequential Minimal Optimization, and Keerthi et
    al. (2001), Neural Computation 13: shifting weight between the two that gain most by it.

    Examples
    --------
    >>> truth = np.array([0.01, -0.02, 0.03])
    >>> stacking_weights({"naive": np.zeros(3), "bold": 4 * truth}, truth)
    {'naive': 0.75, 'bold': 0.25}
    """
    if not returns:
        raise ValueError("no member was given: at least one is needed")
    names = tuple(returns)
    first = returns[names[0]]
    # Members are nearly equal; their distances from one of them keep the digits in which they differ.
    distances = [returns[name] - first for name in names]
    wanted = y - first
    products = np.array([[float(np.sum(one * other)) for other in distances] for one in distances])
    targets = np.array([float(np.sum(one * wanted)) for one in distances])
    weights = _least_squares(products, targets, float(np.sum(wanted * wanted)))
    return dict(zip(names, weights.tolist(), strict=True))


def _least_squares(products: FloatArray, targets: FloatArray, whole: float) -> FloatArray:
    """Weights w on the simplex that minimise w'Pw - 2 w't, to a share of 1e-12 of the squared error to explain."""
    weights = np.full(len(targets), 1 / len(targets))
    slopes = np.sum(products * weights, axis=1) - targets
    for _ in range(MAX_STEPS):
        rising = int(np.argmin(slopes))
        falling = int(np.argmax(np.where(weights > 0, slopes, -np.inf)))
        gap = float(slopes[falling] - slopes[rising])
        if gap <= TOLERANCE * whole:
            break
        bend = float(products[rising, rising] + products[falling, falling] - 2 * products[rising, falling])
        held = float(weights[falling])
        moved = held if gap >= bend * held else gap / bend
        weights[rising] += moved
        weights[falling] = held - moved
        slopes += (products[rising] - products[falling]) * moved
    return weights
