"""One cut in time: no label of an earlier part reaches into a later one."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from forecasting.errors import NotEnoughHistory
from forecasting.splits.purge import known_before, longest_span_ms
from forecasting.types import BoolArray, IntArray, utc_iso

LEAST_ROWS = 30


@dataclass(frozen=True, slots=True, eq=False)
class Split:
    """Row numbers of three parts, each later than the one before.

    Attributes
    ----------
    train, validation, test
        Shape (n_part,): row numbers, ascending.
    validation_start_ms, test_start_ms
        First as_of that belongs to the part, epoch milliseconds UTC.
    purged
        Rows that belong to no part because their label, plus the embargo, ends after the next part begins.
    """

    train: IntArray
    validation: IntArray
    test: IntArray
    validation_start_ms: int
    test_start_ms: int
    purged: int


@dataclass(frozen=True, slots=True, eq=False)
class Holdout:
    """Row numbers of two parts: the later one decides when to stop fitting on the earlier one.

    Attributes
    ----------
    fit, stop
        Shape (n_part,): row numbers, ascending.
    stop_start_ms
        First as_of that belongs to the later part, epoch milliseconds UTC.
    """

    fit: IntArray
    stop: IntArray
    stop_start_ms: int


def time_ordered_split(
    as_of_ms: IntArray,
    label_end_ms: IntArray,
    *,
    fractions: tuple[float, float, float] = (0.8, 0.1, 0.1),
    embargo_ms: int | None = None,
) -> Split:
    """Cut the moments into train, validation and test, oldest first.

    The cuts lie between moments, never between two rows of one moment, so symbols that are pooled stay
    together. A row of an earlier part is purged when its label end plus the embargo is later than the first
    as_of of the next part: the distance is measured in time, not in rows, so gaps in the candles cannot
    shorten it.

    Parameters
    ----------
    as_of_ms
        Shape (n,): when each forecast is made, epoch milliseconds UTC, in any order, repeated where symbols
        are pooled.
    label_end_ms
        Shape (n,): when each label is known, epoch milliseconds UTC.
    fractions
        Shares of the moments (not of the rows) that train, validation and test get; they sum to 1.
    embargo_ms
        Milliseconds that must pass between a label end and the next part. None takes the longest label
        span, which keeps features that look back that far apart as well.

    Raises
    ------
    NotEnoughHistory
        A part keeps fewer than 30 rows.

    References
    ----------
    Lopez de Prado (2018), Advances in Financial Machine Learning, chapter 7.

    Examples
    --------
    >>> hours = np.arange(400, dtype=np.int64) * 3_600_000
    >>> split = time_ordered_split(hours, hours + 3_600_000)
    >>> len(split.train), len(split.validation), len(split.test), split.purged
    (319, 39, 40, 2)
    """
    if min(fractions) <= 0 or not math.isclose(sum(fractions), 1.0):
        raise ValueError(f"the fractions {fractions} are not three positive shares that sum to 1")
    embargo = longest_span_ms(as_of_ms, label_end_ms) if embargo_ms is None else embargo_ms
    shares = (fractions[0], fractions[0] + fractions[1])
    starts = _part_starts(as_of_ms, shares)
    train, validation, test = _purged_parts(as_of_ms, label_end_ms, starts, embargo)
    _refuse_small({"train": train, "validation": validation, "test": test}, as_of_ms, embargo)
    purged = len(as_of_ms) - len(train) - len(validation) - len(test)
    return Split(train, validation, test, starts[0], starts[1], purged)


def holdout_split(
    as_of_ms: IntArray, label_end_ms: IntArray, *, share: float = 0.15, embargo_ms: int | None = None
) -> Holdout:
    """Cut the moments in two by the rule of `time_ordered_split`; the later part gets `share` of the moments.

    Raises
    ------
    NotEnoughHistory
        A part keeps fewer than 30 rows.
    """
    if not 0 < share < 1:
        raise ValueError(f"the share {share} is not between 0 and 1")
    embargo = longest_span_ms(as_of_ms, label_end_ms) if embargo_ms is None else embargo_ms
    starts = _part_starts(as_of_ms, (1 - share,))
    fit, stop = _purged_parts(as_of_ms, label_end_ms, starts, embargo)
    _refuse_small({"fit": fit, "stop": stop}, as_of_ms, embargo)
    return Holdout(fit, stop, starts[0])


def _part_starts(as_of_ms: IntArray, shares: tuple[float, ...]) -> list[int]:
    moments = np.unique(as_of_ms)
    if len(moments) <= len(shares):
        raise NotEnoughHistory(
            f"{len(moments)} moments cannot be split into {len(shares) + 1} parts: use more history"
        )
    last = len(moments) - 1
    return [int(moments[min(round(share * len(moments)), last)]) for share in shares]


def _purged_parts(
    as_of_ms: IntArray, label_end_ms: IntArray, starts: list[int], embargo_ms: int
) -> list[IntArray]:
    part = np.searchsorted(np.array(starts), as_of_ms, side="right")
    kept = _clear_of_next(part, label_end_ms, starts, embargo_ms)
    return [np.flatnonzero((part == number) & kept) for number in range(len(starts) + 1)]


def _clear_of_next(part: IntArray, label_end_ms: IntArray, starts: list[int], embargo_ms: int) -> BoolArray:
    never = np.iinfo(np.int64).max
    next_start = np.array([*starts, never])[part]
    return known_before(label_end_ms, next_start, embargo_ms)


def _refuse_small(parts: dict[str, IntArray], as_of_ms: IntArray, embargo_ms: int) -> None:
    for name, rows in parts.items():
        if len(rows) < LEAST_ROWS:
            span = f"{utc_iso(int(as_of_ms.min()))} to {utc_iso(int(as_of_ms.max()))}"
            raise NotEnoughHistory(
                f"the {name} part of {len(as_of_ms)} rows ({span}) keeps {len(rows)} rows after a purge of "
                f"{embargo_ms / 60_000:g} minutes after each label, {LEAST_ROWS} are needed: use more history"
            )
