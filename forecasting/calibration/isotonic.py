"""Isotonic calibration: the rising curve nearest to what happened, drawn toward the base rate."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar, Self

import numpy as np

from forecasting.calibration.contract import trust, validate_outcomes
from forecasting.types import BoolArray, FloatArray


class IsotonicCalibrator:
    """Probability by the non-falling function of least squared error, straight between its steps.

    probability = base rate + t (curve - base rate), t = n / (n + prior_rows) of n independent rows. The curve
    alone would answer 0 and 1 at its ends, and follow luck wherever rows are few.

    Parameters
    ----------
    prior_rows
        Independent rows at which the curve and the base rate count alike; 0 gives the bare curve.

    Attributes
    ----------
    scores_, answers_
        Shape (steps,): distances from naive, rising, and probabilities there.

    References
    ----------
    Zadrozny & Elkan (2002), Transforming Classifier Scores into Accurate Multiclass Probability Estimates,
    KDD 8: the curve; the draw toward the base rate is ours.
    """

    kind: ClassVar[str] = "isotonic"

    def __init__(self, prior_rows: float = 400.0) -> None:
        self.prior_rows = prior_rows

    def fit(
        self, score: FloatArray, happened: BoolArray, *, base_rate: float, n_independent: float | None = None
    ) -> Self:
        """Draw the curve; see `ProbabilityCalibrator.fit`."""
        from sklearn.isotonic import IsotonicRegression

        validate_outcomes(score, happened, base_rate, n_independent)
        scores, answers = np.zeros(1), np.full(1, base_rate)
        if len(score):
            curve = IsotonicRegression().fit(score, happened.astype(np.float64))
            scores, answers = np.array(curve.X_thresholds_), np.array(curve.y_thresholds_)
        share = trust(len(score), n_independent, self.prior_rows)
        self.scores_ = scores
        self.answers_ = base_rate + share * (answers - base_rate)
        return self

    def probability(self, score: FloatArray) -> FloatArray:
        """Probability of the outcome, shape (n,), in [0, 1]; beyond the rows fitted that at their ends."""
        return np.interp(score, self.scores_, self.answers_)

    def to_document(self) -> dict[str, Any]:
        """JSON-like form of what was fitted."""
        return {
            "kind": self.kind,
            "prior_rows": self.prior_rows,
            "scores": self.scores_.tolist(),
            "answers": self.answers_.tolist(),
        }

    @classmethod
    def from_document(cls, document: Mapping[str, Any]) -> Self:
        """Inverse of `to_document`."""
        calibrator = cls(document["prior_rows"])
        calibrator.scores_ = np.array(document["scores"], dtype=np.float64)
        calibrator.answers_ = np.array(document["answers"], dtype=np.float64)
        return calibrator
