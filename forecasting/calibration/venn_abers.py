"""Venn-Abers calibration: isotonic curves drawn once as if the outcome came and once as if it did not."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, Self

import numpy as np

from forecasting.calibration.contract import trust, validate_outcomes
from forecasting.types import BoolArray, FloatArray


class VennAbersCalibrator:
    """Probability from two isotonic curves, each drawn with the asked forecast as one more row.

    With p0 the curve's answer when that row's outcome is set to "did not come" and p1 when it is set to "came",
    one of the two is calibrated whatever the forecast, and p1 / (1 - p0 + p1) is the probability that loses
    least against either. Their distance shows how few rows speak of such a forecast. The probability is drawn
    toward the base rate as in `IsotonicCalibrator`.

    Parameters
    ----------
    prior_rows
        Independent rows at which the curves and the base rate count alike; 0 gives the bare curves.

    Attributes
    ----------
    base_rate_, trust_
        Base rate, and the curves' share in the probability, in [0, 1).
    low_scores_, low_
        Distances from naive, shape (a,), rising, and p0, shape (a + 1,): below the first, then from each on.
    high_scores_, high_
        Distances from naive, shape (b,), rising, and p1, shape (b + 1,): up to each, then beyond the last.

    References
    ----------
    Vovk, Petej & Fedorova (2015), Large-scale Probabilistic Predictors with and without Guarantees of
    Validity, NIPS 28: inductive Venn-Abers predictors and their merging for log loss.
    """

    kind: ClassVar[str] = "venn_abers"

    def __init__(self, prior_rows: float = 400.0) -> None:
        self.prior_rows = prior_rows

    def fit(
        self, score: FloatArray, happened: BoolArray, *, base_rate: float, n_independent: float | None = None
    ) -> Self:
        """Draw the curves for each forecast that may be asked; see `ProbabilityCalibrator.fit`."""
        validate_outcomes(score, happened, base_rate, n_independent)
        scores, group = np.unique(score, return_inverse=True)
        # Whole numbers, so that equal means are found equal.
        rows = np.bincount(group, minlength=len(scores)).tolist()
        came = np.bincount(group[happened], minlength=len(scores)).tolist()
        lower = np.array([0.0, *_with_one_more(came, rows, 0)])
        upper = np.array([*_with_one_more(came, rows, 1), 1.0])
        self.base_rate_ = base_rate
        self.trust_ = trust(len(score), n_independent, self.prior_rows)
        self.low_scores_, self.low_ = _steps(scores, lower)
        self.high_scores_, self.high_ = _steps(scores, upper)
        return self

    def probability(self, score: FloatArray) -> FloatArray:
        """Probability of the outcome, shape (n,), in [0, 1]."""
        p0 = self.low_[np.searchsorted(self.low_scores_, score, side="right")]
        p1 = self.high_[np.searchsorted(self.high_scores_, score, side="left")]
        return self.base_rate_ + self.trust_ * (p1 / (1 - p0 + p1) - self.base_rate_)

    def to_document(self) -> dict[str, Any]:
        """JSON-like form of what was fitted."""
        return {
            "kind": self.kind,
            "prior_rows": self.prior_rows,
            "base_rate": self.base_rate_,
            "trust": self.trust_,
            "low_scores": self.low_scores_.tolist(),
            "low": self.low_.tolist(),
            "high_scores": self.high_scores_.tolist(),
            "high": self.high_.tolist(),
        }

    @classmethod
    def from_document(cls, document: Mapping[str, Any]) -> Self:
        """Inverse of `to_document`."""
        calibrator = cls(document["prior_rows"])
        calibrator.base_rate_ = float(document["base_rate"])
        calibrator.trust_ = float(document["trust"])
        calibrator.low_scores_, calibrator.low_, calibrator.high_scores_, calibrator.high_ = (
            np.array(document[name], dtype=np.float64)
            for name in ("low_scores", "low", "high_scores", "high")
        )
        return calibrator


@dataclass(frozen=True, slots=True)
class _Pools:
    """Isotonic curves of all rows on one side of each score, the score's own rows included.

    Attributes
    ----------
    came, rows
        Outcomes that came, and rows, in the pool of each score: as far as the curve is level from there.
    beyond
        Score at which the next pool begins; -1 or the number of scores where there is none.
    """

    came: list[int]
    rows: list[int]
    beyond: list[int]

    @classmethod
    def toward(cls, step: int, came: list[int], rows: list[int]) -> Self:
        """Pools to the left (step -1) or to the right (step 1)."""
        pools, scores = cls(came.copy(), rows.copy(), [0] * len(came)), range(len(came))
        for at in scores[::-step]:
            total, count, next_one = came[at], rows[at], at + step
            while (
                next_one in scores
                and step * (pools.came[next_one] * count - total * pools.rows[next_one]) <= 0
            ):
                total, count = total + pools.came[next_one], count + pools.rows[next_one]
                next_one = pools.beyond[next_one]
            pools.came[at], pools.rows[at], pools.beyond[at] = total, count, next_one
        return pools


def _with_one_more(came: list[int], rows: list[int], outcome: int) -> list[float]:
    """Answer of the isotonic curve at each score when one more row lies there.

    A row that did not come, added between two scores, is pooled with those below it, and one that came with
    those above: so the answers at the scores themselves are all there are. Pools of the rows left and right of a
    score stay pools whatever lies between them, so none of them is drawn again.
    """
    left, right = (_Pools.toward(step, came, rows) for step in (-1, 1))
    answers = []
    for at in range(len(came)):
        total, count, below, above = came[at] + outcome, rows[at] + 1, at - 1, at + 1
        while True:
            if above < len(came) and right.came[above] * count <= total * right.rows[above]:
                total, count = total + right.came[above], count + right.rows[above]
                above = right.beyond[above]
            elif below >= 0 and left.came[below] * count >= total * left.rows[below]:
                total, count = total + left.came[below], count + left.rows[below]
                below = left.beyond[below]
            else:
                break
        answers.append(total / count)
    return answers


def _steps(scores: FloatArray, answers: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Scores at which the answer changes, and the answers between them."""
    changes = answers[1:] != answers[:-1]
    return scores[changes], np.concatenate([answers[:1], answers[1:][changes]])
