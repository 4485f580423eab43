"""The dashboard of one version: a single page that needs no network."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from forecasting.adapters.judged_rows import JudgedRows
from forecasting.adapters.report import charts
from forecasting.adapters.report.certainty import certainty
from forecasting.adapters.report.ensemble import members
from forecasting.adapters.report.facts import ReportFacts
from forecasting.adapters.report.groups import month_lines, regime_lines, symbol_lines, whole_line
from forecasting.adapters.report.looking import features
from forecasting.adapters.report.markup import figure, section, whole_page
from forecasting.adapters.report.newest import newest
from forecasting.adapters.report.proof import prove
from forecasting.adapters.report.tables import groups
from forecasting.adapters.report.tried import tried
from forecasting.adapters.report.verdict import contenders, head, reasons, tiles

_LABELS = (
    "Labels: most label spans of the group that do not overlap in time, whatever the symbol. With few of them every "
    "figure of the line is mostly luck. ± chance: one standard error of so many coin flips. Naive: the historical mean of "
    "the symbol. Saved: part of naive's squared error that is not made. In 90 %: returns inside their 90 % interval."
)
_BINS = (
    "Bins hold about a tenth of the rows each. Their intervals (95 %) count only labels that do not overlap; the number "
    "above a bin is how many these are. On the dashed line forecasts come true."
)
_Figure = tuple[str, Callable[[JudgedRows], str], str]
_COVERAGE: _Figure = (
    "Coverage over time",
    charts.coverage_over_time,
    "Share of returns inside the 90 % interval (blue) and the 80 % interval (green), as the bundle serves them, in up to "
    "30 periods; dashed: what was promised.",
)
_FIGURES: tuple[_Figure, ...] = (
    (
        "Predicted against realised, in bins",
        charts.realised_by_forecast,
        "Mean realised return of the rows with the lowest forecasts, the next, and so on.",
    ),
    (
        "Predicted against realised, row by row",
        charts.cloud,
        "A seeded sample of rows. The axes differ: returns vary far more than honest forecasts of them.",
    ),
    (
        "Calibration of the probability of a rise",
        charts.rise_reliability,
        "How often the return exceeded the horizon's threshold, by the probability that was told.",
    ),
    (
        "Calibration of the confidence",
        charts.sign_reliability,
        "How often the sign was right, by the confidence that was told. Returns of zero count for nobody.",
    ),
    (
        "Cumulative rank IC",
        charts.cumulative_ic,
        "What each label added to the rank correlation of all rows; the last value is the whole.",
    ),
    (
        "Squared error saved against naive",
        charts.gain_over_time,
        "Rising: better than the historical mean just then. The last value is the whole.",
    ),
    (
        "Residuals",
        charts.residual_histogram,
        "Dashed: the normal curve of the same mean and deviation. The outermost columns hold all that lies beyond.",
    ),
    (
        "Residuals over time",
        charts.residuals_over_time,
        "Mean absolute residual: a market that grows wilder shows here.",
    ),
)


def dashboard(facts: ReportFacts) -> str:
    """Write the whole page: verdict, plots, explanation, tables and newest forecasts."""
    whole, proof = whole_line(facts.judged), prove(facts.judged)
    body = (
        head(facts, proof),
        tiles(facts, whole),
        certainty(proof),
        reasons(facts.document),
        _plots(facts)
        if whole.rows
        else section("Plots", note="No row may judge this version, so nothing is drawn."),
        features(facts.explanation, facts.leaks),
        contenders(facts.document),
        members(facts),
        tried(facts.document, facts.search),
        groups("By symbol", "symbol", symbol_lines(facts.judged), _LABELS),
        groups(
            "By regime",
            "regime",
            regime_lines(facts.judged),
            "The market at the moment of the forecast: uptrend, downtrend or chop (neither) by its last 30 candles; unknown where "
            "candles are absent.",
        ),
        groups("By month", "month", month_lines(facts.judged)),
        newest(facts.latest),
        "<footer>Written by Foretick from its registry and store. Nothing here is advice.</footer>",
    )
    return whole_page(f"{facts.document['title']}: {facts.document['outcome']}", body)


def _plots(facts: ReportFacts) -> str:
    judged = facts.judged
    covered = () if np.isnan(judged.intervals).all() else (_COVERAGE,)
    drawn = "".join(figure(title, draw(judged), told) for title, draw, told in (*_FIGURES, *covered))
    return section("On the judged rows", f'<div class="plots">{drawn}</div>', note=_BINS)
