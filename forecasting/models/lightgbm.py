"""LightGBM: gradient-boosted trees that may find that there is nothing to learn."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, Self

import numpy as np

from forecasting.dataset import Dataset
from forecasting.documents import canonical_json
from forecasting.member import validate_training
from forecasting.splits import holdout_split
from forecasting.types import FloatArray

STATE_FILE = "lgbm.json"
TREES_FILE = "lgbm.txt"
QUIET = {"verbosity": -1}


class LightGbm:
    """Boosted regression trees on labels less their mean.

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
        Rounds without an improvement after which boosting stops.
    learning_rate
        Share of each tree that is added.

    Attributes
    ----------
    mean_
        Mean label of the training rows, a fraction.
    rounds_
        Number of trees; 0 means that no signal was found.
    importances_
        Shape (k,): share of each feature in the total gain; zeros without trees.

    References
    ----------
    Ke et al. (2017), LightGBM: A Highly Efficient Gradient Boosting Decision Tree, NIPS 30.
    """

    name = "lgbm"

    def __init__(
        self,
        random_state: int = 7,
        max_rounds: int = 500,
        patience: int = 50,
        learning_rate: float = 0.03,
    ) -> None:
        self.random_state = random_state
        self.max_rounds = max_rounds
        self.patience = patience
        self.learning_rate = learning_rate

    def fit(self, train: Dataset) -> Self:
        """Find the number of rounds, then boost; see `Member.fit`.

        Raises
        ------
        NotEnoughHistory
            The rows are too few to hold some back.
        """
        validate_training(train)
        rounds = self._rounds_that_help(train)
        mean = float(np.mean(train.y))
        booster = self._boost(train, mean, rounds) if rounds else None
        self.mean_ = mean
        self.rounds_ = rounds
        self.importances_ = _gain_shares(booster, train.X.shape[1])
        self._text = _trees_text(booster)
        self._booster = _parse(self._text)
        return self

    def _rounds_that_help(self, train: Dataset) -> int:
        import lightgbm

        cut = holdout_split(train.as_of_ms, train.label_end_ms)
        fit, stop = train.take(cut.fit), train.take(cut.stop)
        mean = float(np.mean(fit.y))
        fitted = lightgbm.Dataset(fit.X, fit.y - mean, params=self._parameters(len(fit)))
        held = lightgbm.Dataset(stop.X, stop.y - mean, reference=fitted, params=QUIET)
        quiet_stop = lightgbm.early_stopping(self.patience, verbose=False)
        booster = lightgbm.train(
            self._parameters(len(fit)), fitted, self.max_rounds, valid_sets=[held], callbacks=[quiet_stop]
        )
        loss: float = booster.best_score["valid_0"]["l2"]
        return int(booster.best_iteration) if loss < float(np.mean(np.square(stop.y - mean))) else 0

    def _boost(self, train: Dataset, mean: float, rounds: int) -> Any:
        import lightgbm

        parameters = self._parameters(len(train))
        return lightgbm.train(
            parameters, lightgbm.Dataset(train.X, train.y - mean, params=parameters), rounds
        )

    def _parameters(self, rows: int) -> dict[str, Any]:
        return {
            "objective": "regression",
            "metric": "l2",
            # The labels come with their mean taken off.
            "boost_from_average": False,
            "learning_rate": self.learning_rate,
            "num_leaves": 15,
            "min_data_in_leaf": max(50, rows // 200),
            "feature_fraction": 0.7,
            "bagging_fraction": 0.7,
            "bagging_freq": 1,
            "seed": self.random_state,
            "deterministic": True,
            "force_row_wise": True,
            # LightGBM's threads wait for each other in busy loops: two of them, on two cores that others use
            # too, take twenty times as long as one. And another number of threads would give other bytes.
            "num_threads": 1,
            **QUIET,
        }

    def predict(self, X: FloatArray) -> FloatArray:
        """Mean plus the trees' answers, shape (n,), fractions."""
        if self._booster is None:
            return np.full(len(X), self.mean_)
        # One thread here too: with more, the slowest of a thousand rows takes a thousand times as long.
        lift: FloatArray = self._booster.predict(X, num_threads=1)
        return self.mean_ + lift

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
        return {STATE_FILE: canonical_json(document), TREES_FILE: self._text.encode()}

    @classmethod
    def load(cls, files: Mapping[str, bytes]) -> Self:
        """Inverse of `dump` for what `predict` needs.

        Only for bytes whose digest has been checked: a damaged text ends the process that parses it.
        """
        state = json.loads(files[STATE_FILE])
        loaded = cls(random_state=state["random_state"])
        loaded.mean_ = float(state["mean"])
        loaded.rounds_ = int(state["rounds"])
        loaded.importances_ = np.array(state["importances"], dtype=np.float64)
        loaded._text = files[TREES_FILE].decode()
        loaded._booster = _parse(loaded._text)
        return loaded


def _trees_text(booster: Any) -> str:
    return "" if booster is None else str(booster.model_to_string())


def _parse(text: str) -> Any:
    import lightgbm

    return lightgbm.Booster(model_str=text) if text else None


def _gain_shares(booster: Any, columns: int) -> FloatArray:
    if booster is None:
        return np.zeros(columns)
    gains = np.asarray(booster.feature_importance(importance_type="gain"), dtype=np.float64)
    total = float(gains.sum())
    return gains / total if total > 0 else np.zeros(columns)
