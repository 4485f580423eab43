"""Which rows weights are learned on, and which forecasts of the validation rows do not know their own labels."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from forecasting.dataset import Dataset
from forecasting.ensemble import STACKING, HeldOut, Weighing, crossed_contributions, weigh
from forecasting.forecaster.out_of_fold import forecast_out_of_fold
from forecasting.member import Member
from forecasting.types import FloatArray

OUT_OF_FOLD = "out of fold"


@dataclass(frozen=True, slots=True, eq=False)
class Weighed:
    """What the ensemble is, and what calibrators are fitted on.

    Attributes
    ----------
    weighing
        Weights and shrinkages.
    calibrated
        Shape (n, m): contributions on the validation rows, by weights that were learned on other rows.
    """

    weighing: Weighing
    calibrated: FloatArray


def learn_weighing(
    kind: str,
    train: Dataset,
    validation: HeldOut,
    new_members: Callable[[], Sequence[Member]],
    announce: Callable[[str], None],
) -> Weighed:
    """Weigh the members: by stacking on out-of-fold forecasts of the training rows, else on the validation rows.

    Parameters
    ----------
    kind
        The horizon's `ensemble`.
    train
        Rows that the members were fitted on.
    validation
        The members' forecasts of the validation rows.
    new_members
        Gives unfitted members, for stacking.
    announce
        Told `out of fold` before members are fitted again.

    Raises
    ------
    NotEnoughHistory
        A fold keeps fewer than 30 rows to learn from.
    """
    if kind == STACKING:
        announce(OUT_OF_FOLD)
        held_out = forecast_out_of_fold(train, new_members)
        weighing = weigh(kind, held_out.returns, held_out.y)
        return Weighed(weighing, weighing.contributions(validation.returns))
    weighing = weigh(kind, validation.returns, validation.y)
    return Weighed(
        weighing, crossed_contributions(validation, lambda rows: weigh(kind, rows.returns, rows.y))
    )
