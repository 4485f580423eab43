"""How much the labels of judged rows say: overlapping labels repeat the same news, and symbols move together."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from forecasting.types import BoolArray, FloatArray, IntArray


def non_overlapping_labels(as_of_ms: IntArray, label_end_ms: IntArray) -> int:
    """Most labels of one symbol that do not overlap in time.

    Taking always the label that ends first among those that begin after the last one taken is best possible;
    on a row a bar, n labels of h bars give ceil(n / h).

    Parameters
    ----------
    as_of_ms
        Shape (n,): begin of each label span, epoch milliseconds UTC, not decreasing.
    label_end_ms
        Shape (n,): end of each label span, not decreasing. One label may begin where another ends.

    Examples
    --------
    >>> non_overlapping_labels(np.arange(10), np.arange(10) + 3)
    4
    """
    return len(_apart(as_of_ms, label_end_ms))


def _apart(as_of_ms: IntArray, label_end_ms: IntArray) -> list[int]:
    chosen: list[int] = []
    row = 0
    while row < len(as_of_ms):
        chosen.append(row)
        row = max(row + 1, int(np.searchsorted(as_of_ms, label_end_ms[row])))
    return chosen


@dataclass(frozen=True, slots=True, eq=False)
class LabelSpans:
    """Label spans of judged rows, in any order, repeated where symbols are pooled.

    Rows of one moment are one observation: their mean. So symbols that move together are never counted as if each
    brought news of its own.

    Attributes
    ----------
    as_of_ms, label_end_ms
        Shape (n,): epoch milliseconds UTC; later labels do not end earlier.
    """

    as_of_ms: IntArray
    label_end_ms: IntArray

    def take(self, rows: IntArray | BoolArray) -> LabelSpans:
        """Return the spans of the chosen rows."""
        return LabelSpans(self.as_of_ms[rows], self.label_end_ms[rows])

    @property
    def non_overlapping(self) -> int:
        """Most labels that do not overlap in time, whatever the symbol: the number beside each p-value."""
        return non_overlapping_labels(*self._moments())

    @property
    def apart(self) -> IntArray:
        """Places of such labels among the moments that `mean_by_moment` tells of."""
        return np.array(_apart(*self._moments()), dtype=np.int64)

    @property
    def overlap(self) -> int:
        """Moments that the longest label reaches over, its own included: 1 when no two labels overlap."""
        begins, ends = self._moments()
        reached = np.searchsorted(begins, ends) - np.arange(len(begins))
        return int(reached.max(initial=1))

    def mean_by_moment(self, values: FloatArray) -> FloatArray:
        """Mean of each moment's rows, shape (moments,), oldest first."""
        return self.sum_by_moment(values) / self.sum_by_moment(np.ones(len(values)))

    def sum_by_moment(self, values: FloatArray) -> FloatArray:
        """Sum over each moment's rows, shape (moments,), oldest first."""
        _, place = np.unique(self.as_of_ms, return_inverse=True)
        return np.bincount(place, weights=values).astype(np.float64)

    def _moments(self) -> tuple[IntArray, IntArray]:
        begins, place = np.unique(self.as_of_ms, return_inverse=True)
        ends = np.full(len(begins), np.iinfo(np.int64).min)
        np.maximum.at(ends, place, self.label_end_ms)
        return begins, ends
