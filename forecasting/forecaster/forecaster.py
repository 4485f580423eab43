"""The forecaster of one horizon: fit on the past, weigh on what came after, forecast."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Self

import numpy as np

from forecasting.baselines.naive import Naive
from forecasting.dataset import Dataset
from forecasting.ensemble import (
    STACKING,
    HeldOut,
    Mixture,
    Weighing,
    agreed_distance,
    blend,
    consensus,
)
from forecasting.features.specification import FeatureSpec
from forecasting.forecaster.forecasts import Forecasts, TrainSpan, confidence, validated_features
from forecasting.forecaster.members import new_members
from forecasting.forecaster.out_of_fold import held_out
from forecasting.forecaster.row_regimes import row_regimes
from forecasting.forecaster.searched import search_settings, with_found
from forecasting.forecaster.validation import ValidationScores, fit_calibrators, validation_scores
from forecasting.forecaster.weighing import OUT_OF_FOLD, Weighed, weigh_on_validation, weigh_out_of_fold
from forecasting.horizons import Horizon
from forecasting.intervals.adaptive import AdaptiveIntervals, Interval
from forecasting.intervals.rows import ForecastRows
from forecasting.leakage.training_run import RowsUsed, TrainingRun
from forecasting.member import Member
from forecasting.search import Trial
from forecasting.splits import Split, time_ordered_split
from forecasting.types import FloatArray, TextArray

ENSEMBLE = "ensemble"
CALIBRATION = "calibration"

__all__ = ["CALIBRATION", "ENSEMBLE", "Forecaster", "Forecasts", "TrainSpan"]


class Forecaster:
    """Baselines and models of one horizon, joined to one forecast with a probability.

    The rows are cut by time into train, validation and test, purged by label time. Members are fitted on
    train. On validation each member is shrunken toward the naive forecast and weighed by the inverse RMSE of
    what is left, or as the horizon's `ensemble` says, and the ensemble's distance from naive, times the consensus
    of the members, is calibrated to a probability. Test rows are never looked at.

    Parameters
    ----------
    horizon
        What is forecast.
    spec
        The columns of X.
    algorithms
        Models beside the baselines: any of `lgbm` and `rf`.
    random_state
        Seed of every draw. The same rows and seed give the same forecaster to the last bit, on one kind of
        machine: training sums that run on another CPU may round differently.

    Attributes
    ----------
    members_
        Fitted members by name; naive, persistence and ewma first.
    weights_
        Weight of each member; they sum to 1.
    shrinkages_
        Share of each member's distance from naive that is kept, in [0, 1].
    regime_weights_
        Weights and shrinkages of each regime where they paid, and why or why not; None where nobody asked. Rows of
        other regimes get `weights_` and `shrinkages_`.
    rise_calibrator_
        From score to the probability that the return exceeds the horizon's threshold.
    sign_calibrator_
        From score to the probability that the return is positive, given that it is not zero.
    heeds_consensus_
        Whether that score is the distance from naive x consensus, as it is since members' consensus is known; a bundle
        of before has the distance alone.
    importances_
        Shape (k,): mean over the models of each feature's share in what was learned; zeros where none
        learned.
    feature_ranges_
        Shape (k, 2): smallest and largest value of each feature on the rows fitted; NaN where it is always
        missing.
    intervals_
        What intervals are made of, learned from the validation rows; None where the rows tell no volatility, or too
        few of them do.
    search_
        Trials of the search inside the training rows, and what was made of them; empty without a search.
    scores_
        Scores on the validation rows of each member (as it is, not shrunken) and of `ensemble`. Weights and
        calibrators were fitted on these rows: for honest scores use the test rows.
    train_span_
        The time that the fit has seen.
    data_fingerprint_
        Fingerprint of the rows given to fit, test rows included.
    split_
        Which rows were train, validation and test; only after `fit`, not on a forecaster read from a bundle.
    run_
        The moments of the rows that were handed to each part of the fit, and of those kept for judging, for
        the leak certificate; only after `fit` too.
    """

    def __init__(
        self,
        horizon: Horizon,
        spec: FeatureSpec,
        algorithms: tuple[str, ...] = ("lgbm", "rf"),
        random_state: int = 7,
    ) -> None:
        self.horizon = horizon
        self.spec = spec
        self.algorithms = algorithms
        self.random_state = random_state

    def fit(self, dataset: Dataset, on_progress: Callable[[str], None] | None = None) -> Self:
        """Fit members, weights and calibrator; an earlier fit is forgotten.

        Parameters
        ----------
        dataset
            Rows of the spec's features with labels of the horizon.
        on_progress
            Called with the name of each step as it begins: each trial of a search, each member's name,
            `ensemble`, then `out of fold` where members are stacked, and `calibration`.

        Raises
        ------
        NotEnoughHistory
            A part of the split keeps too few rows.
        InvalidSettings
            An algorithm is unknown or named twice.
        ValueError
            The columns are not the spec's, a label is not finite, or a feature is infinite.
        """
        announce = on_progress or _silent
        _refuse_other_columns(dataset, self.spec)
        split = time_ordered_split(dataset.as_of_ms, dataset.label_end_ms)
        train = dataset.take(split.train)
        self.search_ = search_settings(
            self.horizon, self.spec, self.algorithms, self.random_state, train, announce
        )
        members = self._new_members()
        for member in members:
            announce(member.name)
            member.fit(train)
        self.members_ = {member.name: member for member in members}
        validation = dataset.take(split.validation)
        self._learn_trust(train, validation, announce)
        self._remember(dataset, split)
        self.run_ = TrainingRun(
            fit=RowsUsed.of(train),
            search=RowsUsed.of(train, validation),
            calibrate=RowsUsed.of(validation),
            evaluate=RowsUsed.of(dataset.take(split.test)),
            embargo_ms=self.horizon.look_ahead_ms,
        )
        return self

    @property
    def trials_(self) -> tuple[Trial, ...]:
        """Every trial of the search, in the order tried; none without a search."""
        return self.search_.trials

    def _new_members(self) -> list[Member]:
        return new_members(
            with_found(self.horizon, self.search_), self.spec, self.algorithms, self.random_state
        )

    def _learn_trust(self, train: Dataset, validation: Dataset, announce: Callable[[str], None]) -> None:
        announce(ENSEMBLE)
        rows = held_out(validation, self.spec, self._member_returns(validation.X))
        weighed = self._weigh(train, rows, announce)
        general = weighed.mixture.weighing
        self.shrinkages_, self.weights_ = dict(general.shrinkages), dict(general.weights)
        self.regime_weights_ = weighed.regime_weights
        announce(CALIBRATION)
        self.heeds_consensus_ = True
        self.rise_calibrator_, self.sign_calibrator_ = fit_calibrators(
            agreed_distance(weighed.calibrated), validation, train, self.horizon
        )
        forecasts = self._forecasts(rows.returns, rows.regimes)
        self.intervals_ = _learn_intervals(validation, forecasts.pred_return, self.horizon)
        self.scores_ = _scores(validation.y, forecasts, self.horizon.threshold)

    def _weigh(self, train: Dataset, rows: HeldOut, announce: Callable[[str], None]) -> Weighed:
        if self.horizon.ensemble != STACKING:
            return weigh_on_validation(self.horizon, rows)
        announce(OUT_OF_FOLD)
        return weigh_out_of_fold(self.horizon, self.spec, train, rows, self._new_members)

    def _remember(self, dataset: Dataset, split: Split) -> None:
        seen = dataset.take(np.concatenate([split.train, split.validation]))
        self.feature_ranges_ = np.column_stack(
            [np.fmin.reduce(seen.X, axis=0), np.fmax.reduce(seen.X, axis=0)]
        )
        self.importances_ = _mean_importances(list(self.members_.values()), seen.X.shape[1])
        self.train_span_ = TrainSpan(int(seen.as_of_ms.min()), int(seen.label_end_ms.max()))
        self.data_fingerprint_ = dataset.fingerprint()
        self.split_ = split

    def predict(self, X: FloatArray) -> Forecasts:
        """Forecast rows of features; the forecast of a row does not depend on the rows beside it.

        Parameters
        ----------
        X
            Shape (n, k): the spec's features in its order; NaN means missing.

        Raises
        ------
        ValueError
            X has another number of columns, or an infinite value.
        """
        rows = validated_features(X, self.spec.names)
        return self._forecasts(self._member_returns(rows), row_regimes(rows, self.spec))

    def _forecasts(self, returns: Mapping[str, FloatArray], regimes: TextArray) -> Forecasts:
        mixture = self._mixture()
        contributed = mixture.contributions(returns, regimes)
        pred_return = blend(returns[Naive.name], contributed)
        score = agreed_distance(contributed) if self.heeds_consensus_ else pred_return - returns[Naive.name]
        return Forecasts(
            pred_return=pred_return,
            p_up=self.rise_calibrator_.probability(score),
            conf=confidence(pred_return, self.sign_calibrator_.probability(score)),
            member_names=tuple(returns),
            member_returns=np.column_stack(list(returns.values())),
            member_weights=mixture.weights(regimes),
            member_contributions=contributed,
            consensus=consensus(contributed),
        )

    def intervals(
        self, symbol: str, as_of_ms: int, pred_return: float, volatility: float
    ) -> tuple[Interval, ...] | None:
        """Intervals of 80 and 90 % around a forecast; see `AdaptiveIntervals.intervals`.

        None where nothing was learned, where the volatility is not known, and where the forecast is made before the
        last label that the intervals were learned from.
        """
        learned = self.intervals_
        if learned is None or math.isnan(volatility) or as_of_ms < (learned.learned_until_ms or 0):
            return None
        return learned.intervals(symbol, as_of_ms, pred_return, volatility)

    def _mixture(self) -> Mixture:
        own = {} if self.regime_weights_ is None else self.regime_weights_.by_regime
        return Mixture(Weighing(self.weights_, self.shrinkages_), own)

    def _member_returns(self, X: FloatArray) -> dict[str, FloatArray]:
        return {name: member.predict(X) for name, member in self.members_.items()}


def _scores(y: FloatArray, forecasts: Forecasts, threshold: float) -> dict[str, ValidationScores]:
    members = zip(forecasts.member_names, forecasts.member_returns.T, strict=True)
    own = {name: validation_scores(y, forecast, threshold) for name, forecast in members}
    return {**own, ENSEMBLE: validation_scores(y, forecasts.pred_return, threshold, forecasts.p_up)}


def _learn_intervals(rows: Dataset, pred_return: FloatArray, horizon: Horizon) -> AdaptiveIntervals | None:
    if rows.volatility is None:
        return None
    learned = AdaptiveIntervals(horizon.look_ahead_bars).learn(ForecastRows.of(rows, pred_return))
    return learned if learned.ready else None


def _silent(_: str) -> None:
    return


def _refuse_other_columns(dataset: Dataset, spec: FeatureSpec) -> None:
    if dataset.feature_names != spec.names:
        raise ValueError(
            f"the rows have the columns {', '.join(dataset.feature_names)}; "
            f"{', '.join(spec.names)} are needed"
        )


def _mean_importances(members: list[Member], columns: int) -> FloatArray:
    learned = [shares for member in members if (shares := member.importances()) is not None]
    return np.mean(learned, axis=0) if learned else np.zeros(columns)
