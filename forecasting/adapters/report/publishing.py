"""A report written where people look for it: in a folder, and beside the version's run in MLflow.

The explanation is written when a version is registered: it needs the rows it was fitted on, and no test row.
The page is written after the judging, from the rows that the judge has rebuilt: nothing here opens them earlier
or a second time.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from forecasting.adapters.judging import Judgement
from forecasting.adapters.model_cards import try_card
from forecasting.adapters.model_version import LEAK_CERTIFICATE, RegisteredVersion
from forecasting.adapters.report.artifacts import LEARNED_FEATURES, TOP_FEATURES, ReportArtifacts
from forecasting.adapters.report.facts import ReportFacts
from forecasting.adapters.report.judged_table import judged_csv
from forecasting.adapters.report.latest import latest_forecasts
from forecasting.adapters.report.page import dashboard
from forecasting.adapters.report.report_files import DASHBOARD, SHAP_SUMMARY, TEST, ReportFiles
from forecasting.adapters.workspace import Workspace
from forecasting.errors import UnknownVersion
from forecasting.explain.summary import Explanation


def publish_explanation(
    workspace: Workspace, version: RegisteredVersion, explanation: Explanation, folder: Path
) -> RegisteredVersion:
    """Keep what the features do, and tag the version with those that do most."""
    files = ReportFiles(folder, version.model_id)
    text = json.dumps(explanation.to_document(), indent=2, allow_nan=False)
    artifacts = ReportArtifacts(workspace.registry.tracking_uri)
    artifacts.write(version, {files.name(SHAP_SUMMARY): text})
    tags = {TOP_FEATURES: explanation.top_features(), LEARNED_FEATURES: explanation.learned_features()}
    artifacts.tag_features(version, tags)
    files.write({files.name(SHAP_SUMMARY): text})
    try_card(workspace, version)
    return workspace.registry.version(version.model_name, version.version)


def publish_report(
    workspace: Workspace,
    version: RegisteredVersion,
    judgement: Judgement,
    document: Mapping[str, Any],
    folder: Path,
) -> ReportFiles:
    """Write page and table of a version that was just judged.

    Parameters
    ----------
    workspace
        Where the newest candles and the explanation are.
    version, judgement
        What was judged, and on which rows.
    document
        The decision, as it was recorded.
    folder
        Folder of all reports.
    """
    files = ReportFiles(folder, version.model_id)
    artifacts = ReportArtifacts(workspace.registry.tracking_uri)
    told = artifacts.read(version, files.name(SHAP_SUMMARY))
    facts = ReportFacts(
        document=document,
        judged=judgement.judged,
        manifest=judgement.bundle.manifest,
        explanation=None if told is None else json.loads(told),
        search=judgement.bundle.forecaster.search_,
        leaks=version.tags.get(LEAK_CERTIFICATE, ""),
        latest=latest_forecasts(workspace, judgement.bundle.forecaster),
    )
    texts = {files.name(TEST): judged_csv(judgement.judged), files.name(DASHBOARD): dashboard(facts)}
    artifacts.write(version, texts)
    files.write(texts if told is None else {**texts, files.name(SHAP_SUMMARY): told})
    return files


def restore_report(workspace: Workspace, version: RegisteredVersion, folder: Path) -> ReportFiles:
    """Find the report of a version, and write again from the registry what is gone.

    Raises
    ------
    UnknownVersion
        The version has no page yet.
    """
    files = ReportFiles(folder, version.model_id)
    if not files.complete:
        artifacts = ReportArtifacts(workspace.registry.tracking_uri)
        names = [files.name(kind) for kind in (TEST, SHAP_SUMMARY, DASHBOARD)]
        kept = {name: text for name in names if (text := artifacts.read(version, name)) is not None}
        files.write(kept)
    if not files.dashboard.is_file():
        horizon = version.model_name.removeprefix("forecast-")
        raise UnknownVersion(
            f"{version.title} has no report yet, it is written when the version is judged: "
            f"foretick promote --horizon {horizon} --version {version.version}"
        )
    return files
