"""Walk-forward: refit at a cadence, and let each model forecast until the next refit, as in production."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from forecasting.errors import NotEnoughHistory
from forecasting.splits.ordered import LEAST_ROWS
from forecasting.splits.purge import known_before, longest_span_ms
from forecasting.types import DAY_MS, IntArray, utc_iso


@dataclass(frozen=True, slots=True, eq=False)
class Refit:
    """One model of a walk forward: what it is fitted on, and the rows that it then forecasts.

    Attributes
    ----------
    train, test
        Shape (n_part,): row numbers, ascending.
    start_ms, stop_ms
        The test rows' as_of lies in [start_ms, stop_ms), epoch milliseconds UTC.
    """

    train: IntArray
    test: IntArray
    start_ms: int
    stop_ms: int


def walk_forward_refits(
    as_of_ms: IntArray,
    label_end_ms: IntArray,
    *,
    first_start_ms: int,
    cadence_ms: int,
    window_ms: int | None = None,
    embargo_ms: int | None = None,
) -> tuple[Refit, ...]:
    """Refit every `cadence_ms` from `first_start_ms` on; each later row is judged exactly once.

    A model that is refitted at `start` is fitted on rows whose label, plus the embargo, ends by `start`. A cadence in
    which no row falls, as in an outage, has no refit.

    Parameters
    ----------
    as_of_ms, label_end_ms
        Shape (n,): label spans, epoch milliseconds UTC, in any order, repeated where symbols are pooled.
    first_start_ms
        Moment of the first refit; rows before it judge nothing.
    cadence_ms
        Time from refit to refit: the production cadence, or the figures are of another system.
    window_ms
        How far back training rows may begin; None for all of them.
    embargo_ms
        Milliseconds between a label end and a refit; None takes the longest label span.

    Raises
    ------
    NotEnoughHistory
        A refit keeps fewer than 30 training rows, or no row is left to judge.

    Examples
    --------
    >>> days = np.arange(100, dtype=np.int64) * DAY_MS
    >>> refits = walk_forward_refits(days, days + DAY_MS, first_start_ms=60 * DAY_MS, cadence_ms=20 * DAY_MS)
    >>> [(len(each.train), len(each.test)) for each in refits]
    [(59, 20), (79, 20)]
    """
    if cadence_ms <= 0 or (window_ms is not None and window_ms <= 0):
        raise ValueError(
            f"a cadence of {cadence_ms} ms and a window of {window_ms} ms: more than 0 is needed"
        )
    embargo = longest_span_ms(as_of_ms, label_end_ms) if embargo_ms is None else embargo_ms
    # Rows before the first refit get negative numbers.
    number = (as_of_ms - first_start_ms) // cadence_ms
    refits: list[Refit] = []
    for each in np.unique(number[number >= 0]).tolist():
        start_ms = first_start_ms + each * cadence_ms
        learned = known_before(label_end_ms, start_ms, embargo)
        if window_ms is not None:
            learned &= as_of_ms >= start_ms - window_ms
        train, test = np.flatnonzero(learned), np.flatnonzero(number == each)
        refits.append(Refit(train, test, start_ms, start_ms + cadence_ms))
    _refuse_small(refits, first_start_ms, embargo)
    return tuple(refits)


def _refuse_small(refits: list[Refit], first_start_ms: int, embargo_ms: int) -> None:
    if not refits:
        raise NotEnoughHistory(
            f"no row is made at or after the first refit at {utc_iso(first_start_ms)}: start earlier or use more history"
        )
    for refit in refits:
        if len(refit.train) < LEAST_ROWS:
            raise NotEnoughHistory(
                f"the refit at {utc_iso(refit.start_ms)} keeps {len(refit.train)} training rows whose label ended "
                f"{embargo_ms / DAY_MS:g} days before it, {LEAST_ROWS} are needed: start later or use more history"
            )
