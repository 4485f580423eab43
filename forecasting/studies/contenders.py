"""What one contender's forecasts of a walk forward are worth against naive, on the same rows."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from forecasting.baselines.naive import Naive
from forecasting.dataset import Dataset
from forecasting.inference import (
    ForecastTest,
    LabelSpans,
    MeanInterval,
    clark_west,
    diebold_mariano,
    mean_interval,
    pesaran_timmermann,
)
from forecasting.metrics import (
    directional_accuracy,
    information_ratio,
    mae,
    months,
    r2_against,
    rank_ic,
    rank_ics,
    rmse,
)
from forecasting.types import FloatArray

LEAST_MONTHS = 6


@dataclass(frozen=True, slots=True)
class ContenderScores:
    """One contender on all judged rows.

    Attributes
    ----------
    name
        `ensemble`, or a member.
    rmse, mae
        In units of return.
    r2
        Share of naive's squared error that it removes; 0 for naive itself.
    directional_accuracy
        In [0, 1].
    rank_ic, monthly_icir
        Spearman correlation with the returns, and the ratio of the months' mean to their spread; None where it
        cannot be said: the ratio needs six months or more.
    tests
        Against naive: Diebold-Mariano and Clark-West; and Pesaran-Timmermann. None for naive.
    """

    name: str
    rmse: float
    mae: float
    r2: float
    directional_accuracy: float
    rank_ic: float | None
    monthly_icir: float | None
    tests: tuple[ForecastTest, ...]


def score_contender(name: str, rows: Dataset, forecast: FloatArray, naive: FloatArray) -> ContenderScores:
    """Score the forecasts of one contender.

    Parameters
    ----------
    name
        `ensemble`, or a member.
    rows
        The n judged rows.
    forecast, naive
        Shape (n,): its forecasts and naive's, fractions.
    """
    y = rows.y
    monthly = list(rank_ics(y, forecast, months(rows.as_of_ms)).values())
    return ContenderScores(
        name=name,
        rmse=rmse(y, forecast),
        mae=mae(y, forecast),
        r2=r2_against(y, forecast, naive),
        directional_accuracy=directional_accuracy(y, forecast),
        rank_ic=rank_ic(y, forecast),
        monthly_icir=information_ratio(monthly) if len(monthly) >= LEAST_MONTHS else None,
        tests=() if name == Naive.name else _tests(rows, forecast, naive),
    )


def label_spans(rows: Dataset) -> LabelSpans:
    """Label spans of rows."""
    return LabelSpans(rows.as_of_ms, rows.label_end_ms)


def smaller_error(rows: Dataset, forecast: FloatArray, rival: FloatArray) -> ForecastTest:
    """Test by Diebold and Mariano whether a forecast's squared error is smaller than a rival's, both of shape (n,)."""
    return diebold_mariano(label_spans(rows), np.square(rows.y - forecast), np.square(rows.y - rival))


def right_signs(rows: Dataset, forecast: FloatArray, random_state: int = 7) -> MeanInterval | None:
    """Share of right signs with its bootstrap interval; returns of zero count for nobody, forecasts of zero for half.

    Parameters
    ----------
    rows
        The n judged rows.
    forecast
        Shape (n,): fractions.
    random_state
        Seed of the resamples.

    Returns
    -------
    MeanInterval or None
        None where no return moved.
    """
    moved = rows.y != 0
    if not moved.any():
        return None
    agreement = np.sign(rows.y[moved]) * np.sign(forecast[moved])
    return mean_interval(label_spans(rows.take(moved)), (agreement + 1) / 2, random_state=random_state)


def _tests(rows: Dataset, forecast: FloatArray, naive: FloatArray) -> tuple[ForecastTest, ...]:
    spans = label_spans(rows)
    return (
        smaller_error(rows, forecast, naive),
        clark_west(spans, rows.y, forecast, naive),
        pesaran_timmermann(spans, rows.y, forecast),
    )
