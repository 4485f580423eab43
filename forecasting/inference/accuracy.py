"""Tests whether forecasts are better than those of a baseline on the same rows; all are one-sided."""

from __future__ import annotations

import numpy as np

from forecasting.inference.result import LEAST_LABELS, ForecastTest
from forecasting.inference.smoothing import Smoothing, upper_tail
from forecasting.inference.spans import LabelSpans
from forecasting.metrics.columns import demand_rows
from forecasting.types import FloatArray


def diebold_mariano(
    spans: LabelSpans,
    loss: FloatArray,
    baseline_loss: FloatArray,
    smoothing: Smoothing = "periodogram",
) -> ForecastTest:
    """Test whether the mean loss is smaller than the baseline's.

    It compares forecasts as they are. Forecasts of nested models, where the larger one pays for what it estimates, are a
    question for `clark_west`.

    Parameters
    ----------
    spans
        Label spans of the rows.
    loss, baseline_loss
        Shape (n,): losses of both on the same rows.
    smoothing
        As for `upper_tail`.

    References
    ----------
    Diebold and Mariano (1995), Comparing Predictive Accuracy, Journal of Business and Economic Statistics 13(3).
    """
    demand_rows(loss=loss, baseline_loss=baseline_loss, spans=spans.as_of_ms.astype(np.float64))
    return mean_above_zero("Diebold-Mariano", "a smaller loss", spans, baseline_loss - loss, smoothing)


def clark_west(
    spans: LabelSpans,
    y: FloatArray,
    forecast: FloatArray,
    baseline: FloatArray,
    smoothing: Smoothing = "periodogram",
) -> ForecastTest:
    """Test whether the forecast knows something beyond the baseline, whatever its size costs in squared error.

    The squared-error difference is freed of what the forecast's own noise adds to it; what is left is
    ``2 (y - baseline) (forecast - baseline)``.

    Parameters
    ----------
    spans
        Label spans of the rows.
    y, forecast, baseline
        Shape (n,): realised returns and both forecasts, fractions.
    smoothing
        As for `upper_tail`.

    References
    ----------
    Clark and West (2007), Approximately normal tests for equal predictive accuracy in nested models, Journal of
    Econometrics 138(1).
    """
    demand_rows(y=y, forecast=forecast, baseline=baseline, spans=spans.as_of_ms.astype(np.float64))
    adjusted = 2 * (y - baseline) * (forecast - baseline)
    return mean_above_zero("Clark-West", "knowledge beyond the baseline", spans, adjusted, smoothing)


def pesaran_timmermann(
    spans: LabelSpans, y: FloatArray, forecast: FloatArray, smoothing: Smoothing = "periodogram"
) -> ForecastTest:
    """Test whether forecast and realised directions go together, beyond what always naming the commoner one gives.

    The covariance of both signs is tested with a variance that knows of overlapping labels; the published statistic
    assumes independent rows, and this one agrees with it there. Returns of exactly zero count for nobody.

    Parameters
    ----------
    spans
        Label spans of the rows.
    y, forecast
        Shape (n,): realised and forecast returns.
    smoothing
        As for `upper_tail`.

    References
    ----------
    Pesaran and Timmermann (1992), A Simple Nonparametric Test of Predictive Performance, Journal of Business and
    Economic Statistics 10(4); (2009), Testing Dependence Among Serially Correlated Multicategory Variables, JASA 104(485).
    """
    demand_rows(y=y, forecast=forecast, spans=spans.as_of_ms.astype(np.float64))
    moved = y != 0
    rose, named = np.sign(y[moved]), np.sign(forecast[moved])
    together = (rose - rose.mean()) * (named - named.mean()) if moved.any() else np.empty(0)
    return mean_above_zero(
        "Pesaran-Timmermann", "directions that go together", spans.take(moved), together, smoothing
    )


def mean_above_zero(
    name: str, claim: str, spans: LabelSpans, values: FloatArray, smoothing: Smoothing
) -> ForecastTest:
    """Test whether a mean is above zero; all rows of a moment are one observation."""
    by_moment = spans.mean_by_moment(values) if len(values) else values
    labels = spans.non_overlapping
    statistic, p_value = upper_tail(by_moment, spans.overlap, labels, smoothing)
    known = p_value if labels >= LEAST_LABELS else None
    return ForecastTest(name, claim, statistic, known, len(by_moment), labels)
