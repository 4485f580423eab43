"""Tasks that check what is stored, and what is made of it, before anything is trained on it."""

from __future__ import annotations

import logging
import re
from collections.abc import Mapping
from pathlib import Path

from prefect import task
from prefect.artifacts import create_markdown_artifact
from prefect.cache_policies import NO_CACHE

from forecasting.adapters.expectations.candles import check_stored
from forecasting.adapters.expectations.checked_rows import CheckedRows
from forecasting.adapters.expectations.events import check_events
from forecasting.adapters.expectations.features import check_features
from forecasting.adapters.expectations.validation_report import ValidationReport
from forecasting.adapters.served_forecasts import check_served_forecasts
from forecasting.adapters.store.collections import VALIDATIONS
from forecasting.adapters.workspace import Workspace
from forecasting.dataset import Dataset
from forecasting.errors import InvalidFeatures
from forecasting.horizons import Horizon
from forecasting.planning import SeriesSpan

_log = logging.getLogger(__name__)


@task(name="validate-series", task_run_name="validate {span.title}", cache_policy=NO_CACHE)
def validate_series(workspace: Workspace, span: SeriesSpan, suite: Path, now_ms: int) -> ValidationReport:
    """Hold one stored series against its suite, and keep the report."""
    _log.info("checking %s", span.title)
    return keep_report(
        workspace, check_stored(workspace.candles.read_candles(span.symbol, span.interval), suite, now_ms)
    )


@task(name="validate-events", task_run_name="validate events", cache_policy=NO_CACHE)
def validate_events(workspace: Workspace, suite: Path, now_ms: int) -> ValidationReport | None:
    """Hold the stored events against their suite, and keep the report; None when there are no events."""
    records = [each.record for each in workspace.events.find()]
    return keep_report(workspace, check_events(records, suite, now_ms)) if records else None


@task(name="validate-forecasts", task_run_name="validate forecasts", cache_policy=NO_CACHE)
def validate_forecasts(
    workspace: Workspace, suite: Path, now_ms: int, horizons: Mapping[str, Horizon]
) -> ValidationReport | None:
    """Hold the served forecasts against their suite, and keep the report; None when none was served."""
    checked = check_served_forecasts(workspace, suite, now_ms, horizons)
    return None if checked is None else keep_report(workspace, checked)


@task(name="validate-rows", task_run_name="validate rows {horizon.name}", cache_policy=NO_CACHE)
def validate_rows(
    workspace: Workspace, horizon: Horizon, rows: Dataset, suite: Path, now_ms: int
) -> ValidationReport:
    """Hold features and labels against their suite, keep the report, and refuse what may not be trained on."""
    report = keep_report(workspace, check_features(rows, suite, now_ms, f"features of {horizon.name}"))
    for check in report.failed("warn"):
        _log.warning("%s: %s: %s", report.subject, check.name, check.briefly)
    if not report.success:
        raise InvalidFeatures(f"{report.reason}: see {workspace.data_docs.index}")
    return report


def keep_report(workspace: Workspace, checked: CheckedRows) -> ValidationReport:
    """Keep the report in the store, its page among the Data Docs, and both at the Prefect run."""
    report = checked.report
    workspace.store.put(VALIDATIONS, report.to_document())
    page = workspace.data_docs.write(checked)
    create_markdown_artifact(
        f"{report.to_markdown()}\n\n"
        f"[Data Docs]({workspace.data_docs.address(page)}), while `foretick up` or `foretick serve` runs; the file is `{page}`",
        key=f"validation-{re.sub(r'[^a-z0-9]+', '-', report.subject.lower())}",
        description=f"Validation of {report.subject}",
    )
    return report
