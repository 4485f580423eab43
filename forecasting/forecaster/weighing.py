"""Which rows weights are learned on, and which forecasts of the validation rows do not know their own labels."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial

from forecasting.dataset import Dataset
from forecasting.ensemble import (
    STACKING,
    HeldOut,
    Mixture,
    RegimeWeights,
    Verdict,
    crossed_contributions,
    learn_mixture,
    try_regimes,
)
from forecasting.errors import NotEnoughHistory
from forecasting.features.specification import FeatureSpec
from forecasting.forecaster.out_of_fold import forecast_out_of_fold
from forecasting.horizons import Horizon
from forecasting.member import Member
from forecasting.splits import holdout_split
from forecasting.types import FloatArray

OUT_OF_FOLD = "out of fold"
NEVER = "never"


@dataclass(frozen=True, slots=True, eq=False)
class Weighed:
    """What the ensemble is, and what calibrators are fitted on.

    Attributes
    ----------
    mixture
        Weights and shrinkages, of each regime where that paid.
    regime_weights
        What was decided on weights of each regime; None where nobody asked.
    calibrated
        Shape (n, m): contributions on the validation rows, by weights that were learned on other rows.
    """

    mixture: Mixture
    regime_weights: RegimeWeights | None
    calibrated: FloatArray


def weigh_on_validation(horizon: Horizon, validation: HeldOut) -> Weighed:
    """Weigh the members on the validation rows.

    Weights of each regime are tried on the later half of the rows, with weights of the earlier half; where they pay,
    they are fitted on all of them.
    """
    verdict = None if horizon.regime_weights == NEVER else _tried_on_halves(horizon.ensemble, validation)
    pays = verdict is not None and verdict.pays
    learn = partial(learn_mixture, horizon.ensemble, by_regime=pays)
    mixture = learn(validation)
    return Weighed(mixture, _decided(verdict, mixture), crossed_contributions(validation, learn))


def weigh_out_of_fold(
    horizon: Horizon,
    spec: FeatureSpec,
    train: Dataset,
    validation: HeldOut,
    new_members: Callable[[], Sequence[Member]],
) -> Weighed:
    """Weigh the members by out-of-fold forecasts of the training rows; the validation rows try weights of each regime.

    Raises
    ------
    NotEnoughHistory
        A fold keeps fewer than 30 rows to learn from.
    """
    learned = forecast_out_of_fold(train, spec, new_members)
    verdict = None if horizon.regime_weights == NEVER else try_regimes(STACKING, learned, validation)
    mixture = learn_mixture(STACKING, learned, by_regime=verdict is not None and verdict.pays)
    contributed = mixture.contributions(validation.returns, validation.regimes)
    return Weighed(mixture, _decided(verdict, mixture), contributed)


def _tried_on_halves(kind: str, rows: HeldOut) -> Verdict:
    try:
        halves = holdout_split(rows.spans.as_of_ms, rows.spans.label_end_ms, share=0.5)
    except NotEnoughHistory:
        return Verdict(False, f"not used: the {len(rows)} validation rows are too few to try them on")
    return try_regimes(kind, rows.take(halves.fit), rows.take(halves.stop))


def _decided(verdict: Verdict | None, mixture: Mixture) -> RegimeWeights | None:
    return None if verdict is None else RegimeWeights(mixture.by_regime, verdict.reason)
