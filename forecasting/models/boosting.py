"""Boosted trees that stop where they no longer help: what all LightGBM members share."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Self

import numpy as np

from forecasting.dataset import Dataset
from forecasting.models.booster_text import read_walk
from forecasting.models.objectives import Objective
from forecasting.models.walk import TreeWalk
from forecasting.splits import holdout_split
from forecasting.types import FloatArray

QUIET = {"verbosity": -1}


@dataclass(frozen=True, slots=True, eq=False)
class Trees:
    """Fitted trees, perhaps none.

    The text is also what `lift` runs on, so trees read back are the trees that were scored. Lifts only
    compare features and add leaf values in the order of the trees, as LightGBM does, but without it.

    Attributes
    ----------
    constant
        What is answered without trees.
    rounds
        Number of trees; 0 means that no signal was found.
    importances
        Shape (k,): share of each feature in the total gain; zeros without trees.
    text
        LightGBM's text model, empty without trees.
    walk
        The trees laid out to be walked; None without trees.
    """

    constant: float
    rounds: int
    importances: FloatArray
    text: str
    walk: TreeWalk | None

    @classmethod
    def read(cls, constant: float, rounds: int, importances: FloatArray, text: str) -> Self:
        """Parse the text.

        Raises
        ------
        ValueError
            As `read_walk`.
        """
        return cls(constant, rounds, importances, text, read_walk(text) if text else None)

    @property
    def booster(self) -> Any:
        """What LightGBM reads from the text, anew each time; None without trees.

        Only for a text whose digest has been checked: a damaged one ends the process.
        """
        import lightgbm

        return lightgbm.Booster(model_str=self.text) if self.text else None

    def lift(self, X: FloatArray) -> FloatArray:
        """Add up what the trees add to the constant, shape (n,).

        Raises
        ------
        ValueError
            X has another number of columns than the trees were grown on.
        """
        return np.zeros(len(X)) if self.walk is None else self.walk.sums(X)


@dataclass(frozen=True, slots=True)
class Boosting:
    """How trees are grown.

    Attributes
    ----------
    random_state
        Seed of the draws of rows and columns.
    max_rounds
        Most trees.
    patience
        Rounds without an improvement on rows held back after which boosting stops; None grows `max_rounds`
        trees without holding rows back.
    learning_rate
        Share of each tree that is added.
    """

    random_state: int
    max_rounds: int
    patience: int | None
    learning_rate: float

    def grow(self, train: Dataset, objective: Objective, weights: FloatArray | None = None) -> Trees:
        """Find the number of rounds, then boost on all rows.

        Boosting stops early on the latest seventh or so of the rows, cut and purged by label time. When not
        even the first round beats the constant there, there are no trees. Otherwise the same number of
        rounds is fitted again on all rows, so that the latest are not lost.

        Raises
        ------
        NotEnoughHistory
            The rows are too few to hold some back.
        """
        import lightgbm

        rounds = self.max_rounds
        if self.patience is not None:
            rounds = self._rounds_that_help(train, objective, weights, self.patience)
        constant = objective.constant(train.y, weights)
        booster = None
        if rounds:
            rows = self._rows(train, objective, weights, constant)
            booster = lightgbm.train(self._parameters(len(train), objective), rows, rounds)
        text = "" if booster is None else str(booster.model_to_string())
        return Trees.read(constant, rounds, _gain_shares(booster, train.X.shape[1]), text)

    def _rounds_that_help(
        self, train: Dataset, objective: Objective, weights: FloatArray | None, patience: int
    ) -> int:
        import lightgbm

        cut = holdout_split(train.as_of_ms, train.label_end_ms)
        fit, stop = train.take(cut.fit), train.take(cut.stop)
        fit_weights, stop_weights = (
            None if weights is None else weights[rows] for rows in (cut.fit, cut.stop)
        )
        constant = objective.constant(fit.y, fit_weights)
        fitted = self._rows(fit, objective, fit_weights, constant)
        held = self._rows(stop, objective, stop_weights, constant, reference=fitted)
        quiet_stop = lightgbm.early_stopping(patience, verbose=False)
        booster = lightgbm.train(
            self._parameters(len(fit), objective),
            fitted,
            self.max_rounds,
            valid_sets=[held],
            callbacks=[quiet_stop],
        )
        loss: float = booster.best_score["valid_0"][objective.metric]
        without = float(np.average(objective.losses(stop.y, constant), weights=stop_weights))
        return int(booster.best_iteration) if loss < without else 0

    def _rows(
        self,
        rows: Dataset,
        objective: Objective,
        weights: FloatArray | None,
        constant: float,
        reference: Any = None,
    ) -> Any:
        import lightgbm

        return lightgbm.Dataset(
            rows.X,
            rows.y - constant if objective.shifts else rows.y,
            weight=weights,
            init_score=None if objective.shifts else np.full(len(rows), constant),
            reference=reference,
            params=QUIET if reference is not None else self._parameters(len(rows), objective),
        )

    def _parameters(self, rows: int, objective: Objective) -> dict[str, Any]:
        return {
            **objective.parameters(),
            # Labels come with the constant taken off, or boosting starts from it.
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


def _gain_shares(booster: Any, columns: int) -> FloatArray:
    if booster is None:
        return np.zeros(columns)
    gains = np.asarray(booster.feature_importance(importance_type="gain"), dtype=np.float64)
    total = float(gains.sum())
    return gains / total if total > 0 else np.zeros(columns)
