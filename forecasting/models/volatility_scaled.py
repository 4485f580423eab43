"""Any learner on returns in units of what the market has been moving by."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from typing import Self

import numpy as np

from forecasting.dataset import Dataset
from forecasting.documents import canonical_json
from forecasting.member import Member, column_of, validate_training
from forecasting.types import FloatArray

FILE = "scaling.json"
LOWEST, HIGHEST = 0.1, 10.0


class VolatilityScaled:
    """Fit a learner on y / s and forecast s times what it says, s being each row's volatility over the usual one.

    Returns of a wild week then teach no more than those of a calm one. s is held between 0.1 and 10 and is 1
    where the volatility is missing, so a candle that stands still cannot make a label huge. The forecast is
    unscaled: a return, a fraction.

    Parameters
    ----------
    learner
        What is fitted; its name, files and importances are those of the whole.
    column
        Name of the feature that holds the volatility, known at the row's as_of.

    Attributes
    ----------
    position_
        Column of X with the volatility.
    usual_
        Median volatility of the training rows that have one above 0; 1 where none has.

    References
    ----------
    Moskowitz, Ooi & Pedersen (2012), Time Series Momentum, Journal of Financial Economics 104(2), section 2.4.
    """

    def __init__(self, learner: Member, column: str) -> None:
        self.learner = learner
        self.column = column
        self.name = learner.name

    def fit(self, train: Dataset) -> Self:
        """Fit the learner on scaled labels; see `Member.fit`."""
        validate_training(train)
        position = column_of(self.column, train)
        volatility = train.X[:, position]
        moving = volatility[volatility > 0]
        self.position_ = position
        self.usual_ = float(np.median(moving)) if len(moving) else 1.0
        self.learner.fit(replace(train, y=train.y / self.scales(train.X)))
        return self

    def scales(self, X: FloatArray) -> FloatArray:
        """Volatility of each row over the usual one, shape (n,), between 0.1 and 10."""
        scales = np.clip(X[:, self.position_] / self.usual_, LOWEST, HIGHEST)
        return np.where(np.isnan(scales), 1.0, scales)

    def predict(self, X: FloatArray) -> FloatArray:
        """Scale times the learner's forecast, shape (n,), fractions."""
        return self.scales(X) * self.learner.predict(X)

    def importances(self) -> FloatArray | None:
        """Those of the learner; the volatility that scales its forecasts is not among them."""
        return self.learner.importances()

    def dump(self) -> dict[str, bytes]:
        """Give the learner's files and one JSON file with the column and the usual volatility."""
        document = {"column": self.column, "position": self.position_, "usual": self.usual_}
        return {FILE: canonical_json(document), **self.learner.dump()}

    @classmethod
    def load(cls, files: Mapping[str, bytes]) -> Self:  # noqa: ARG003
        """Raise: the learner's kind is not in the files; `around` takes one that has been read."""
        raise ValueError("a scaled learner is read with `around`, from the learner and the files")

    @classmethod
    def around(cls, learner: Member, files: Mapping[str, bytes]) -> Self:
        """Fitted member from its fitted learner and what `dump` gave."""
        document = json.loads(files[FILE])
        scaled = cls(learner, document["column"])
        scaled.position_ = int(document["position"])
        scaled.usual_ = float(document["usual"])
        return scaled
