"""What each feature adds to each forecast of a tree model: SHAP values, exact and without sampling."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from forecasting.explain.forest_contributions import forest_contributions
from forecasting.member import Member
from forecasting.models.lightgbm import TREES_FILE, LightGbm
from forecasting.models.random_forest import RandomForest
from forecasting.types import FloatArray


@dataclass(frozen=True, slots=True, eq=False)
class Contributions:
    """SHAP values of n rows: ``base + values.sum(axis=1)`` is the model's forecast.

    Attributes
    ----------
    base
        Forecast of the model where no feature is known, a fraction.
    values
        Shape (n, k): what each feature adds to it, fractions.
    """

    base: float
    values: FloatArray


def tree_contributions(member: Member, X: FloatArray, background: FloatArray) -> Contributions | None:
    """Contributions of the features to each forecast of a tree model.

    LightGBM keeps how many training rows passed each node, so its own contributions are those of SHAP's
    TreeExplainer. A random forest here keeps no such counts; they are counted on the background rows.

    Parameters
    ----------
    member
        Fitted.
    X
        Shape (n, k): rows to explain, NaN where missing.
    background
        Shape (m, k): rows that the forest's nodes are weighed by, those it was fitted on or a sample of them.

    Returns
    -------
    Contributions or None
        None for a member that has no trees: a baseline, or a model that found nothing to learn.

    References
    ----------
    Lundberg et al. (2020), From local explanations to global understanding with explainable AI for trees,
    Nature Machine Intelligence 2.
    """
    if member.importances() is None:
        return None
    if isinstance(member, LightGbm):
        return _boosted(member, X)
    if isinstance(member, RandomForest):
        return Contributions(*forest_contributions(member.forest_, X, background))
    return None


def _boosted(member: LightGbm, X: FloatArray) -> Contributions:
    import lightgbm

    booster = lightgbm.Booster(model_str=member.dump()[TREES_FILE].decode())
    found = np.asarray(booster.predict(X, pred_contrib=True, num_threads=1), dtype=np.float64)
    # The last column is the trees' mean answer, the same in every row.
    return Contributions(member.mean_ + float(found[:, -1].mean()), found[:, :-1])
