"""How much each feature moves a model, and which way: its contributions over many rows in two numbers."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from scipy.stats import rankdata

from forecasting.dataset import Dataset
from forecasting.explain.contributions import Contributions
from forecasting.types import FloatArray


@dataclass(frozen=True, slots=True)
class FeatureEffect:
    """What one feature does to the answers of one model.

    Attributes
    ----------
    feature
        Its name.
    importance
        Its share in what was learned (gain, fall of squared error, or size of the slope), in [0, 1].
    mean_absolute
        Mean absolute contribution to an answer, in the model's unit.
    correlation
        Rank correlation of the feature's value and its contribution over the rows where it is known, in
        [-1, 1]; None where either never changes.
    """

    feature: str
    importance: float
    mean_absolute: float
    correlation: float | None

    @property
    def direction(self) -> str:
        """Which way a higher value moves the answer: `up`, `down`, or `none`."""
        return "none" if not self.correlation else "up" if self.correlation > 0 else "down"


@dataclass(frozen=True, slots=True)
class ModelEffects:
    """One model explained.

    Attributes
    ----------
    name
        Of the member, or of what is made of several.
    reach
        Weight x shrinkage, mean over the rows: what part of its distance from naive gets into the forecast, in [0, 1].
    base
        Its answer where no feature is known, in its unit.
    unit
        Of base and contributions: a return (a fraction), or log-odds or a probability of a rise.
    effects
        One for each feature, largest mean absolute contribution first.
    remark
        What a reader must know of the contributions beyond their unit; empty where nothing.
    """

    name: str
    reach: float
    base: float
    unit: str
    effects: tuple[FeatureEffect, ...]
    remark: str = ""

    @classmethod
    def of(
        cls, name: str, reach: float, found: Contributions, importances: FloatArray, rows: Dataset
    ) -> ModelEffects:
        """Sum up contributions.

        Parameters
        ----------
        name, reach
            Of the model.
        found
            Its contributions to its answers on the rows.
        importances
            Shape (k,): share of each feature in what it learned.
        rows
            The n rows.
        """
        effects = [
            FeatureEffect(
                feature=feature,
                importance=float(importances[column]),
                mean_absolute=float(np.abs(found.values[:, column]).mean()),
                correlation=_rank_correlation(rows.X[:, column], found.values[:, column]),
            )
            for column, feature in enumerate(rows.feature_names)
        ]
        ordered = sorted(effects, key=lambda each: (-each.mean_absolute, -each.importance, each.feature))
        return cls(name, reach, found.base, found.unit, tuple(ordered), found.remark)

    def top_features(self, count: int = 5) -> tuple[str, ...]:
        """Names of the features that move the answers most; fewer where fewer move them."""
        return tuple(each.feature for each in self.effects[:count] if each.mean_absolute > 0)

    def to_document(self) -> dict[str, Any]:
        """Plain JSON of all of it."""
        listed = [asdict(each) | {"direction": each.direction} for each in self.effects]
        return asdict(self) | {"effects": listed}


def _rank_correlation(value: FloatArray, contribution: FloatArray) -> float | None:
    known = np.isfinite(value)
    value, contribution = value[known], contribution[known]
    if len(np.unique(value)) < 2 or len(np.unique(contribution)) < 2:
        return None
    return float(np.corrcoef(rankdata(value), rankdata(contribution))[0, 1])
