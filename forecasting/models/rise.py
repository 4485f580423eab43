"""Classifiers as members: a probability that the return rises, and the return that it stands for."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from typing import Any, ClassVar, Protocol, Self

import numpy as np

from forecasting.dataset import Dataset
from forecasting.documents import canonical_json
from forecasting.member import Member, validate_training
from forecasting.models.lightgbm import LightGbm
from forecasting.models.logistic import logistic
from forecasting.models.objectives import LogLoss, Objective
from forecasting.models.random_forest import RandomForest
from forecasting.models.uniqueness import row_weights
from forecasting.types import FloatArray

FILE = "rise.json"


class Classifier(Member, Protocol):
    """A member whose labels are 0 and 1 and whose answers are probabilities."""

    def __init__(self, random_state: int = 7) -> None: ...

    def fit(self, train: Dataset, weights: FloatArray | None = None) -> Self:
        """Learn from labels 0 and 1, each counting by its weight."""
        ...


class LightGbmClassifier(LightGbm):
    """As `LightGbm`, for labels 0 and 1: grown for the log loss from the log odds of all rows."""

    def _objective(self, train: Dataset) -> Objective:  # noqa: ARG002 - others look at the labels
        return LogLoss()

    def predict(self, X: FloatArray) -> FloatArray:
        """Probability of label 1, shape (n,)."""
        return logistic(super().predict(X))


class RandomForestClassifier(RandomForest):
    """As `RandomForest`, for labels 0 and 1: grown for the least Gini impurity.

    References
    ----------
    Breiman (2001), Random Forests, Machine Learning 45.
    """

    def _grow(self, train: Dataset, weights: FloatArray | None = None) -> Any:
        from sklearn.ensemble import RandomForestClassifier as Grower

        return Grower(**self._settings(train)).fit(train.X, train.y, sample_weight=weights)

    def predict(self, X: FloatArray) -> FloatArray:
        """Mean share of label 1 in the rows' leaves, shape (n,)."""
        return super().predict(X)


class Rise:
    """Return expected from the probability that it exceeds a threshold.

    forecast = below + p (above - below), where above and below are the mean returns of the training rows whose
    return exceeded the threshold and of the others: the probability says which mean is the likelier, and how
    far a return goes is left to history. Where all rows fell on one side, both means are the mean of all.

    Parameters
    ----------
    random_state
        Seed of the classifier.
    threshold
        A return above it, a fraction, is a rise.
    uniqueness
        Whether each row counts by how little its label overlaps with others; see `average_uniqueness`.

    Attributes
    ----------
    classifier_
        Fitted on labels 1 (rise) and 0.
    above_, below_
        Mean returns on either side of the threshold, fractions.
    """

    name: str
    kind: ClassVar[type[Classifier]]
    leaves_out_zeros: ClassVar[bool] = False

    def __init__(self, random_state: int = 7, threshold: float = 0.0, uniqueness: bool = False) -> None:
        self.random_state = random_state
        self.threshold = threshold
        self.uniqueness = uniqueness

    def fit(self, train: Dataset, weights: FloatArray | None = None) -> Self:
        """Fit the classifier and the two means; see `Member.fit`.

        Parameters
        ----------
        train
            Rows whose labels are known.
        weights
            Shape (n,): how much each row counts for the classifier; None counts all alike, or by uniqueness if asked.
        """
        validate_training(train)
        weights = row_weights(train, weights, self.uniqueness)
        used = (
            train.y != 0 if self.leaves_out_zeros and train.y.any() else np.ones(len(train), dtype=np.bool_)
        )
        rows = train.take(used)
        rose = rows.y > self.threshold
        own = None if weights is None else weights[used]
        classifier = self.kind(self.random_state)
        self.classifier_ = classifier.fit(replace(rows, y=rose.astype(np.float64)), own)
        mean = float(np.mean(rows.y))
        both = bool(rose.any() and not rose.all())
        self.above_ = float(np.mean(rows.y[rose])) if both else mean
        self.below_ = float(np.mean(rows.y[~rose])) if both else mean
        return self

    def probability(self, X: FloatArray) -> FloatArray:
        """Probability of a rise, shape (n,), in [0, 1]; what calibration would make of it is not in it."""
        return self.classifier_.predict(X)

    def predict(self, X: FloatArray) -> FloatArray:
        """Give the expected return, shape (n,), fractions."""
        return self.below_ + self.probability(X) * (self.above_ - self.below_)

    def importances(self) -> FloatArray | None:
        """Those of the classifier."""
        return self.classifier_.importances()

    def dump(self) -> dict[str, bytes]:
        """Give the classifier's files and one JSON file with the means."""
        document = {
            "random_state": self.random_state,
            "threshold": self.threshold,
            "above": self.above_,
            "below": self.below_,
        }
        return {FILE: canonical_json(document), **self.classifier_.dump()}

    @classmethod
    def load(cls, files: Mapping[str, bytes]) -> Self:
        """Inverse of `dump` for what `predict` needs."""
        document = json.loads(files[FILE])
        rise = cls(document["random_state"], document["threshold"])
        rise.above_, rise.below_ = float(document["above"]), float(document["below"])
        rise.classifier_ = cls.kind.load(files)
        return rise


class LightGbmRise(Rise):
    """P(return > threshold) by boosted trees."""

    name = "lgbm_rise"
    kind = LightGbmClassifier


class LightGbmUp(LightGbmRise):
    """P(return > 0) by boosted trees, of returns that are not zero."""

    name = "lgbm_up"
    leaves_out_zeros = True


class RandomForestRise(Rise):
    """P(return > threshold) by a random forest."""

    name = "rf_rise"
    kind = RandomForestClassifier


class RandomForestUp(RandomForestRise):
    """P(return > 0) by a random forest, of returns that are not zero."""

    name = "rf_up"
    leaves_out_zeros = True
