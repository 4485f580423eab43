"""A forecaster explained: what its trees look at, how much each feature moves them, and which way."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from scipy.stats import rankdata

from forecasting.dataset import Dataset
from forecasting.explain.contributions import Contributions, tree_contributions
from forecasting.explain.importances import importance_findings
from forecasting.forecaster.forecaster import Forecaster
from forecasting.types import FloatArray, IntArray

MOST_EXPLAINED = 1_000
MOST_BACKGROUND = 20_000


@dataclass(frozen=True, slots=True)
class FeatureEffect:
    """What one feature does to the forecasts of one model.

    Attributes
    ----------
    feature
        Its name.
    importance
        Its share in what the model learned (gain, or fall of squared error), in [0, 1].
    mean_absolute
        Mean absolute contribution to a forecast, in units of return.
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
        """Which way a higher value moves the forecast: `up`, `down`, or `none`."""
        return "none" if not self.correlation else "up" if self.correlation > 0 else "down"


@dataclass(frozen=True, slots=True)
class ModelEffects:
    """One tree model explained.

    Attributes
    ----------
    name
        Of the member, or `trees` for all of them together by their weights.
    reach
        Weight x shrinkage: what part of the model's distance from naive gets into the forecast, in [0, 1].
    base
        Its forecast where no feature is known, a fraction.
    effects
        One for each feature, largest mean absolute contribution first.
    """

    name: str
    reach: float
    base: float
    effects: tuple[FeatureEffect, ...]


@dataclass(frozen=True, slots=True)
class Explanation:
    """What a forecaster's trees make of its features.

    Attributes
    ----------
    model_id
        Of the bundle.
    rows
        Number of validation rows that were explained: rows that no tree was fitted on and no judge keeps.
    seed
        Of their draw.
    background_rows
        Number of training rows that the forest's branches are weighed by.
    together
        All tree models by their weights, before they are shrunken; None when no model learned anything.
    models
        Each tree model that learned something.
    unexplained
        Models that learned something but whose forecast is no sum over trees (a linear one, a probability).
    findings
        What is unusual about the importances, one sentence each.
    """

    model_id: str
    rows: int
    seed: int
    background_rows: int
    together: ModelEffects | None
    models: tuple[ModelEffects, ...]
    unexplained: tuple[str, ...]
    findings: tuple[str, ...]

    def top_features(self, count: int = 5) -> tuple[str, ...]:
        """Names of the features that move the trees most; fewer where fewer move them."""
        effects = () if self.together is None else self.together.effects
        return tuple(each.feature for each in effects[:count] if each.mean_absolute > 0)

    def to_document(self) -> dict[str, Any]:
        """Plain JSON of all of it."""
        together = None if self.together is None else _document(self.together)
        return asdict(self) | {
            "unexplained": list(self.unexplained),
            "findings": list(self.findings),
            "top_features": list(self.top_features()),
            "together": together,
            "models": [_document(each) for each in self.models],
        }


def explain(forecaster: Forecaster, dataset: Dataset, model_id: str) -> Explanation:
    """Explain a forecaster that was just fitted, on a seeded sample of its validation rows.

    Parameters
    ----------
    forecaster
        Fitted on `dataset`, not read from a bundle: the split of the rows is needed.
    dataset
        The rows given to `fit`; its test rows are not looked at.
    model_id
        Of the bundle.
    """
    split, seed = forecaster.split_, forecaster.random_state
    explained = dataset.take(_sample(split.validation, MOST_EXPLAINED, seed))
    background = dataset.take(_sample(split.train, MOST_BACKGROUND, seed))
    found = {
        name: contributions
        for name, member in forecaster.members_.items()
        if (contributions := tree_contributions(member, explained.X, background.X)) is not None
    }
    return Explanation(
        model_id=model_id,
        rows=len(explained),
        seed=seed,
        background_rows=len(background),
        together=_together(forecaster, found, explained),
        models=tuple(
            _effects(forecaster, name, each, _shares(forecaster, name), explained)
            for name, each in found.items()
        ),
        unexplained=tuple(
            name
            for name, member in forecaster.members_.items()
            if member.importances() is not None and name not in found
        ),
        findings=importance_findings(
            forecaster.spec.names,
            forecaster.importances_.tolist(),
            [(low, high) for low, high in forecaster.feature_ranges_.tolist()],
        ),
    )


def _sample(rows: IntArray, most: int, seed: int) -> IntArray:
    """Up to so many of the rows, in their order."""
    if len(rows) <= most:
        return rows
    drawn: IntArray = np.sort(np.random.default_rng(seed).choice(rows, most, replace=False))
    return drawn


def _shares(forecaster: Forecaster, name: str) -> FloatArray:
    shares = forecaster.members_[name].importances()
    return np.zeros(len(forecaster.spec.names)) if shares is None else shares


def _together(forecaster: Forecaster, found: dict[str, Contributions], rows: Dataset) -> ModelEffects | None:
    """Mean of the models by their weights; equal ones where the ensemble gives them none."""
    if not found:
        return None
    weights = np.array([forecaster.weights_[name] for name in found])
    weights = weights / weights.sum() if weights.sum() > 0 else np.full(len(found), 1 / len(found))
    values = sum(weight * each.values for weight, each in zip(weights, found.values(), strict=True))
    base = sum(weight * each.base for weight, each in zip(weights, found.values(), strict=True))
    joined = Contributions(float(base), np.asarray(values))
    effects = _effects(forecaster, "trees", joined, forecaster.importances_, rows)
    return ModelEffects(
        "trees", sum(_reach(forecaster, name) for name in found), effects.base, effects.effects
    )


def _reach(forecaster: Forecaster, name: str) -> float:
    return forecaster.weights_.get(name, 0.0) * forecaster.shrinkages_.get(name, 0.0)


def _effects(
    forecaster: Forecaster, name: str, found: Contributions, shares: FloatArray, rows: Dataset
) -> ModelEffects:
    effects = [
        FeatureEffect(
            feature=feature,
            importance=float(shares[column]),
            mean_absolute=float(np.abs(found.values[:, column]).mean()),
            correlation=_rank_correlation(rows.X[:, column], found.values[:, column]),
        )
        for column, feature in enumerate(rows.feature_names)
    ]
    ordered = sorted(effects, key=lambda each: (-each.mean_absolute, -each.importance, each.feature))
    return ModelEffects(name, _reach(forecaster, name), found.base, tuple(ordered))


def _rank_correlation(value: FloatArray, contribution: FloatArray) -> float | None:
    known = np.isfinite(value)
    value, contribution = value[known], contribution[known]
    if len(np.unique(value)) < 2 or len(np.unique(contribution)) < 2:
        return None
    return float(np.corrcoef(rankdata(value), rankdata(contribution))[0, 1])


def _document(effects: ModelEffects) -> dict[str, Any]:
    listed = [asdict(each) | {"direction": each.direction} for each in effects.effects]
    return asdict(effects) | {"effects": listed}
