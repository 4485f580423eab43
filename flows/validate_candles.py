"""Flow: hold every stored series, the events and the served forecasts against their expectations."""

from __future__ import annotations

import logging
import time
from collections.abc import Sequence

from prefect import flow

from forecasting.adapters.expectations.validation_report import ValidationReport
from forecasting.adapters.model_settings.overriding import horizons_in_force
from forecasting.adapters.workspace import open_workspace
from forecasting.errors import NotEnoughHistory, UnknownSymbol
from forecasting.planning import SeriesSpan
from forecasting.settings import load_settings
from forecasting.types import parse_symbol
from tasks.quality import validate_events, validate_forecasts, validate_series

_log = logging.getLogger(__name__)


@flow(name="validate-candles", flow_run_name="validate candles")
def validate_candles(symbols: list[str] | None = None) -> list[ValidationReport]:
    """Validate stored candles, events and served forecasts with Great Expectations; only candles are stopped.

    Args:
        symbols: Only these markets; all that are stored when left empty.
    """
    settings = load_settings()
    suites, now_ms = settings.expectations_folder, int(time.time() * 1000)
    with open_workspace(settings) as workspace:
        spans = _chosen(workspace.candles.series(), symbols)
        _tell(validate_events(workspace, suites / "events.json", now_ms))
        horizons = horizons_in_force(workspace.store, settings.horizons_file)
        _tell(validate_forecasts(workspace, suites / "forecasts.json", now_ms, horizons))
        return [validate_series(workspace, span, suites / "candles.json", now_ms) for span in spans]


def _tell(report: ValidationReport | None) -> None:
    if report is None:
        return
    for check in report.failed("stop") + report.failed("warn"):
        _log.warning("%s: %s: %s", report.subject, check.name, check.briefly)


def _chosen(stored: Sequence[SeriesSpan], symbols: Sequence[str] | None) -> list[SeriesSpan]:
    known = {span.symbol for span in stored}
    wanted = known if not symbols else {parse_symbol(symbol) for symbol in symbols}
    if not known:
        raise NotEnoughHistory("no candles are stored: ingest some first")
    if unknown := wanted - known:
        raise UnknownSymbol(
            f"no candles of {', '.join(sorted(unknown))} are stored: any of {', '.join(sorted(known))} is needed"
        )
    return [span for span in stored if span.symbol in wanted]
