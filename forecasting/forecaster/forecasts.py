"""What goes into a forecaster and what comes out: checked rows, forecasts, and the time that a fit has seen."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from forecasting.types import FloatArray


@dataclass(frozen=True, slots=True, eq=False)
class Forecasts:
    """What a forecaster says of n rows.

    Attributes
    ----------
    pred_return
        Shape (n,): forecast return over the look-ahead, a fraction.
    p_up
        Shape (n,): probability that the return exceeds the horizon's threshold.
    conf
        Shape (n,): probability that the sign of `pred_return` is right; 0.5 where it is exactly zero. Below
        0.5 where drift and evidence point in opposite directions.
    member_names
        Names of the m members.
    member_returns
        Shape (n, m): each member's own forecast before it is shrunken and weighed, fractions.
    member_weights
        Shape (n, m): each member's weight, which a regime may have of its own; each row sums to 1.
    member_contributions
        Shape (n, m): weight x shrinkage x (member - naive), fractions. Naive, plus these in their order, is
        `pred_return` to the last bit.
    consensus
        Shape (n,): size of the sum of contributions over the sum of their sizes, in [0, 1]; 1 where all push
        one way, 0 where nothing contributes.
    """

    pred_return: FloatArray
    p_up: FloatArray
    conf: FloatArray
    member_names: tuple[str, ...]
    member_returns: FloatArray
    member_weights: FloatArray
    member_contributions: FloatArray
    consensus: FloatArray

    def row(self, position: int) -> Forecasts:
        """Forecast of one row alone."""
        one = slice(position, position + 1)
        return Forecasts(
            self.pred_return[one],
            self.p_up[one],
            self.conf[one],
            self.member_names,
            self.member_returns[one],
            self.member_weights[one],
            self.member_contributions[one],
            self.consensus[one],
        )


@dataclass(frozen=True, slots=True)
class TrainSpan:
    """The time that a fit has seen.

    Attributes
    ----------
    first_as_of_ms
        Moment of the first row, epoch milliseconds UTC.
    label_end_ms
        Latest label end of the rows that members, weights and calibrator were fitted on, validation
        included. A forecast is out of sample only when it is made at or after this.
    """

    first_as_of_ms: int
    label_end_ms: int


def confidence(pred_return: FloatArray, p_positive: FloatArray) -> FloatArray:
    """Probability that the forecast's sign is right, shape (n,), from that of a positive return."""
    return np.where(pred_return > 0, p_positive, np.where(pred_return < 0, 1 - p_positive, 0.5))


def validated_features(X: FloatArray, names: tuple[str, ...]) -> FloatArray:
    """Return the same features, shape (n, k), contiguous, when they are of these columns.

    Raises
    ------
    ValueError
        X has another number of columns, or an infinite value.
    """
    rows = np.ascontiguousarray(X, dtype=np.float64)
    if rows.ndim != 2 or rows.shape[1] != len(names):
        raise ValueError(f"features of shape {rows.shape} were given, (rows, {len(names)}) is needed")
    if np.isinf(rows).any():
        name = names[int(np.argmax(np.isinf(rows).any(axis=0)))]
        raise ValueError(f"feature {name} is infinite: NaN is the mark of a missing value")
    return rows
