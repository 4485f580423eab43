"""How much news of its own each label brings, where labels overlap in time."""

from __future__ import annotations

import numpy as np

from forecasting.dataset import Dataset
from forecasting.types import FloatArray, IntArray


def average_uniqueness(rows: Dataset) -> FloatArray:
    """Mean over a label's span of 1 / number of labels of the same symbol alive at that time.

    The number of labels is constant between two of their ends, so the mean is taken over these pieces, each as
    long as it lasts: gaps in the rows need no grid. A label that overlaps with no other has 1; in the middle of
    hourly labels of a day each has 1/24.

    Parameters
    ----------
    rows
        Rows in any order; label ends lie after their as_of.

    Returns
    -------
    FloatArray
        Shape (n,): in (0, 1].

    References
    ----------
    Lopez de Prado (2018), Advances in Financial Machine Learning, section 4.4.
    """
    uniqueness = np.empty(len(rows))
    for number in np.unique(rows.symbol):
        own = rows.symbol == number
        uniqueness[own] = _uniqueness(rows.as_of_ms[own], rows.label_end_ms[own])
    return uniqueness


def _uniqueness(start: IntArray, end: IntArray) -> FloatArray:
    edges = np.unique(np.concatenate([start, end]))
    alive = np.zeros(len(edges), dtype=np.int64)
    np.add.at(alive, np.searchsorted(edges, start), 1)
    np.add.at(alive, np.searchsorted(edges, end), -1)
    lasting = np.diff(edges) / np.maximum(np.cumsum(alive)[:-1], 1)
    shares = np.concatenate([[0.0], np.cumsum(lasting)])
    spent: FloatArray = shares[np.searchsorted(edges, end)] - shares[np.searchsorted(edges, start)]
    uniqueness: FloatArray = spent / (end - start)
    return uniqueness


def row_weights(rows: Dataset, given: FloatArray | None, uniqueness: bool) -> FloatArray | None:
    """Weights to fit with: the given ones, else the rows' uniqueness where that is wanted, else None.

    Raises
    ------
    ValueError
        There are not as many as rows, or one is not a positive finite number.
    """
    if given is None:
        return average_uniqueness(rows) if uniqueness else None
    if given.shape != (len(rows),):
        raise ValueError(f"weights of shape {given.shape} were given, ({len(rows)},) is needed")
    if not (np.isfinite(given) & (given > 0)).all():
        raise ValueError("every weight must be a positive finite number")
    return given
