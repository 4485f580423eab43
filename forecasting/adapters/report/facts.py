"""All that a report is made of."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from forecasting.adapters.judged_rows import JudgedRows
from forecasting.forecaster.manifest import BundleManifest
from forecasting.search import Search


@dataclass(frozen=True, slots=True)
class LatestForecast:
    """The forecast of a symbol at its newest stored candle.

    Attributes
    ----------
    symbol
        Unified market name.
    as_of_ms, label_end_ms
        When it is made and what it reaches to, epoch milliseconds UTC.
    pred_return, p_up, conf
        As in `Forecasts`; None where the candles do not suffice.
    interval_90
        Ends of the 90 % interval, fractions; None where the bundle gives none.
    naive
        The historical mean, a fraction; None where there is no forecast.
    contributions
        What each member adds to it, by name, fractions: added in their order they give `pred_return` to the last bit.
    consensus
        How far the members agree, in [0, 1], as in `Forecasts`; None where there is no forecast.
    reason
        Why there is none; empty where there is one.
    """

    symbol: str
    as_of_ms: int
    label_end_ms: int
    pred_return: float | None
    p_up: float | None
    conf: float | None
    interval_90: tuple[float, float] | None = None
    naive: float | None = None
    contributions: tuple[tuple[str, float], ...] = ()
    consensus: float | None = None
    reason: str = ""


@dataclass(frozen=True, slots=True, eq=False)
class ReportFacts:
    """What was decided on a version, on which rows, and why the model says what it says.

    Attributes
    ----------
    document
        The decision, as it is kept in the collection `decisions`.
    judged
        The rows it rests on.
    manifest
        What the bundle says of itself.
    explanation
        Content of `{model_id}_shap_summary.json`; None where the version was never explained.
    search
        What its training tried.
    leaks
        What its leak certificate says: `passed`, or the first leak; empty where nobody tried.
    latest
        One forecast for each symbol, made when the report was written.
    """

    document: Mapping[str, Any]
    judged: JudgedRows
    manifest: BundleManifest
    explanation: Mapping[str, Any] | None
    search: Search
    leaks: str
    latest: tuple[LatestForecast, ...]
