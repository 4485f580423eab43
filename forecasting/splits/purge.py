"""How far apart, in time, a row that is learned from and a row that judges have to be."""

from __future__ import annotations

import numpy as np

from forecasting.types import BoolArray, IntArray


def longest_span_ms(as_of_ms: IntArray, label_end_ms: IntArray) -> int:
    """Length of the longest label span, in milliseconds: the embargo where none is given."""
    return int((label_end_ms - as_of_ms).max(initial=0))


def known_before(label_end_ms: IntArray, moment_ms: int | IntArray, embargo_ms: int) -> BoolArray:
    """Which labels are known, embargo included, by a moment."""
    known: BoolArray = label_end_ms + embargo_ms <= moment_ms
    return known


def clear_of_block(
    as_of_ms: IntArray, label_end_ms: IntArray, block: tuple[int, int], embargo_ms: int
) -> BoolArray:
    """Which rows may be learned from when a block of time judges: those known before it, and those made after it.

    Both distances include the embargo. Rows inside the block are not clear of it.

    Parameters
    ----------
    as_of_ms, label_end_ms
        Shape (n,): label spans, epoch milliseconds UTC.
    block
        First as_of and last label end of the judging rows.
    embargo_ms
        Milliseconds kept free on both sides.
    """
    begin_ms, end_ms = block
    after: BoolArray = as_of_ms >= np.int64(end_ms + embargo_ms)
    return known_before(label_end_ms, begin_ms, embargo_ms) | after
