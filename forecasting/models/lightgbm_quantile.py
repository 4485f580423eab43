"""LightGBM for quantiles: where returns may end, and the middle of it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Self

import numpy as np

from forecasting.dataset import Dataset
from forecasting.documents import canonical_json
from forecasting.member import validate_training
from forecasting.models.boosting import Boosting, Trees
from forecasting.models.objectives import Pinball
from forecasting.models.uniqueness import row_weights
from forecasting.types import FloatArray

FILE = "quantiles.json"
LEVELS = (0.05, 0.1, 0.25, 0.5, 0.75, 0.9, 0.95)
MIDDLE = LEVELS.index(0.5)


class LightGbmQuantile:
    """Boosted trees for each of seven quantiles of the return; the forecast is the median.

    Each level has trees of its own, grown for the pinball loss and stopped on purged rows as in `LightGbm`; a
    level without signal answers its quantile of the training labels. Levels fitted apart may cross: the answers
    of a row are sorted, which never makes the sum of their losses larger.

    Parameters
    ----------
    random_state, max_rounds, patience, learning_rate, uniqueness
        As for `LightGbm`.

    Attributes
    ----------
    levels_
        Fitted trees of each of `LEVELS`.

    References
    ----------
    Koenker & Bassett (1978), Regression Quantiles, Econometrica 46(1).
    Chernozhukov, Fernandez-Val & Galichon (2010), Quantile and Probability Curves Without Crossing,
    Econometrica 78(3): sorting.
    """

    name = "lgbm_quantile"

    def __init__(
        self,
        random_state: int = 7,
        max_rounds: int = 500,
        patience: int | None = 50,
        learning_rate: float = 0.03,
        uniqueness: bool = False,
    ) -> None:
        self.random_state = random_state
        self.max_rounds = max_rounds
        self.patience = patience
        self.learning_rate = learning_rate
        self.uniqueness = uniqueness

    def fit(self, train: Dataset, weights: FloatArray | None = None) -> Self:
        """Boost each level; see `LightGbm.fit`."""
        validate_training(train)
        weights = row_weights(train, weights, self.uniqueness)
        boosting = Boosting(self.random_state, self.max_rounds, self.patience, self.learning_rate)
        self.levels_ = tuple(boosting.grow(train, Pinball(level), weights) for level in LEVELS)
        return self

    def quantiles(self, X: FloatArray) -> FloatArray:
        """Quantiles of the return at `LEVELS`, shape (n, 7), fractions, never falling from left to right."""
        answers = np.column_stack([trees.constant + trees.lift(X) for trees in self.levels_])
        return np.sort(answers, axis=1)

    def predict(self, X: FloatArray) -> FloatArray:
        """Median return, shape (n,), fractions."""
        return self.quantiles(X)[:, MIDDLE]

    def importances(self) -> FloatArray | None:
        """Shape (k,): mean over the levels with trees of each feature's share; None when no level has any."""
        learned = [trees.importances for trees in self.levels_ if trees.importances.any()]
        return np.mean(learned, axis=0) if learned else None

    def dump(self) -> dict[str, bytes]:
        """One text model for each level (empty without trees) and one JSON file."""
        document = {
            "random_state": self.random_state,
            "levels": [
                {"level": level, "constant": trees.constant, "rounds": trees.rounds,
                 "importances": trees.importances.tolist()}
                for level, trees in zip(LEVELS, self.levels_, strict=True)
            ],
        }  # fmt: skip
        texts = zip(LEVELS, self.levels_, strict=True)
        return {FILE: canonical_json(document), **{_file(level): of.text.encode() for level, of in texts}}

    @classmethod
    def load(cls, files: Mapping[str, bytes]) -> Self:
        """Inverse of `dump` for what `predict` needs, for bytes whose digest has been checked."""
        document = json.loads(files[FILE])
        loaded = cls(random_state=document["random_state"])
        loaded.levels_ = tuple(
            Trees.read(
                float(entry["constant"]),
                int(entry["rounds"]),
                np.array(entry["importances"], dtype=np.float64),
                files[_file(entry["level"])].decode(),
            )
            for entry in document["levels"]
        )
        return loaded


def _file(level: float) -> str:
    return f"q{round(100 * level):02d}.txt"
