"""Tasks that report on registered versions; none of them can undo what was registered or decided."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import Any

from prefect import task
from prefect.cache_policies import NO_CACHE

from forecasting.adapters.judging import Judgement
from forecasting.adapters.model_version import RegisteredVersion
from forecasting.adapters.report.publishing import publish_explanation, publish_report
from forecasting.adapters.workspace import Workspace
from forecasting.dataset import Dataset
from forecasting.explain.summary import explain
from forecasting.forecaster.forecaster import Forecaster

_log = logging.getLogger(__name__)


@task(name="explain-candidate", task_run_name="explain {version.title}", cache_policy=NO_CACHE)
def explain_candidate(
    workspace: Workspace, version: RegisteredVersion, forecaster: Forecaster, rows: Dataset, folder: Path
) -> RegisteredVersion:
    """Say which features move the forecasts; the version, with its top features as a tag."""
    try:
        explanation = explain(forecaster, rows, version.model_id)
        for finding in explanation.findings:
            _log.warning("%s: %s", forecaster.horizon.name, finding)
        return publish_explanation(workspace, version, explanation, folder)
    except Exception as error:  # whatever goes wrong here, the model stays registered
        _log.warning("%s is registered, but could not be explained: %s", version.title, _one_line(error))
        return version


@task(name="write-report", task_run_name="report {version.title}", cache_policy=NO_CACHE)
def write_report(
    workspace: Workspace,
    version: RegisteredVersion,
    judgement: Judgement,
    document: dict[str, Any],
    folder: Path,
) -> Path | None:
    """Write the report of a version that was just judged; where its page is, or None when that failed."""
    try:
        page = publish_report(workspace, version, judgement, document, folder).dashboard
    except Exception as error:  # whatever goes wrong here, the decision stands
        _log.warning(
            "%s is decided, but its report could not be written: %s", version.title, _one_line(error)
        )
        return None
    _log.info("%s: report in %s", version.title, page)
    return page


def _one_line(error: Exception) -> str:
    return " ".join(str(error).split()) or type(error).__name__
