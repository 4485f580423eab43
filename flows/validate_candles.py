"""Flow: hold every stored series against its expectations."""

from __future__ import annotations

import time

from prefect import flow

from forecasting.adapters.validation_report import ValidationReport
from forecasting.adapters.workspace import open_workspace
from forecasting.settings import load_settings
from tasks.quality import validate_series


@flow(name="validate-candles", flow_run_name="validate candles")
def validate_candles(symbols: list[str] | None = None) -> list[ValidationReport]:
    """Validate stored candles with Great Expectations.

    Args:
        symbols: Only these markets; all that are stored when left empty.
    """
    settings = load_settings()
    suite = settings.expectations_folder / "candles.json"
    now_ms = int(time.time() * 1000)
    with open_workspace(settings) as workspace:
        spans = [span for span in workspace.candles.series() if symbols is None or span.symbol in symbols]
        return [validate_series(workspace, span, suite, now_ms) for span in spans]
