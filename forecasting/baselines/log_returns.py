"""Logarithms of returns, by operations that every machine rounds alike."""

from __future__ import annotations

import numpy as np

from forecasting.features.compilation import compiled
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
    values = np.ascontiguousarray(simple, dtype=np.float64)
    logs = np.empty(values.shape)
    _fill_logs(values.reshape(-1), logs.reshape(-1))
    return logs


def return_of_log(log_return: FloatArray) -> FloatArray:
    """Give the simple return exp(l) - 1 of a log return l, by its power series; exact to 1e-15 for l in [-1, 1].

    Examples
    --------
    >>> bool(abs(return_of_log(np.array([0.5]))[0] - np.expm1(0.5)) < 1e-15)
    True
    """
    values = np.ascontiguousarray(log_return, dtype=np.float64)
    returns = np.empty(values.shape)
    _fill_returns(values.reshape(-1), returns.reshape(-1))
    return returns


@compiled
def _fill_logs(simple: FloatArray, out: FloatArray) -> None:
    for at in range(len(simple)):
        z = simple[at] / (2.0 + simple[at])
        squared, total = z * z, 0.0
        for odd in range(2 * TERMS - 1, 0, -2):
            total = total * squared + 1.0 / odd
        out[at] = 2.0 * z * total


@compiled
def _fill_returns(log_return: FloatArray, out: FloatArray) -> None:
    for at in range(len(log_return)):
        total = 1.0
        for term in range(TERMS, 1, -1):
            total = 1.0 + log_return[at] / term * total
        out[at] = log_return[at] * total
