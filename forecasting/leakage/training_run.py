"""Which rows a training run used for what, and whether any of them knows a row that it is judged on.

Everything is measured by label time: a row is known when its label ends, not when its forecast is made, so
gaps in the candles cannot shorten the distance between two parts.

References
----------
Lopez de Prado (2018), Advances in Financial Machine Learning, chapter 7: purging and embargo.
"""

from __future__ import annotations

from dataclasses import dataclass
from types import MappingProxyType

import numpy as np

from forecasting.dataset import Dataset
from forecasting.leakage.certificate import CheckResult, Leak
from forecasting.types import BoolArray, IntArray, utc_iso

_WORDS = MappingProxyType(
    {
        "purge": ("fit rows", "an evaluation row"),
        "order": ("fit rows", "an evaluation row"),
        "calibration": ("fit rows", "a calibration row"),
        "search": ("search rows", "an evaluation row"),
    }
)


@dataclass(frozen=True, slots=True, eq=False)
class RowsUsed:
    """Rows that a part of a training run has seen.

    Attributes
    ----------
    as_of_ms, label_end_ms
        Shape (n,): the moments each row's forecast is made and its label is known, epoch milliseconds UTC, in
        any order, repeated where symbols are pooled.
    """

    as_of_ms: IntArray
    label_end_ms: IntArray

    def __len__(self) -> int:
        return len(self.as_of_ms)

    @classmethod
    def of(cls, *parts: Dataset) -> RowsUsed:
        """Rows of the datasets that are handed to a fit, together."""
        none = np.empty(0, dtype=np.int64)
        return cls(
            np.concatenate([none, *(part.as_of_ms for part in parts)]),
            np.concatenate([none, *(part.label_end_ms for part in parts)]),
        )


@dataclass(frozen=True, slots=True)
class TrainingRun:
    """What a training run used.

    Attributes
    ----------
    fit
        Rows that members were fitted on.
    search
        Rows that any choice was made on: rounds, settings, weights, features.
    calibrate
        Rows that probabilities were fitted on.
    evaluate
        Rows that the result is judged on.
    embargo_ms
        Milliseconds that are kept free between a label end and the next part.
    """

    fit: RowsUsed
    search: RowsUsed
    calibrate: RowsUsed
    evaluate: RowsUsed
    embargo_ms: int


def check_run(run: TrainingRun) -> tuple[CheckResult, ...]:
    """Ask that each part of a run is later than all that was learned before it.

    Returns
    -------
    purge
        No label span of a row fitted or calibrated on, embargo included, reaches into an evaluation row.
    order
        No evaluation row is older than a row fitted on.
    calibration
        No label span of a row fitted on reaches into a row calibrated on; the same row in both does.
    search
        Every row searched on is known, embargo included, before the first evaluation row.
    """
    if not len(run.evaluate):
        # Nothing is judged, so nothing is proven.
        return tuple(CheckResult(name, 1, 0, 0.0, 0.0) for name in _WORDS)
    embargo = run.embargo_ms
    learned = RowsUsed(
        np.concatenate([run.fit.as_of_ms, run.calibrate.as_of_ms]),
        np.concatenate([run.fit.label_end_ms, run.calibrate.label_end_ms]),
    )
    return (
        _result("purge", learned, run.evaluate, _reaching(learned, run.evaluate, embargo)),
        _result("order", run.fit, run.evaluate, _later(run.fit, run.evaluate)),
        _result("calibration", run.fit, run.calibrate, _reaching(run.fit, run.calibrate, embargo)),
        _result(
            "search",
            run.search,
            run.evaluate,
            _reaching(run.search, run.evaluate, embargo) | _later(run.search, run.evaluate),
        ),
    )


def _reaching(learned: RowsUsed, held: RowsUsed, embargo_ms: int) -> BoolArray:
    """Which learned rows have a held row between their own moment and the end of their label and embargo."""
    moments = np.r_[np.sort(held.as_of_ms), np.iinfo(np.int64).max]
    following = moments[np.searchsorted(moments, learned.as_of_ms)]
    reaching: BoolArray = following < np.maximum(learned.label_end_ms + embargo_ms, learned.as_of_ms + 1)
    return reaching


def _later(learned: RowsUsed, held: RowsUsed) -> BoolArray:
    """Which learned rows are made after the first held one."""
    first = held.as_of_ms.min(initial=np.iinfo(np.int64).max)
    later: BoolArray = learned.as_of_ms > first
    return later


def _result(name: str, learned: RowsUsed, held: RowsUsed, wrong: BoolArray) -> CheckResult:
    compared = len(learned) + len(held)
    if not wrong.any():
        return CheckResult(name, 1, compared, 0.0, 0.0)
    who, whom = _WORDS[name]
    bad = np.flatnonzero(wrong)
    first = int(bad[np.argmin(learned.as_of_ms[bad])])
    reason = (
        f"its label is known at {utc_iso(int(learned.label_end_ms[first]))}, which with the embargo is not before "
        f"{whom}; {len(bad)} such rows"
    )
    leak = Leak(name, who, "", int(learned.as_of_ms[first]), None, None, reason)
    return CheckResult(name, 1, compared, 0.0, float(len(bad)), (leak,))
