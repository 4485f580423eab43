"""Logarithms of returns, by operations that every machine rounds alike."""

from __future__ import annotations

import numpy as np

from forecasting.types import FloatArray

TERMS = 18


def log_of_return(simple: FloatArray) -> FloatArray:
    """Log return log(1 + r) of a simple return r > -1.

    2 artanh(r / (2 + r)) as a series of additions, multiplications and divisions: the C library's logarithm
    differs in its last bit between machines, and a forecast must not. Exact to 1e-15 for returns between
    -50 and +100 percent; beyond, the series is cut short and the answer too close to zero.

    Examples
    --------
    >>> bool(abs(log_of_return(np.array([0.5]))[0] - np.log(1.5)) < 1e-15)
    True
    """
    z = simple / (2 + simple)
    squared, total = z * z, np.zeros_like(z)
    for odd in range(2 * TERMS - 1, 0, -2):
        total = total * squared + 1 / odd
    return 2 * z * total


def return_of_log(log_return: FloatArray) -> FloatArray:
    """Give the simple return exp(l) - 1 of a log return l, by its power series; exact to 1e-15 for l in [-1, 1].

    Examples
    --------
    >>> bool(abs(return_of_log(np.array([0.5]))[0] - np.expm1(0.5)) < 1e-15)
    True
    """
    total = np.ones_like(log_return)
    for term in range(TERMS, 1, -1):
        total = 1 + log_return / term * total
    return log_return * total
