"""What contenders are worth on the same rows, and whether a distance between two of them is more than chance."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from scipy.stats import rankdata

from benchmarks.peers.judged import Told
from forecasting.dataset import Dataset
from forecasting.inference.accuracy import diebold_mariano
from forecasting.inference.bootstrap import mean_interval
from forecasting.inference.spans import LabelSpans
from forecasting.metrics import directional_accuracy, interval_coverage, interval_width, r2_against, rank_ic
from forecasting.types import FloatArray

NAIVE = "naive"
LEVEL = 0.9


@dataclass(frozen=True, slots=True)
class Quality:
    """Scores of one contender; R2 and the p-value are against naive, the Brier skill against its rate of rises."""

    r2: float
    rank_ic: float
    brier_skill: float
    coverage: float
    width: float
    right: float
    p_value: float | None
    labels: int


@dataclass(frozen=True, slots=True)
class Distance:
    """How much better one contender is than another by one score, and the ends of that in nine samples of ten."""

    score: str
    rival: str
    mean: float
    low: float
    high: float


def score(rows: Dataset, told: Told, naive: Told) -> Quality:
    """Score one contender on the judged rows; returns of zero count for nobody's probability."""
    spans, y = LabelSpans(rows.as_of_ms, rows.label_end_ms), rows.y
    found = diebold_mariano(spans, np.square(y - told.pred_return), np.square(y - naive.pred_return))
    ic = rank_ic(y, told.pred_return)
    moved = y != 0
    losses, base = (np.square((y > 0) - each.p_up)[moved] for each in (told, naive))
    return Quality(
        r2=r2_against(y, told.pred_return, naive.pred_return),
        rank_ic=math.nan if ic is None else ic,
        brier_skill=float(1 - losses.mean() / base.mean()),
        coverage=interval_coverage(y, told.low, told.high),
        width=interval_width(told.low, told.high),
        right=directional_accuracy(y, told.pred_return),
        p_value=None if told is naive else found.p_value,
        labels=found.labels,
    )


def distances(rows: Dataset, ours: Told, rivals: Mapping[str, Told]) -> list[Distance]:
    """Ours less the best rival, by R2, rank IC and Brier skill; blocks of moments are drawn, two labels long.

    Each score is a mean over rows once its denominator (naive's loss, the spread of ranks) is taken as it is, so its
    chance is that of a mean.
    """
    found = []
    for name, values in {"R2": _r2_terms, "rank IC": _ic_terms, "Brier skill": _brier_terms}.items():
        terms = {each: values(rows, told, rivals[NAIVE]) for each, told in rivals.items()}
        best = max(terms, key=lambda each: float(terms[each].mean()))
        spans = LabelSpans(rows.as_of_ms, rows.label_end_ms)
        known = mean_interval(spans, values(rows, ours, rivals[NAIVE]) - terms[best])
        found.append(Distance(name, best, known.mean, known.low, known.high))
    return found


def _r2_terms(rows: Dataset, told: Told, naive: Told) -> FloatArray:
    base = np.square(rows.y - naive.pred_return)
    terms: FloatArray = (base - np.square(rows.y - told.pred_return)) / base.mean()
    return terms


def _ic_terms(rows: Dataset, told: Told, _naive: Told) -> FloatArray:
    forecast, y = _standard_ranks(told.pred_return), _standard_ranks(rows.y)
    return forecast * y


def _brier_terms(rows: Dataset, told: Told, naive: Told) -> FloatArray:
    base, loss = (np.where(rows.y != 0, np.square((rows.y > 0) - each.p_up), 0.0) for each in (naive, told))
    terms: FloatArray = (base - loss) / base.mean()
    return terms


def _standard_ranks(values: FloatArray) -> FloatArray:
    ranks = rankdata(values)
    spread = ranks.std()
    standard: FloatArray = (ranks - ranks.mean()) / spread if spread > 0 else np.zeros(len(ranks))
    return standard


@dataclass(frozen=True, slots=True)
class ConfidenceBin:
    """Rows of like confidence: what was said, how often the sign was right, and its standard error."""

    low: float
    high: float
    rows: int
    labels: int
    mean_conf: float
    right: float
    standard_error: float


def reliability(
    rows: Dataset, pred_return: FloatArray, conf: FloatArray, bins: int = 5
) -> list[ConfidenceBin]:
    """Confidence against the share of right signs in bins of equal size; the error counts labels that do not overlap."""
    counted = (rows.y != 0) & (pred_return != 0)
    y, said, forecast, chosen = rows.y[counted], conf[counted], pred_return[counted], rows.take(counted)
    edges = np.unique(np.quantile(said, np.linspace(0, 1, bins + 1)))
    place = np.clip(np.searchsorted(edges, said, side="right") - 1, 0, max(0, len(edges) - 2))
    found = []
    for number in np.unique(place).tolist():
        inside = place == number
        part = chosen.take(inside)
        labels = LabelSpans(part.as_of_ms, part.label_end_ms).non_overlapping
        right, mean = (
            float(np.mean(np.sign(y[inside]) == np.sign(forecast[inside]))),
            float(said[inside].mean()),
        )
        error = math.sqrt(mean * (1 - mean) / labels)
        bounds = float(said[inside].min()), float(said[inside].max())
        found.append(ConfidenceBin(*bounds, int(inside.sum()), labels, mean, right, error))
    return found
