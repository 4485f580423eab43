"""Splits that purge by label time: no label span of a row that is learned from reaches a row that judges.

`ordered` cuts once, oldest first. `walk_forward` refits at a cadence and judges every later row once. `combinatorial`
judges every row several times, also by models that were fitted on later rows: a screen while developing, never proof.
"""

from forecasting.splits.combinatorial import CombinatorialFold, combinatorial_purged_folds
from forecasting.splits.ordered import LEAST_ROWS, Holdout, Split, holdout_split, time_ordered_split
from forecasting.splits.walk_forward import Refit, walk_forward_refits

__all__ = [
    "LEAST_ROWS",
    "CombinatorialFold",
    "Holdout",
    "Refit",
    "Split",
    "combinatorial_purged_folds",
    "holdout_split",
    "time_ordered_split",
    "walk_forward_refits",
]
