"""`foretick report`: where the report of a version is, written again from the registry where the files are gone."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.text import Text

from commands.console import Screen
from commands.options import Json, Workspace, split
from commands.running import prepared
from forecasting.errors import InvalidSettings, UnknownVersion
from forecasting.horizons import find_horizon, load_horizons

if TYPE_CHECKING:
    from forecasting.adapters.model_version import RegisteredVersion
    from forecasting.adapters.report.report_files import ReportFiles
    from forecasting.adapters.workspace import Workspace as OpenWorkspace


def report(
    horizon: Annotated[
        list[str] | None,
        typer.Option(help="Horizons, as in 1h,1d; all that have a judged version by default."),
    ] = None,
    version: Annotated[
        str | None,
        typer.Option(help="One registered version instead of the newest judged; needs one --horizon."),
    ] = None,
    open_path: Annotated[
        bool, typer.Option("--open-path", help="Print only the path of each page, for a browser to open.")
    ] = False,
    workspace: Workspace = None,
    as_json: Json = False,
) -> None:
    """Tell where the report of a version is: its page, its judged rows as CSV, its explanation as JSON.

    The report is written when `foretick promote` judges a version. Files that are gone come back from MLflow.

    Example: foretick report --horizon 1h
    """
    from forecasting.adapters.report.publishing import restore_report
    from forecasting.adapters.workspace import open_workspace

    settings = prepared(workspace)
    horizons = load_horizons(settings.horizons_file)
    models = [find_horizon(horizons, name).model_name for name in split(horizon) or horizons]
    if version is not None and len(models) != 1:
        raise InvalidSettings(
            f"version {version} was given with {len(models)} horizons: exactly one is needed"
        )
    with open_workspace(settings) as opened:
        found = [
            (each, restore_report(opened, each, settings.report_folder))
            for each in _versions(opened, models, version)
        ]
    screen = Screen(as_json)
    screen.show(*(_told(each, files, open_path) for each, files in found), soft_wrap=True)
    screen.result([_document(each, files) for each, files in found])


def _versions(opened: OpenWorkspace, models: list[str], version: str | None) -> list[RegisteredVersion]:
    """Return the version that is asked for, or the newest judged one of each model.

    Raises
    ------
    UnknownVersion
        No version was judged yet.
    """
    if version is not None:
        return [opened.registry.version(model, version) for model in models]
    newest = [
        judged[0]
        for model in models
        if (judged := [each for each in opened.registry.versions(model) if each.decision])
    ]
    if not newest:
        raise UnknownVersion(
            f"no version of {', '.join(models)} was judged yet, so there is no report: foretick promote judges the newest"
        )
    return newest


def _told(version: RegisteredVersion, files: ReportFiles, open_path: bool) -> Text:
    if open_path:
        return Text(str(files.dashboard))
    paths = [path for path in (files.dashboard, files.test, files.shap_summary) if path.is_file()]
    lines = [
        f"{version.title} ({version.model_id}): {version.decision or 'kept'}",
        *(f"  {path}" for path in paths),
    ]
    return Text("\n".join(lines))


def _document(version: RegisteredVersion, files: ReportFiles) -> dict[str, Any]:
    paths = {"dashboard": files.dashboard, "test": files.test, "shap_summary": files.shap_summary}
    return {
        "model": version.model_name,
        "version": version.version,
        "model_id": version.model_id,
        "decision": version.decision,
        "files": {name: str(path) for name, path in paths.items() if path.is_file()},
    }
