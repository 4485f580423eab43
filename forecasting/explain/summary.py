"""A forecaster explained: what its members look at, how much each feature moves them, and which way."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from forecasting.baselines.naive import Naive
from forecasting.dataset import Dataset
from forecasting.ensemble import Mixture, Weighing
from forecasting.explain.contributions import Contributions, contributions_of
from forecasting.explain.effects import ModelEffects
from forecasting.explain.importances import ImportanceCheck, importance_checks
from forecasting.explain.usage import MemberUse
from forecasting.forecaster.forecaster import ENSEMBLE, Forecaster
from forecasting.forecaster.row_regimes import row_regimes
from forecasting.types import FloatArray, IntArray

MOST_EXPLAINED = 1_000
MOST_BACKGROUND = 20_000


@dataclass(frozen=True, slots=True)
class Explanation:
    """What a forecaster makes of its features.

    Attributes
    ----------
    model_id
        Of the bundle.
    rows
        Number of validation rows that were explained: rows that no member was fitted on and no judge keeps.
    seed
        Of their draw.
    background_rows
        Number of training rows that say what is usual.
    ensemble
        What the features add to the forecast's distance from naive: weight x shrinkage x (member's contribution less
        naive's), in return, over all members that have contributions. Its base and contributions add up to that distance
        where no member is left out, and no regime has weights of its own: what these make of the base is no feature's.
    left_out
        Members that reach the forecast and are not in `ensemble`: their forecast is no sum over features.
    together
        All members that learned, by their weights before they are shrunken, in return; None where there is none.
    models
        Each member that learned something.
    others
        Each member that did not, and what it looks at.
    checks
        What was asked of the importances, and what is unusual about them.
    """

    model_id: str
    rows: int
    seed: int
    background_rows: int
    ensemble: ModelEffects
    left_out: tuple[str, ...]
    together: ModelEffects | None
    models: tuple[ModelEffects, ...]
    others: tuple[MemberUse, ...]
    checks: tuple[ImportanceCheck, ...]

    @property
    def findings(self) -> tuple[str, ...]:
        """What is unusual about the importances, one sentence each; none when all is well."""
        return tuple(check.finding for check in self.checks if check.finding)

    def top_features(self, count: int = 5) -> tuple[str, ...]:
        """Names of the features that move the forecast most; none where nothing gets past the shrinkage."""
        return self.ensemble.top_features(count)

    def learned_features(self, count: int = 5) -> tuple[str, ...]:
        """Names of the features that move the members most that learned, however little of it is used."""
        return () if self.together is None else self.together.top_features(count)

    def to_document(self) -> dict[str, Any]:
        """Plain JSON of all of it."""
        return asdict(self) | {
            "left_out": list(self.left_out),
            "checks": [asdict(each) for each in self.checks],
            "findings": list(self.findings),
            "top_features": list(self.top_features()),
            "learned_features": list(self.learned_features()),
            "ensemble": self.ensemble.to_document(),
            "together": None if self.together is None else self.together.to_document(),
            "models": [each.to_document() for each in self.models],
            "others": [asdict(each) | {"features": list(each.features)} for each in self.others],
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
        if (contributions := contributions_of(member, explained.X, background.X)) is not None
    }
    returns = {name: each.in_return() for name, each in found.items()}
    by_row = _reaches(forecaster, explained.X)
    reaches = {name: float(each.mean()) for name, each in by_row.items()}
    shares = _shares(forecaster)
    return Explanation(
        model_id=model_id,
        rows=len(explained),
        seed=seed,
        background_rows=len(background),
        ensemble=_ensemble(forecaster, returns, by_row, explained),
        left_out=tuple(name for name in reaches if reaches[name] > 0 and name not in found),
        together=_together(
            forecaster, {name: returns[name] for name in shares if name in returns}, reaches, explained
        ),
        models=tuple(
            ModelEffects.of(name, reaches[name], found[name], shares[name], explained)
            for name in shares
            if name in found
        ),
        others=tuple(
            MemberUse.of(name, reaches[name], member, explained.feature_names)
            for name, member in forecaster.members_.items()
            if name not in shares
        ),
        checks=importance_checks(
            forecaster.spec.names,
            forecaster.importances_.tolist(),
            {name: each.tolist() for name, each in shares.items()},
            [(low, high) for low, high in forecaster.feature_ranges_.tolist()],
        ),
    )


def _sample(rows: IntArray, most: int, seed: int) -> IntArray:
    """Up to so many of the rows, in their order."""
    if len(rows) <= most:
        return rows
    drawn: IntArray = np.sort(np.random.default_rng(seed).choice(rows, most, replace=False))
    return drawn


def _shares(forecaster: Forecaster) -> dict[str, FloatArray]:
    """Give the importances of each member that learned something."""
    members = forecaster.members_.items()
    return {name: shares for name, member in members if (shares := member.importances()) is not None}


def _reaches(forecaster: Forecaster, X: FloatArray) -> dict[str, FloatArray]:
    """Weight x shrinkage of each member for each row, shape (n,): a regime may have weights of its own."""
    decided = forecaster.regime_weights_
    general = Weighing(forecaster.weights_, forecaster.shrinkages_)
    mixture = Mixture(general, {} if decided is None else decided.by_regime)
    # What a member adds that says 1 where naive says 0.
    ones = {name: np.full(len(X), float(name != Naive.name)) for name in forecaster.members_}
    reaches = mixture.contributions(ones, row_regimes(X, forecaster.spec))
    return dict(zip(ones, reaches.T, strict=True))


def _ensemble(
    forecaster: Forecaster,
    returns: Mapping[str, Contributions],
    reaches: Mapping[str, FloatArray],
    rows: Dataset,
) -> ModelEffects:
    """Join what the features add to the forecast's distance from naive."""
    naive = returns[Naive.name]
    base, values, reach = 0.0, np.zeros(rows.X.shape), 0.0
    for name, own in returns.items():
        used = reaches[name]
        reach += float(used.mean())
        base += float(used.mean()) * (own.base - naive.base)
        values += used[:, None] * (own.values - naive.values)
    return ModelEffects.of(
        ENSEMBLE, reach, Contributions(base, values, remark=_remarks(returns)), forecaster.importances_, rows
    )


def _together(
    forecaster: Forecaster,
    returns: Mapping[str, Contributions],
    reaches: Mapping[str, float],
    rows: Dataset,
) -> ModelEffects | None:
    """Mean of the members that learned by their weights; equal ones where the ensemble gives them none."""
    if not returns:
        return None
    weights = np.array([forecaster.weights_[name] for name in returns])
    weights = weights / weights.sum() if weights.sum() > 0 else np.full(len(returns), 1 / len(returns))
    values = sum(weight * each.values for weight, each in zip(weights, returns.values(), strict=True))
    base = sum(weight * each.base for weight, each in zip(weights, returns.values(), strict=True))
    reach = sum(reaches[name] for name in returns)
    mean = Contributions(float(base), np.asarray(values), remark=_remarks(returns))
    return ModelEffects.of("learned", reach, mean, forecaster.importances_, rows)


def _remarks(returns: Mapping[str, Contributions]) -> str:
    """Give what a reader must know of the members' contributions to a return."""
    return "; ".join(f"{name}: {each.remark}" for name, each in returns.items() if each.remark)
