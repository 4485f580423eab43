"""The 7-day forest of the source material, as its recipe has it: `source-7d-forest`, trained by `foretick train` too."""

from __future__ import annotations

from typing import Self

from forecasting.calibration import Calibrator
from forecasting.dataset import Dataset
from forecasting.features.specification import feature_spec
from forecasting.forecaster.members import new_member
from forecasting.horizons import Horizon
from forecasting.models.random_forest import RandomForest
from forecasting.recipes import with_recipe
from forecasting.types import FloatArray

RECIPE = "source-7d-forest"


def source_horizon(horizon: Horizon, random_state: int = 42, trees: int | None = None) -> Horizon:
    """Return the horizon with the recipe's members and settings.

    Parameters
    ----------
    horizon
        The 7-day horizon.
    random_state
        Seed of the draws of rows; the recipe itself has 42.
    trees
        Number of trees; None leaves the recipe's 300.

    Raises
    ------
    InvalidSettings
        The horizon is another one.
    """
    applied = with_recipe(horizon, RECIPE)
    settings = {**applied.member_settings[RandomForest.name], "random_state": random_state}
    if trees is not None:
        settings["trees"] = trees
    return applied.model_copy(update={"member_settings": {RandomForest.name: settings}})


class SourceModel:
    """The recipe's forest, fitted on all rows that it is given, and the probability that goes with its forecasts.

    The source material had neither a validation part nor a shrinkage: the direction is the sign of the forest's own
    forecast. Its probability is calibrated on the very rows that the trees were grown on, which flatters it as the
    rest of it is flattered.

    Parameters
    ----------
    horizon
        With the recipe applied; see `source_horizon`.

    Attributes
    ----------
    member_
        The fitted forest.
    mean_, base_rate_
        Mean return of the training rows, a fraction, and the share of them that rose.
    label_end_ms_
        Last label end that fitting has seen, epoch milliseconds UTC.
    """

    def __init__(self, horizon: Horizon) -> None:
        self.horizon = horizon

    def fit(self, train: Dataset) -> Self:
        """Grow the trees on the returns of the rows, all of them."""
        spec = feature_spec(self.horizon, train.symbols)
        self.member_ = new_member(RandomForest.name, self.horizon, spec, 0).fit(train)
        rose = train.y > 0
        self.mean_, self.base_rate_ = float(train.y.mean()), float(rose.mean())
        self.label_end_ms_ = int(train.label_end_ms.max())
        # Rows of one direction alone have a base rate that no odds can be made of.
        rate = (int(rose.sum()) + 1) / (len(rose) + 2)
        excess = self.member_.predict(train.X) - self.mean_
        self._calibrator = Calibrator().fit(excess, rose, base_rate=rate)
        return self

    def pred_return(self, X: FloatArray) -> FloatArray:
        """Forecast returns, shape (n,), fractions."""
        return self.member_.predict(X)

    def p_up(self, X: FloatArray) -> FloatArray:
        """Probability of a rise, shape (n,), in [0, 1]."""
        return self._calibrator.probability(self.pred_return(X) - self.mean_)

    def importances(self) -> tuple[float, ...]:
        """Share of each feature in what was learned, in the order of the columns; none where no tree found a split."""
        learned = self.member_.importances()
        return () if learned is None else tuple(learned.tolist())
