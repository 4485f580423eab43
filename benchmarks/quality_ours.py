"""Foretick's own contenders on the judged rows: forecasters refitted as the peers are."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from benchmarks.peers.judged import Told
from benchmarks.quality_rows import Case
from forecasting.dataset import Dataset
from forecasting.evaluation.intervals import interval_ends
from forecasting.forecaster.forecaster import Forecaster
from forecasting.forecaster.members import algorithms_of
from forecasting.horizons import Horizon
from forecasting.intervals.adaptive import LEVELS
from forecasting.types import FloatArray


@dataclass(frozen=True, slots=True, eq=False)
class Own:
    """What a forecaster said of the judged rows, its confidence, and its members as they are."""

    told: Told
    conf: FloatArray
    members: Mapping[str, FloatArray]


def walked(case: Case, horizon: Horizon) -> Own:
    """Refit the horizon's recipe at each refit of the case, and forecast until the next one.

    As every candidate does, each fit keeps its newest tenth for a judge, so it learns from fewer rows than a peer.
    Intervals are those that a bundle serves: as they were at its fit.
    """
    parts = [
        _answer(case, horizon, case.data.take(refit.train), case.data.take(refit.test))
        for refit in case.refits
    ]
    return Own(
        Told.joined([part.told for part in parts]),
        np.concatenate([part.conf for part in parts]),
        {name: np.concatenate([part.members[name] for part in parts]) for name in parts[0].members},
    )


def _answer(case: Case, horizon: Horizon, train: Dataset, test: Dataset) -> Own:
    forecaster = Forecaster(horizon, case.spec, algorithms_of(horizon.members)).fit(train)
    said = forecaster.predict(test.X)
    low, high = interval_ends(forecaster, test, said.pred_return)[:, len(LEVELS) - 1].T
    members = dict(zip(said.member_names, said.member_returns.T, strict=True))
    return Own(Told(said.pred_return, said.p_up, low, high), said.conf, members)
