"""Whether a forecaster's trees answer as their library does, asked where the two could differ: beside every split."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np

from forecasting.errors import DamagedBundle
from forecasting.forecaster.forecaster import Forecaster
from forecasting.member import Member
from forecasting.models.boosting import Trees
from forecasting.models.lightgbm import LightGbm
from forecasting.models.lightgbm_quantile import LightGbmQuantile
from forecasting.models.random_forest import RandomForest
from forecasting.models.rise import Rise
from forecasting.models.volatility_scaled import VolatilityScaled
from forecasting.models.walk import TreeWalk
from forecasting.types import FloatArray

ROWS = 1000
_EVERYWHERE = (np.nan, 0.0, -0.0, 1e-36, -1e-36, 1e30, -1e30)

_Answer = Callable[[FloatArray], FloatArray]


def demand_library_answers(forecaster: Forecaster, rows: FloatArray) -> None:
    """Ask every ensemble of trees and its library for the same answers, to the last bit.

    LightGBM reads boosted trees from their text. Of a forest a bundle keeps scikit-learn's arrays, and no
    scikit-learn: they are gone through one node after the other.

    Parameters
    ----------
    forecaster
        Fitted, or read back.
    rows
        Shape (n, k): rows to ask about beside the ones made up here.

    Raises
    ------
    DamagedBundle
        One answer differs.
    """
    for name, member in forecaster.members_.items():
        for walk, ours, theirs in _answers(member):
            X = np.concatenate([rows, rows_beside_splits(walk, ROWS)])
            found, wanted = ours(X), theirs(X)
            if found.tobytes() != wanted.tobytes():
                differ = int((found != wanted).sum())
                raise DamagedBundle(
                    f"{name}: our answers and the library's differ in {differ} of {len(X)} rows, by up to "
                    f"{float(np.abs(found - wanted).max())}; none may differ: install the locked libraries, or train again"
                )


def rows_beside_splits(walk: TreeWalk, count: int) -> FloatArray:
    """Make up rows whose features lie on thresholds of the trees, the nearest numbers beside them, or nowhere.

    Parameters
    ----------
    walk
        The trees.
    count
        Number of rows.

    Returns
    -------
    FloatArray
        Shape (count, k): the same for the same trees.
    """
    generator = np.random.default_rng(7)
    inner = walk.nodes["column"] < 4 * walk.features
    feature, threshold = walk.nodes["column"][inner] % walk.features, walk.nodes["threshold"][inner]
    rows = np.empty((count, walk.features))
    for column in range(walk.features):
        own = threshold[(feature == column) & (np.abs(threshold) < 1e30)]
        rows[:, column] = generator.choice(np.concatenate([_beside(own), _EVERYWHERE]), count)
    return rows


def _beside(thresholds: FloatArray) -> FloatArray:
    """Numbers themselves, and the nearest in 64 and in 32 bits."""
    single = thresholds.astype(np.float32)
    double_steps = [np.nextafter(thresholds, toward) for toward in (-np.inf, np.inf)]
    single_steps = [np.nextafter(single, np.float32(toward)) for toward in (-np.inf, np.inf)]
    return np.concatenate([thresholds, single, *double_steps, *single_steps], dtype=np.float64)


def _answers(member: Member) -> Iterator[tuple[TreeWalk, _Answer, _Answer]]:
    """Trees of a member, how we ask them, and how their library does."""
    match member:
        case VolatilityScaled():
            yield from _answers(member.learner)
        case Rise():
            yield from _answers(member.classifier_)
        case LightGbmQuantile():
            for trees in member.levels_:
                yield from _boosted(trees)
        case LightGbm():
            yield from _boosted(member.trees_)
        case RandomForest():
            # A classifier of rises answers the same way.
            forest, walk = member.forest_, member.walk_
            yield walk, lambda X: walk.sums(X) / len(forest.roots), forest.mean_answer


def _boosted(trees: Trees) -> Iterator[tuple[TreeWalk, _Answer, _Answer]]:
    if trees.walk is not None:
        booster = trees.booster
        yield trees.walk, trees.lift, lambda X: booster.predict(X, num_threads=1, raw_score=True)
