"""The plots of a report, each from the judged rows to one SVG."""

from __future__ import annotations

import numpy as np

from forecasting.adapters.judged_rows import JudgedRows
from forecasting.adapters.report.axes import number_axis, time_axis
from forecasting.adapters.report.drawing import Plot, spread
from forecasting.adapters.report.periods import (
    absolute_residuals,
    coverage_by_period,
    cumulative_gain,
    cumulative_rank_ic,
)
from forecasting.adapters.report.proof import judged_directions
from forecasting.evaluation.bins import Bin, probability_bins, return_bins
from forecasting.inference.spans import LabelSpans
from forecasting.types import FloatArray, IntArray

LEVELS = (0.8, 0.9)
MOST_DOTS = 700
MOST_POINTS = 400
_COLUMNS = 41


def realised_by_forecast(judged: JudgedRows) -> str:
    """Mean realised return of rows sorted by their forecast, against the line where both are equal."""
    bins = return_bins(judged.candidate.pred_return, judged.rows.y, _spans(judged))
    ends = [each.forecast for each in bins]
    bounds = [bound for each in bins for bound in (each.low, each.high)]
    plot = Plot(
        number_axis("mean forecast return", ends, percent=True),
        number_axis("mean realised return", [*bounds, *ends], percent=True),
    )
    return plot.svg(
        "Mean realised return by forecast return",
        plot.level(0, "zero"),
        _diagonal(plot, ends),
        *_points(plot, bins),
    )


def cloud(judged: JudgedRows) -> str:
    """Forecast and realised return of a seeded sample of rows."""
    forecast, y = judged.candidate.pred_return, judged.rows.y
    chosen = np.arange(len(y))
    if len(chosen) > MOST_DOTS:
        chosen = np.random.default_rng(0).choice(chosen, MOST_DOTS, replace=False)
    across, up = spread(forecast), spread(y)
    plot = Plot(
        number_axis("forecast return", [-across, across], percent=True),
        number_axis("realised return", [-up, up], percent=True),
    )
    return plot.svg(
        "Forecast and realised return, row by row",
        plot.level(0, "zero"),
        plot.dots(forecast[chosen], y[chosen], "dot", 2.0),
        _diagonal(plot, [-across, across]),
    )


def rise_reliability(judged: JudgedRows) -> str:
    """How often the return exceeded the threshold, by the probability that was given to it."""
    happened = (judged.rows.y > judged.candidate.threshold).astype(np.float64)
    return _reliability(judged.candidate.p_up, happened, _spans(judged), "probability of a rise", "rises")


def sign_reliability(judged: JudgedRows) -> str:
    """How often the sign was right, by the confidence that was told; returns of zero count for nobody."""
    moved = judged_directions(judged)
    y, forecast = judged.rows.y[moved], judged.candidate.pred_return[moved]
    right = (np.sign(y) == np.sign(forecast)).astype(np.float64)
    return _reliability(
        judged.candidate.conf[moved], right, _spans(judged).take(moved), "confidence", "right signs"
    )


def _reliability(
    probability: FloatArray, happened: FloatArray, spans: LabelSpans, told: str, found: str
) -> str:
    bins = probability_bins(probability, happened, spans)
    ends = [each.forecast for each in bins]
    plot = Plot(
        number_axis(told, ends, percent=True),
        number_axis(
            f"share of {found}",
            [bound for each in bins for bound in (each.low, each.high, each.forecast)],
            percent=True,
        ),
    )
    labels = plot.texts(ends, [each.high for each in bins], [f"{each.labels:,}" for each in bins], "count")
    return plot.svg(f"Share of {found} by {told}", _diagonal(plot, ends), *_points(plot, bins), labels)


def _points(plot: Plot, bins: tuple[Bin, ...]) -> tuple[str, str]:
    xs, ys = [each.forecast for each in bins], [each.realised for each in bins]
    titles = [
        f"forecast {100 * each.forecast:.3f} %, found {100 * each.realised:.3f} % "
        f"in {each.rows:,} rows, {each.labels:,} labels that do not overlap"
        for each in bins
    ]
    whiskers = plot.whiskers(xs, [each.low for each in bins], [each.high for each in bins], "whisker")
    return whiskers, plot.dots(xs, ys, "point", 4.5, titles)


def _diagonal(plot: Plot, values: list[float]) -> str:
    """Line of forecasts that come true, over the span of the values."""
    return plot.line(ends := (min(values), max(values)), ends, "ideal") if values else ""


def _spans(judged: JudgedRows) -> LabelSpans:
    return LabelSpans(judged.rows.as_of_ms, judged.rows.label_end_ms)


def cumulative_ic(judged: JudgedRows) -> str:
    """Draw how the rank correlation of all rows builds up; a forecast that orders nothing wanders about zero."""
    return _over_time("Cumulative rank IC", "rank IC so far", *cumulative_rank_ic(judged))


def gain_over_time(judged: JudgedRows) -> str:
    """Draw what part of naive's squared error was saved so far; falling means worse than naive."""
    moments, gain = cumulative_gain(judged)
    return _over_time("Squared error saved against naive", "squared error saved", moments, gain, percent=True)


def residuals_over_time(judged: JudgedRows) -> str:
    """Draw the mean absolute residual along time: a market that grows wilder shows here."""
    starts, size = absolute_residuals(judged)
    return _over_time("Mean absolute residual", "mean |residual|", starts, size, percent=True)


def coverage_over_time(judged: JudgedRows) -> str:
    """Draw the shares of returns inside their intervals along time, against what was promised."""
    starts, shares = coverage_by_period(judged)
    at = starts.astype(np.float64)
    plot = Plot(
        time_axis("UTC", starts), number_axis("share inside", [*shares.ravel(), *LEVELS], percent=True)
    )
    promised = (plot.level(level, "ideal") for level in LEVELS)
    curves = (
        plot.line(at, share, style) for share, style in zip(shares.T, ("curve second", "curve"), strict=True)
    )
    return plot.svg("Coverage of the intervals over time", *promised, *curves)


def _over_time(
    label: str, title: str, moments: IntArray, values: FloatArray, *, percent: bool = False
) -> str:
    kept = np.unique(np.linspace(0, len(moments) - 1, min(len(moments), MOST_POINTS)).astype(np.int64))
    xs, ys = moments[kept], values[kept]
    plot = Plot(time_axis("UTC", xs), number_axis(title, [0.0, *ys], percent=percent))
    return plot.svg(label, plot.level(0, "zero"), plot.line(xs.astype(np.float64), ys, "curve"))


def residual_histogram(judged: JudgedRows) -> str:
    """Residuals in columns, with the normal curve of the same deviation."""
    residual = judged.rows.y - judged.candidate.pred_return
    reach = spread(residual) or 1e-9
    edges = np.linspace(-reach, reach, _COLUMNS + 1)
    share = np.histogram(np.clip(residual, -reach, reach), edges)[0] / max(1, len(residual))
    middle, deviation = float(residual.mean()), float(residual.std()) or 1e-9
    at = np.linspace(-reach, reach, 121)
    width = edges[1] - edges[0]
    normal = width * np.exp(-0.5 * np.square((at - middle) / deviation)) / (deviation * np.sqrt(2 * np.pi))
    plot = Plot(
        number_axis("realised less forecast return", [-reach, reach], percent=True),
        number_axis("share of rows", [0.0, *share, *normal], percent=True),
    )
    return plot.svg(
        "Residuals and the normal curve", plot.columns(edges, share, "column"), plot.line(at, normal, "ideal")
    )
