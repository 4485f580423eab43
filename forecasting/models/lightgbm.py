"""LightGBM: gradient-boosted trees that may find that there is nothing to learn."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Self

import numpy as np

from forecasting.dataset import Dataset
from forecasting.documents import canonical_json
from forecasting.member import validate_training
from forecasting.models.boosting import Boosting, Trees
from forecasting.models.objectives import Objective, SquaredError
from forecasting.models.uniqueness import row_weights
from forecasting.types import FloatArray

STATE_FILE = "lgbm.json"
TREES_FILE = "lgbm.txt"


class LightGbm:
    """Boosted regression trees on labels less their mean, for the least squared error.

    Boosting stops early on the latest seventh or so of the training rows, cut and purged by label time.
    When not even the first round beats the mean there, the forecast is the mean: "no signal" is an answer.
    Otherwise the same number of rounds is fitted again on all training rows, so that the latest are not
    lost.

    The text that `dump` gives is also what `predict` runs on, so a model read back is the model that was
    scored. Predictions only compare features and add leaf values in the order of the trees.

    Parameters
    ----------
    random_state
        Seed of the draws of rows and columns.
    max_rounds
        Most trees.
    patience
        Rounds without an improvement after which boosting stops; None grows `max_rounds` trees whether they
        help or not.
    learning_rate
        Share of each tree that is added.
    uniqueness
        Whether each row counts by how little its label overlaps with others; see `average_uniqueness`.

    Attributes
    ----------
    mean_
        Mean label of the training rows, a fraction.
    rounds_
        Number of trees; 0 means that no signal was found.
    importances_
        Shape (k,): share of each feature in the total gain; zeros without trees.
    trees_
        What the forecast is made with.

    References
    ----------
    Ke et al. (2017), LightGBM: A Highly Efficient Gradient Boosting Decision Tree, NIPS 30.
    """

    name = "lgbm"

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
        """Find the number of rounds, then boost; see `Member.fit`.

        Parameters
        ----------
        train
            Rows whose labels are known.
        weights
            Shape (n,): how much each row counts; None counts all alike, or by uniqueness if asked.

        Raises
        ------
        NotEnoughHistory
            The rows are too few to hold some back.
        """
        validate_training(train)
        weights = row_weights(train, weights, self.uniqueness)
        boosting = Boosting(self.random_state, self.max_rounds, self.patience, self.learning_rate)
        self._keep(boosting.grow(train, self._objective(train), weights))
        return self

    def _objective(self, train: Dataset) -> Objective:  # noqa: ARG002 - others look at the labels
        return SquaredError()

    def _keep(self, trees: Trees) -> None:
        self.mean_ = trees.constant
        self.rounds_ = trees.rounds
        self.importances_ = trees.importances
        self.trees_ = trees

    def predict(self, X: FloatArray) -> FloatArray:
        """Mean plus the trees' answers, shape (n,), fractions."""
        return self.mean_ + self.trees_.lift(X)

    def importances(self) -> FloatArray | None:
        """Shape (k,): share of each feature in the total gain; None when no signal was found."""
        return self.importances_ if self.importances_.any() else None

    def dump(self) -> dict[str, bytes]:
        """LightGBM's text model (empty without trees) and one JSON file."""
        document = {
            "mean": self.mean_,
            "rounds": self.rounds_,
            "importances": self.importances_.tolist(),
            "random_state": self.random_state,
        }
        return {STATE_FILE: canonical_json(document), TREES_FILE: self.trees_.text.encode()}

    @classmethod
    def load(cls, files: Mapping[str, bytes]) -> Self:
        """Inverse of `dump` for what `predict` needs, without LightGBM."""
        state = json.loads(files[STATE_FILE])
        loaded = cls(random_state=state["random_state"])
        shares = np.array(state["importances"], dtype=np.float64)
        text = files[TREES_FILE].decode()
        loaded._keep(Trees.read(float(state["mean"]), int(state["rounds"]), shares, text))
        return loaded
