"""A horizon's own recipe walked forward: refitted as in production, and judged on every row between two refits."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np

from forecasting.dataset import Dataset
from forecasting.evaluation.intervals import interval_ends
from forecasting.features.specification import FeatureSpec
from forecasting.forecaster.forecaster import ENSEMBLE, Forecaster, Forecasts
from forecasting.forecaster.members import algorithms_of, new_member
from forecasting.horizons import Horizon
from forecasting.splits import Refit, walk_forward_refits
from forecasting.types import DAY_MS, FloatArray

REFITS = 20
EVERY = "*"

Progress = Callable[[int, int], None]


@dataclass(frozen=True, slots=True, eq=False)
class WalkedForward:
    """Forecasts that were all made before their labels were known.

    Attributes
    ----------
    rows
        Judged rows, each exactly once, oldest first.
    refits
        Number of models that made the forecasts.
    returns
        By contender, shape (n,): forecast returns of the ensemble and of each member as it is, fractions.
    p_up, conf
        Shape (n,): the ensemble's probability that the return exceeds the horizon's threshold, and that the sign of
        its forecast is right.
    intervals
        Shape (n, levels, 2): ends of the intervals as they would have been served, fractions; NaN where there is none.
    """

    rows: Dataset
    refits: int
    returns: Mapping[str, FloatArray]
    p_up: FloatArray
    conf: FloatArray
    intervals: FloatArray


def walk_forward(
    rows: Dataset,
    horizon: Horizon,
    spec: FeatureSpec,
    *,
    refits: int = REFITS,
    every_ms: int | None = None,
    beside: tuple[str, ...] = (),
    seed: int = 7,
    on_progress: Progress = lambda *_: None,
) -> WalkedForward:
    """Refit a forecaster at the horizon's cadence over the last `refits` cadences, and forecast what follows each.

    Each fit sees the horizon's training window before it, less one look-ahead after each label; it keeps its own newest
    tenth for judging, as every candidate does.

    Parameters
    ----------
    rows
        All rows with labels, of the spec's features.
    horizon, spec
        The recipe.
    refits
        Number of cadences, counted back from the last row.
    every_ms
        Milliseconds from refit to refit; None takes the horizon's own cadence.
    beside
        Members that are fitted and judged as well where the horizon has none of that name; they add nothing to the
        ensemble.
    seed
        Of every draw.
    on_progress
        Called with the number of each refit and how many there are.

    Raises
    ------
    NotEnoughHistory
        A refit has too few rows before it.
    """
    cadence = cadence_ms(horizon) if every_ms is None else every_ms
    walk = walk_forward_refits(
        rows.as_of_ms,
        rows.label_end_ms,
        first_start_ms=first_refit_ms(rows, refits, cadence),
        cadence_ms=cadence,
        window_ms=horizon.train_window_ms,
    )
    served: list[_Served] = []
    for number, refit in enumerate(walk):
        on_progress(number, len(walk))
        served.append(_serve(rows, refit, horizon, spec, seed, beside))
    return _joined(rows.take(np.concatenate([refit.test for refit in walk])), served)


def first_refit_ms(rows: Dataset, refits: int, every_ms: int) -> int:
    """Moment of the first of so many refits, counted back from the last row, epoch milliseconds UTC."""
    return int(rows.as_of_ms.max()) + 1 - refits * every_ms


def cadence_ms(horizon: Horizon) -> int:
    """Time from one scheduled retraining to the next, in milliseconds: a month of 30 days, a week or a day.

    Examples
    --------
    >>> from forecasting.horizons import load_horizons
    >>> cadence_ms(load_horizons()["7d"]) // 86_400_000
    7
    """
    _, _, day_of_month, _, day_of_week = horizon.retrain_cron.split()
    if day_of_month != EVERY:
        return 30 * DAY_MS
    return DAY_MS if day_of_week == EVERY else 7 * DAY_MS


@dataclass(frozen=True, slots=True, eq=False)
class _Served:
    """What one model says of the rows until the next refit, and what members beside it do."""

    forecasts: Forecasts
    beside: Mapping[str, FloatArray]
    intervals: FloatArray


def _serve(
    rows: Dataset, refit: Refit, horizon: Horizon, spec: FeatureSpec, seed: int, beside: tuple[str, ...]
) -> _Served:
    train, judged = rows.take(refit.train), rows.take(refit.test)
    fitted = Forecaster(horizon, spec, algorithms_of(horizon.members), seed).fit(train)
    forecasts = fitted.predict(judged.X)
    others = {
        name: new_member(name, horizon, spec, seed).fit(train).predict(judged.X)
        for name in beside
        if name not in horizon.members
    }
    return _Served(forecasts, others, interval_ends(fitted, judged, forecasts.pred_return))


def _joined(rows: Dataset, served: list[_Served]) -> WalkedForward:
    forecasts = [each.forecasts for each in served]
    members = np.concatenate([each.member_returns for each in forecasts])
    returns = {ENSEMBLE: np.concatenate([each.pred_return for each in forecasts])}
    returns |= dict(zip(forecasts[0].member_names, members.T, strict=True))
    returns |= {name: np.concatenate([each.beside[name] for each in served]) for name in served[0].beside}
    return WalkedForward(
        rows,
        len(served),
        returns,
        p_up=np.concatenate([each.p_up for each in forecasts]),
        conf=np.concatenate([each.conf for each in forecasts]),
        intervals=np.concatenate([each.intervals for each in served]),
    )
