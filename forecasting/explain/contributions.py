"""What each feature adds to each answer of a member: SHAP values, exact and without sampling."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
from scipy.special import expit

from forecasting.baselines.drift import Drift
from forecasting.baselines.ewma import Ewma
from forecasting.baselines.naive import Naive
from forecasting.baselines.persistence import Persistence
from forecasting.explain.forest_contributions import forest_contributions
from forecasting.member import Member
from forecasting.models.boosting import Trees
from forecasting.models.lightgbm import LightGbm
from forecasting.models.lightgbm_quantile import MIDDLE, LightGbmQuantile
from forecasting.models.random_forest import RandomForest
from forecasting.models.ridge import Ridge
from forecasting.models.rise import Rise
from forecasting.models.volatility_scaled import VolatilityScaled
from forecasting.types import FloatArray

Unit = Literal["return", "log-odds of a rise", "probability of a rise"]
PROBABILITY: Unit = "probability of a rise"
LOG_ODDS: Unit = "log-odds of a rise"
IN_PROPORTION = "log-odds shared out in proportion: they add up to the forecast, but are no Shapley values"


@dataclass(frozen=True, slots=True, eq=False)
class Contributions:
    """SHAP values of n rows: ``base + values.sum(axis=1)`` is the member's answer in its unit.

    Attributes
    ----------
    base
        Answer where no feature is known.
    values
        Shape (n, k): what each feature adds to it.
    unit
        Of both.
    return_per_unit, return_at_zero
        The member's forecast is a line in its answer, or in the probability where that is in log-odds:
        return_at_zero + return_per_unit x answer, fractions.
    remark
        What a reader must know of these values beyond their unit; empty where nothing.
    """

    base: float
    values: FloatArray
    unit: Unit = "return"
    return_per_unit: float = 1.0
    return_at_zero: float = 0.0
    remark: str = ""

    def in_return(self) -> Contributions:
        """Give the contributions to the member's forecast, a return.

        A step in log-odds is worth more around even odds than near certainty, so those of log-odds are shared out in
        proportion: they add up to the forecast, and are SHAP values only where probabilities stay close.
        """
        told = self._in_probability() if self.unit == LOG_ODDS else self
        worth = self.return_per_unit
        base = self.return_at_zero + worth * told.base
        return Contributions(base, worth * told.values, remark=told.remark)

    def _in_probability(self) -> Contributions:
        moved = self.values.sum(axis=1)
        base = float(expit(self.base))
        moves = moved != 0
        share = (expit(self.base + moved) - base) / np.where(moves, moved, 1.0)
        return Contributions(base, np.where(moves, share, 0.0)[:, None] * self.values, remark=IN_PROPORTION)


def contributions_of(member: Member, X: FloatArray, background: FloatArray) -> Contributions | None:
    """Contributions of the features to each answer of a member.

    LightGBM keeps how many training rows passed each node, so its own contributions are those of SHAP's
    TreeExplainer. A random forest here keeps no such counts; they are counted on the background rows. Those of a
    line are each feature's slope times its distance from its mean over the background rows.

    Parameters
    ----------
    member
        Fitted.
    X
        Shape (n, k): rows to explain, NaN where missing.
    background
        Shape (m, k): rows that the member was fitted on or a sample of them; they say what is usual.

    Returns
    -------
    Contributions or None
        None for a member that is neither a sum over trees nor a line in its features: AR(1) and ARIMA.

    References
    ----------
    Lundberg & Lee (2017), A Unified Approach to Interpreting Model Predictions, NIPS 30.
    Lundberg et al. (2020), From local explanations to global understanding with explainable AI for trees,
    Nature Machine Intelligence 2.
    """
    match member:
        case VolatilityScaled():
            return _scaled(member, X, background)
        case Rise():
            return _of_rise(member, X, background)
        case LightGbmQuantile():
            return _of_median(member, X)
        case LightGbm():
            return _boosted(member.trees_, X)
        case RandomForest():
            return _grown(member, X, background)
        case Ridge():
            return _line(
                member.mean_, member.slopes_, member.standardised(X), member.standardised(background)
            )
        case Persistence() | Ewma():
            return _one_column(member, X, background)
        case Naive():
            return _by_symbol(member, member.positions_, X, background)
        case Drift():
            return _by_symbol(member, member.symbols_.positions, X, background)
    return None


def _boosted(trees: Trees, X: FloatArray) -> Contributions:
    booster = trees.booster
    if booster is None:
        return Contributions(trees.constant, np.zeros(X.shape))
    found = np.asarray(booster.predict(X, pred_contrib=True, num_threads=1), dtype=np.float64)
    # The last column is the trees' mean answer, the same in every row.
    return Contributions(trees.constant + float(found[:, -1].mean()), found[:, :-1])


def _grown(member: RandomForest, X: FloatArray, background: FloatArray) -> Contributions:
    if member.importances() is None:
        return Contributions(float(member.predict(background[:1])[0]), np.zeros(X.shape))
    return Contributions(*forest_contributions(member.forest_, X, background))


def _of_median(member: LightGbmQuantile, X: FloatArray) -> Contributions:
    """Those of the trees grown for the median; where levels cross, the forecast is another level's answer."""
    found = _boosted(member.levels_[MIDDLE], X)
    told = found.base + found.values.sum(axis=1)
    crossed = float(np.mean(np.abs(told - member.predict(X)) > 1e-12)) if len(X) else 0.0
    if not crossed:
        return found
    return replace(
        found,
        remark=f"of the trees grown for the median: in {100 * crossed:.1f} % of the rows the levels cross, "
        "and the forecast is another level's answer",
    )


def _of_rise(member: Rise, X: FloatArray, background: FloatArray) -> Contributions:
    """Those of the classifier, in what its trees add up: log-odds where boosted, shares where grown."""
    found, unit = _of_classifier(member.classifier_, X, background)
    worth = member.above_ - member.below_
    return replace(found, unit=unit, return_per_unit=worth, return_at_zero=member.below_)


def _of_classifier(classifier: Member, X: FloatArray, background: FloatArray) -> tuple[Contributions, Unit]:
    match classifier:
        case LightGbm():
            return _boosted(classifier.trees_, X), LOG_ODDS
        case RandomForest():
            return _grown(classifier, X, background), PROBABILITY
    raise ValueError(f"{type(classifier).__name__} was given: a classifier made of trees is needed")


def _line(mean: float, slopes: FloatArray, X: FloatArray, background: FloatArray) -> Contributions:
    usual = background.mean(axis=0)
    return Contributions(mean + float(np.sum(slopes * usual)), slopes * (X - usual))


def _one_column(member: Persistence | Ewma, X: FloatArray, background: FloatArray) -> Contributions:
    """All that such a member says comes from its one column; where that is missing, from its absence."""
    base, values = float(member.predict(background).mean()), np.zeros(X.shape)
    values[:, member.position_] = member.predict(X) - base
    return Contributions(base, values)


def _by_symbol(
    member: Member, positions: tuple[int, ...], X: FloatArray, background: FloatArray
) -> Contributions:
    """Forecasts that depend on nothing but the symbol are a line in the columns that tell it."""
    asked = np.zeros((len(positions) + 1, X.shape[1]))
    asked[np.arange(len(positions)) + 1, list(positions)] = 1.0
    other, *known = member.predict(asked).tolist()
    slopes = np.zeros(X.shape[1])
    slopes[list(positions)] = np.array(known) - other
    named, usual = (np.where(slopes != 0, rows, 0.0) for rows in (X, background))
    return _line(other, slopes, named, usual)


def _scaled(member: VolatilityScaled, X: FloatArray, background: FloatArray) -> Contributions | None:
    """Those of the learner times the row's scale; what the scale makes of the learner's base is the volatility's."""
    found = contributions_of(member.learner, X, background)
    if found is None:
        return None
    scales, usual = member.scales(X), float(member.scales(background).mean())
    values = scales[:, None] * found.values
    values[:, member.position_] += (scales - usual) * found.base
    remark = "the learner's SHAP values times the scale of the row's volatility"
    return replace(
        found,
        base=usual * found.base,
        values=values,
        remark=f"{remark}; {found.remark}" if found.remark else remark,
    )
