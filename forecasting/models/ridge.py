"""Ridge regression: a line through all features, held back by how far it strays from the mean."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Self

import numpy as np

from forecasting.dataset import Dataset
from forecasting.documents import canonical_json
from forecasting.member import validate_training
from forecasting.models.uniqueness import row_weights
from forecasting.types import FloatArray

FILE = "ridge.json"


class Ridge:
    """Linear forecast of least sum of squared errors + penalty x n x sum of squared slopes.

    Features are standardised by the mean and deviation of the training rows, so a slope is the return per
    deviation. A value that is missing is taken at its feature's mean: it adds nothing to the forecast, and in
    training draws the slope toward zero as far as it is missing. A feature that never varies, or is always
    missing, has no slope. Values beyond `LIMIT` deviations are held there, so that one wild candle cannot ask
    for a wild forecast.

    Parameters
    ----------
    penalty
        Per row. The default of 0.05 on top of each feature's variance of 1 shrinks a slope that stands alone
        by 5 %; features that say the same share a slope.
    uniqueness
        Whether each row counts by how little its label overlaps with others; see `average_uniqueness`.

    Attributes
    ----------
    mean_
        Mean label, a fraction: the forecast where everything is missing.
    centres_, scales_
        Shape (k,): mean and deviation of each feature; a scale of 0 marks one without a slope.
    slopes_
        Shape (k,): return per deviation of each feature, fractions.

    References
    ----------
    Hoerl & Kennard (1970), Ridge Regression, Technometrics 12(1).
    """

    name = "ridge"
    LIMIT = 8.0

    def __init__(self, penalty: float = 0.05, uniqueness: bool = False) -> None:
        self.penalty = penalty
        self.uniqueness = uniqueness

    def fit(self, train: Dataset, weights: FloatArray | None = None) -> Self:
        """Solve for the slopes; see `Member.fit`.

        Parameters
        ----------
        train
            Rows whose labels are known.
        weights
            Shape (n,): how much each row counts; None counts all alike, or by uniqueness if asked. Their sum is n in the formula.

        Raises
        ------
        ValueError
            Also where the penalty is not positive.
        """
        validate_training(train)
        weights = row_weights(train, weights, self.uniqueness)
        if not self.penalty > 0:
            raise ValueError(f"a ridge penalty of {self.penalty} was given: more than 0 is needed")
        share = np.full(len(train), 1 / len(train)) if weights is None else weights / weights.sum()
        self.centres_, self.scales_ = _standards(train.X, share)
        self.mean_ = float(np.sum(share * train.y))
        Z = self.standardised(train.X)
        Z = Z - np.sum(share[:, None] * Z, axis=0)
        # einsum adds in one thread and one order, as a matrix product does not.
        gram = np.einsum("n,ni,nj->ij", share, Z, Z)
        gram[np.diag_indices_from(gram)] += self.penalty
        right = np.einsum("n,ni,n->i", share, Z, train.y - self.mean_)
        self.slopes_ = np.where(self.scales_ > 0, np.linalg.solve(gram, right), 0.0)
        return self

    def standardised(self, X: FloatArray) -> FloatArray:
        """Distance of each value from its feature's mean in deviations, shape (n, k); 0 where missing."""
        scales = np.where(self.scales_ > 0, self.scales_, 1.0)
        Z = np.clip((X - self.centres_) / scales, -self.LIMIT, self.LIMIT)
        return np.where(np.isnan(Z) | (self.scales_ == 0), 0.0, Z)

    def predict(self, X: FloatArray) -> FloatArray:
        """Mean plus slopes times deviations, shape (n,), fractions."""
        Z = self.standardised(X)
        forecast = np.full(len(X), self.mean_)
        # One column at a time: a matrix product may add in another order when there are more rows.
        for column, slope in enumerate(self.slopes_.tolist()):
            forecast += slope * Z[:, column]
        return forecast

    def importances(self) -> FloatArray | None:
        """Shape (k,): share of each feature in the sum of absolute slopes; None when all are zero."""
        sizes = np.abs(self.slopes_)
        total = float(sizes.sum())
        return sizes / total if total > 0 else None

    def dump(self) -> dict[str, bytes]:
        """One JSON file with means, scales and slopes."""
        document = {
            "penalty": self.penalty,
            "mean": self.mean_,
            "centres": self.centres_.tolist(),
            "scales": self.scales_.tolist(),
            "slopes": self.slopes_.tolist(),
        }
        return {FILE: canonical_json(document)}

    @classmethod
    def load(cls, files: Mapping[str, bytes]) -> Self:
        """Inverse of `dump`."""
        document = json.loads(files[FILE])
        ridge = cls(document["penalty"])
        ridge.mean_ = float(document["mean"])
        ridge.centres_, ridge.scales_, ridge.slopes_ = (
            np.array(document[name], dtype=np.float64) for name in ("centres", "scales", "slopes")
        )
        return ridge


def _standards(X: FloatArray, share: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Mean and deviation of each feature over the rows that have it; 0 and 0 where none has it."""
    counted = np.where(np.isnan(X), 0.0, share[:, None])
    total = counted.sum(axis=0)
    weight = np.where(total > 0, total, 1.0)
    values = np.nan_to_num(X)
    centres = np.sum(counted * values, axis=0) / weight
    spread = np.sqrt(np.sum(counted * np.square(values - centres), axis=0) / weight)
    # What rounding leaves of a constant is no spread.
    return centres, np.where(spread > 1e-12 * np.abs(centres), spread, 0.0)
