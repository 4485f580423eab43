"""What a model did since it serves, in the figures that it was judged by."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from forecasting.inference.spans import LabelSpans
from forecasting.metrics.points import directional_accuracy
from forecasting.metrics.ranks import rank_ic
from forecasting.types import BoolArray, FloatArray, IntArray


@dataclass(frozen=True, slots=True, eq=False)
class Matured:
    """Forecasts whose return is known, in the order in which it became known.

    Attributes
    ----------
    as_of_ms, label_end_ms
        Shape (n,): when each was made and when its return was known, epoch milliseconds UTC.
    forecast, realised
        Shape (n,): forecast and realised return over the horizon, fractions.
    ends
        Shape (n, 2, 2): ends of the 80 % and of the 90 % interval; NaN where there is none.
    issued
        Shape (n,): whether it was given to somebody or written down before its return was known; else it was computed
        afterwards, from the same candles by the same bundle.
    """

    as_of_ms: IntArray
    label_end_ms: IntArray
    forecast: FloatArray
    realised: FloatArray
    ends: FloatArray
    issued: BoolArray

    def __len__(self) -> int:
        return len(self.forecast)

    def since(self, moment_ms: int) -> Matured:
        """Return those that were made from a moment on, epoch milliseconds UTC."""
        return self.take(self.as_of_ms >= moment_ms)

    def take(self, rows: IntArray | BoolArray | slice) -> Matured:
        """Return the chosen forecasts."""
        return Matured(
            self.as_of_ms[rows],
            self.label_end_ms[rows],
            self.forecast[rows],
            self.realised[rows],
            self.ends[rows],
            self.issued[rows],
        )

    def inside(self, level: int) -> BoolArray:
        """Whether the return lay inside the interval of a level (0: 80 %, 1: 90 %), of those that have one."""
        low, high = self.ends[:, level].T
        told = np.isfinite(low)
        held: BoolArray = ((self.realised >= low) & (self.realised <= high))[told]
        return held

    def inside_by_moment(self, level: int) -> FloatArray:
        """Share of markets whose return lay inside, of each moment that has intervals, oldest first."""
        told = np.isfinite(self.ends[:, level, 0])
        moments, place = np.unique(self.as_of_ms[told], return_inverse=True)
        inside = self.inside(level).astype(np.float64)
        return np.bincount(place, inside, len(moments)) / np.bincount(place, minlength=len(moments))


@dataclass(frozen=True, slots=True)
class LiveFigures:
    """Figures of matured forecasts; None where there are no rows to say.

    Attributes
    ----------
    rows, issued
        Forecasts, and those of them that were issued before their return was known.
    non_overlapping_labels
        Most labels that do not overlap in time.
    coverage_80, coverage_90
        Share of returns inside the interval, in [0, 1].
    rank_ic
        Spearman correlation of forecasts and returns, in [-1, 1].
    hit_rate
        Share of returns whose sign was forecast, in [0, 1].
    """

    rows: int
    issued: int
    non_overlapping_labels: int
    coverage_80: float | None
    coverage_90: float | None
    rank_ic: float | None
    hit_rate: float | None

    @classmethod
    def none(cls) -> LiveFigures:
        """Return the figures of no forecast."""
        return cls(0, 0, 0, None, None, None, None)


def live_figures(matured: Matured) -> LiveFigures:
    """Score forecasts whose return is known."""
    if not len(matured):
        return LiveFigures.none()
    return LiveFigures(
        rows=len(matured),
        issued=int(matured.issued.sum()),
        non_overlapping_labels=LabelSpans(matured.as_of_ms, matured.label_end_ms).non_overlapping,
        coverage_80=_share(matured.inside(0)),
        coverage_90=_share(matured.inside(1)),
        rank_ic=rank_ic(matured.realised, matured.forecast),
        hit_rate=_hit_rate(matured),
    )


def _share(inside: BoolArray) -> float | None:
    return float(inside.mean()) if len(inside) else None


def _hit_rate(matured: Matured) -> float | None:
    moved = matured.realised != 0.0
    return directional_accuracy(matured.realised, matured.forecast) if moved.any() else None
