"""Forecasts of training rows by members that had not seen them: what stacking is fitted on."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import numpy as np

from forecasting.dataset import Dataset
from forecasting.ensemble import HeldOut
from forecasting.features.specification import FeatureSpec
from forecasting.forecaster.row_regimes import row_regimes
from forecasting.inference import LabelSpans
from forecasting.member import Member
from forecasting.splits import walk_forward_refits
from forecasting.types import FloatArray, IntArray

FOLDS = 4
# Members of the first fold learn from about half of the rows; fewer would be other models than those that serve.
FIRST_SHARE = 0.5


def forecast_out_of_fold(train: Dataset, spec: FeatureSpec, new: Callable[[], Sequence[Member]]) -> HeldOut:
    """Forecast the later half of the training rows in time-ordered folds, each by members fitted on all before it.

    A label that reaches into a fold, an embargo of one label span included, is not learned from for it.

    Parameters
    ----------
    train
        The rows that members are fitted on for good afterwards; no other row is looked at.
    spec
        The columns of X.
    new
        Gives unfitted members, new ones at each call.

    Raises
    ------
    NotEnoughHistory
        A fold keeps fewer than 30 rows to learn from.
    """
    begin, end = int(train.as_of_ms.min()), int(train.as_of_ms.max()) + 1
    first_start_ms = begin + round((end - begin) * FIRST_SHARE)
    refits = walk_forward_refits(
        train.as_of_ms,
        train.label_end_ms,
        first_start_ms=first_start_ms,
        # Rounded up, so that no fifth fold of a few rows is left over.
        cadence_ms=-(-(end - first_start_ms) // FOLDS),
    )
    parts = [_forecast(train, each.train, train.X[each.test], new()) for each in refits]
    returns = {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}
    rows = train.take(np.concatenate([each.test for each in refits]))
    return held_out(rows, spec, returns)


def held_out(rows: Dataset, spec: FeatureSpec, returns: Mapping[str, FloatArray]) -> HeldOut:
    """Lay the members' forecasts of some rows, each of shape (n,), beside what came."""
    spans = LabelSpans(rows.as_of_ms, rows.label_end_ms)
    return HeldOut(returns, rows.y, spans, row_regimes(rows.X, spec))


def _forecast(
    train: Dataset, learned: IntArray, X: FloatArray, members: Sequence[Member]
) -> dict[str, FloatArray]:
    rows = train.take(learned)
    return {member.name: member.fit(rows).predict(X) for member in members}
