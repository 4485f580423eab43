"""Where and when the ensemble of a walk forward was right: in each symbol, regime and month, and at each confidence."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from forecasting.baselines.naive import Naive
from forecasting.dataset import Dataset
from forecasting.evaluation.bins import Bin, probability_bins
from forecasting.evaluation.intervals import score_ends
from forecasting.forecaster.forecaster import ENSEMBLE
from forecasting.metrics import (
    GroupScore,
    brier,
    directional_accuracy,
    mae,
    r2_against,
    rank_ic,
    rmse,
    score_by,
)
from forecasting.studies.contenders import label_spans
from forecasting.studies.quantiles import score_quantiles
from forecasting.studies.walk_forward import WalkedForward
from forecasting.types import FloatArray, IntArray


@dataclass(frozen=True, slots=True)
class GroupFigures:
    """The ensemble on the rows of one group.

    Attributes
    ----------
    labels
        Labels that do not overlap in time: what chance is counted by, however many rows there are.
    directional_accuracy
        In [0, 1]; NaN where no return moved.
    rmse, mae
        In units of return.
    r2
        Share of naive's squared error that it removes.
    rank_ic
        Spearman correlation with the returns; None where nothing can be said.
    brier
        Of the probability of a rise.
    coverage
        By level in per cent: share of returns inside the served interval; empty where there was none.
    crps
        As in `QuantileScores`; None where there was no interval.
    """

    labels: int
    directional_accuracy: float
    rmse: float
    mae: float
    r2: float
    rank_ic: float | None
    brier: float
    coverage: dict[str, float]
    crps: float | None


def score_groups(
    names: Sequence[str], walked: WalkedForward, threshold: float
) -> tuple[GroupScore[GroupFigures], ...]:
    """Score each group of rows by itself, groups in alphabetical order.

    Parameters
    ----------
    names
        Shape (n,): the group of each row.
    walked
        Forecasts of n rows.
    threshold
        The return that `p_up` speaks of, a fraction.
    """

    def figures(chosen: IntArray) -> GroupFigures:
        return _figures(walked, chosen, threshold)

    return score_by(names, figures, np.arange(len(walked.rows)))


def _figures(walked: WalkedForward, chosen: IntArray, threshold: float) -> GroupFigures:
    rows, forecast = walked.rows.take(chosen), walked.returns[ENSEMBLE][chosen]
    ends = walked.intervals[chosen]
    quantiles = score_quantiles(rows, forecast, ends)
    return GroupFigures(
        labels=label_spans(rows).non_overlapping,
        directional_accuracy=directional_accuracy(rows.y, forecast),
        rmse=rmse(rows.y, forecast),
        mae=mae(rows.y, forecast),
        r2=r2_against(rows.y, forecast, walked.returns[Naive.name][chosen]),
        rank_ic=rank_ic(rows.y, forecast),
        brier=brier((rows.y > threshold).astype(np.float64), walked.p_up[chosen]),
        coverage={f"{each.level:.0%}": each.coverage for each in score_ends(rows, ends)},
        crps=None if quantiles is None else quantiles.crps,
    )


def confidence_bins(rows: Dataset, pred_return: FloatArray, conf: FloatArray) -> tuple[Bin, ...]:
    """Bins of about equally many rows by confidence, each with the share of right signs.

    Rows whose return is exactly zero, or whose forecast is, have no direction that could be right.

    Parameters
    ----------
    rows
        The n judged rows.
    pred_return, conf
        Shape (n,): forecasts, fractions, and the probability that their sign is right.
    """
    moved = (rows.y != 0) & (pred_return != 0)
    right = np.sign(rows.y[moved]) == np.sign(pred_return[moved])
    return probability_bins(conf[moved], right.astype(np.float64), label_spans(rows.take(moved)))
