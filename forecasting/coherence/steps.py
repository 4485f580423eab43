"""The steps that a span is cut into, and what stored candles know of those that have passed."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from forecasting.candles import Candles
from forecasting.types import BoolArray, FloatArray, IntArray


@dataclass(frozen=True, slots=True)
class StepSpan:
    """The label span of a coarse forecast, cut into steps of a finer horizon.

    Attributes
    ----------
    start_ms
        as_of of the coarse forecast, epoch milliseconds UTC.
    step_ms
        Look-ahead of the finer horizon, milliseconds.
    steps
        How many of them make the span, at least 1.
    """

    start_ms: int
    step_ms: int
    steps: int

    @property
    def end_ms(self) -> int:
        """End of the coarse forecast's label, epoch milliseconds UTC."""
        return self.start_ms + self.steps * self.step_ms

    @property
    def boundaries_ms(self) -> IntArray:
        """Shape (steps + 1,): where steps begin and end, epoch milliseconds UTC; the start first, the end last."""
        return self.start_ms + self.step_ms * np.arange(self.steps + 1, dtype=np.int64)


@dataclass(frozen=True, slots=True, eq=False)
class PassedSteps:
    """What has become of the first steps of a span.

    Attributes
    ----------
    log_returns
        Shape (m,), m from 0 to the span's steps: log return of each step that has passed.
    spread
        Shape (m,): whether a candle at an end of the step is absent, so that the known return over the hole is
        spread evenly over the steps in it. Their sum is a fact, each alone is not.
    """

    log_returns: FloatArray
    spread: BoolArray

    def __len__(self) -> int:
        return len(self.log_returns)


def passed_steps(span: StepSpan, closed: Candles, start_close: float | None = None) -> PassedSteps:
    """Realised log returns of the steps up to the last boundary at which a candle is closed.

    Parameters
    ----------
    span
        The steps.
    closed
        Candles that are closed at the moment of the forecast, of an interval that divides a step; the caller keeps
        later ones out.
    start_close
        Price at the start of the span where `closed` has no candle that closes then; None: not known either.

    Returns
    -------
    PassedSteps
        None at all where no price at the start, or none after it, is known.
    """
    prices = _closes_at(closed, span.boundaries_ms)
    if np.isnan(prices[0]) and start_close is not None:
        prices[0] = start_close
    known = np.flatnonzero(~np.isnan(prices))
    if not len(known) or known[0] > 0:
        return PassedSteps(np.empty(0), np.empty(0, dtype=np.bool_))
    lengths = np.diff(known)
    over_each = np.diff(np.log(prices[known])) / lengths
    return PassedSteps(np.repeat(over_each, lengths), np.repeat(lengths > 1, lengths))


def _closes_at(candles: Candles, moments_ms: IntArray) -> FloatArray:
    prices = np.full(len(moments_ms), np.nan)
    _, places, rows = np.intersect1d(
        moments_ms, candles.close_time_ms, assume_unique=True, return_indices=True
    )
    prices[places] = candles.close[rows]
    return prices
