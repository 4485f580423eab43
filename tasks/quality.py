"""Tasks that check what is stored before anything is trained on it."""

from __future__ import annotations

import logging
from pathlib import Path

from prefect import task
from prefect.artifacts import create_markdown_artifact
from prefect.cache_policies import NO_CACHE

from forecasting.adapters.expectations import check_stored
from forecasting.adapters.store.collections import VALIDATIONS
from forecasting.adapters.validation_report import ValidationReport
from forecasting.adapters.workspace import Workspace
from forecasting.planning import SeriesSpan

_log = logging.getLogger(__name__)


@task(name="validate-series", task_run_name="validate {span.title}", cache_policy=NO_CACHE)
def validate_series(workspace: Workspace, span: SeriesSpan, suite: Path, now_ms: int) -> ValidationReport:
    """Hold one stored series against its suite, and keep the report."""
    _log.info("checking %s", span.title)
    candles = workspace.candles.read_candles(span.symbol, span.interval)
    report = check_stored(candles, suite, now_ms).report
    workspace.store.put(VALIDATIONS, report.to_document())
    key = f"validation-{span.symbol}-{span.interval}".lower().replace("/", "-").replace(":", "-")
    create_markdown_artifact(report.to_markdown(), key=key, description=f"Validation of {span.title}")
    return report
