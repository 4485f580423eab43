"""Combinatorial purged cross-validation: a screen while developing."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations

import numpy as np

from forecasting.errors import NotEnoughHistory
from forecasting.splits.ordered import LEAST_ROWS
from forecasting.splits.purge import clear_of_block, longest_span_ms
from forecasting.types import BoolArray, IntArray


@dataclass(frozen=True, slots=True, eq=False)
class CombinatorialFold:
    """One choice of groups that judge.

    Attributes
    ----------
    train, test
        Shape (n_part,): row numbers, ascending.
    groups
        Numbers of the judging groups, oldest first.
    """

    train: IntArray
    test: IntArray
    groups: tuple[int, ...]


def combinatorial_purged_folds(
    as_of_ms: IntArray,
    label_end_ms: IntArray,
    *,
    groups: int = 6,
    judging: int = 2,
    embargo_ms: int | None = None,
) -> tuple[CombinatorialFold, ...]:
    """Cut the moments into groups and let each choice of `judging` groups judge a model fitted on the others.

    Models are fitted on rows later than those that judge them too, so a market that changes is not seen here: use it
    to drop ideas early, and a walk forward to believe one. Each group judges in C(groups - 1, judging - 1) folds.

    Parameters
    ----------
    as_of_ms, label_end_ms
        Shape (n,): label spans, epoch milliseconds UTC, in any order, repeated where symbols are pooled.
    groups, judging
        Number of groups, and of those that judge in a fold.
    embargo_ms
        Milliseconds kept free on both sides of a judging group, counted from the ends of label spans; None takes the
        longest label span.

    Raises
    ------
    NotEnoughHistory
        There are fewer moments than groups, or a fold keeps fewer than 30 training rows.

    References
    ----------
    Lopez de Prado (2018), Advances in Financial Machine Learning, chapter 12.
    """
    if not 1 <= judging < groups:
        raise ValueError(
            f"{judging} of {groups} groups cannot judge: at least one has to judge and one to train"
        )
    moments, place = np.unique(as_of_ms, return_inverse=True)
    if len(moments) < groups:
        raise NotEnoughHistory(f"{len(moments)} moments cannot be cut into {groups} groups: use more history")
    group = place * groups // len(moments)
    embargo = longest_span_ms(as_of_ms, label_end_ms) if embargo_ms is None else embargo_ms
    clear = [_clear_of_group(as_of_ms, label_end_ms, group == number, embargo) for number in range(groups)]
    folds = tuple(
        CombinatorialFold(
            train=np.flatnonzero(np.logical_and.reduce([clear[number] for number in chosen])),
            test=np.flatnonzero(np.isin(group, chosen)),
            groups=chosen,
        )
        for chosen in combinations(range(groups), judging)
    )
    _refuse_small(folds)
    return folds


def _clear_of_group(
    as_of_ms: IntArray, label_end_ms: IntArray, inside: BoolArray, embargo_ms: int
) -> BoolArray:
    block = int(as_of_ms[inside].min()), int(label_end_ms[inside].max())
    return clear_of_block(as_of_ms, label_end_ms, block, embargo_ms)


def _refuse_small(folds: tuple[CombinatorialFold, ...]) -> None:
    for fold in folds:
        if len(fold.train) < LEAST_ROWS:
            raise NotEnoughHistory(
                f"the fold that groups {fold.groups} judge keeps {len(fold.train)} training rows after the purge, "
                f"{LEAST_ROWS} are needed: use fewer groups or more history"
            )
