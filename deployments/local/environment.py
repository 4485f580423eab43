"""The environment that every process of Foretick runs in: nothing is sent home, nothing is written elsewhere."""

from __future__ import annotations

import os
from collections.abc import Mapping

from forecasting.errors import ServiceFailed
from forecasting.settings import Settings

LOGGERS = ("flows", "tasks", "forecasting")


def process_environment(settings: Settings) -> dict[str, str]:
    """Variables that the libraries of the stack read when they are imported.

    Databases and caches stay in the project's own folder, telemetry is off, and waits are bounded. The
    workspace is handed on, so that a worker's flow runs use the one that started them.
    """
    home, direct = settings.home, _direct_hosts()
    return {
        "NO_PROXY": direct,
        "no_proxy": direct,
        "FORETICK_WORKSPACE": settings.workspace,
        "FORETICK_HOME": str(home),
        "FORETICK_MLRUNS": str(settings.mlruns),
        "FORETICK_HORIZONS": str(settings.horizons_file.absolute()) if settings.horizons_file else "",
        "MLFLOW_TRACKING_URI": settings.mlflow_tracking_uri or "",
        "PREFECT_HOME": str(home / "prefect"),
        "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
        "PREFECT_SERVER_EPHEMERAL_STARTUP_TIMEOUT_SECONDS": "180",
        "PREFECT_LOGGING_HANDLERS_CONSOLE_LEVEL": "CRITICAL",
        "PREFECT_LOGGING_EXTRA_LOGGERS": ",".join(LOGGERS),
        "PREFECT_LOGGING_TO_API_WHEN_MISSING_FLOW": "ignore",
        "PREFECT_CLI_COLORS": "false",
        "DO_NOT_TRACK": "true",
        "MLFLOW_DISABLE_TELEMETRY": "true",
        "MLFLOW_SERVER_ENABLE_JOB_EXECUTION": "false",
        "MLFLOW_HTTP_REQUEST_MAX_RETRIES": "2",
        "MLFLOW_HTTP_REQUEST_TIMEOUT": "10",
        "GX_ANALYTICS_ENABLED": "false",
        "MPLCONFIGDIR": str(home / "cache" / "matplotlib"),
    }


def _direct_hosts() -> str:
    """Hosts that are reached without the user's proxy: those the user named, and our own servers on loopback."""
    named = [
        host.strip() for host in (os.environ.get("no_proxy") or os.environ.get("NO_PROXY", "")).split(",")
    ]
    if "*" in named:
        return "*"
    return ",".join(dict.fromkeys([*filter(None, named), "127.0.0.1", "localhost"]))


def apply_environment(settings: Settings, environment: Mapping[str, str] | None = None) -> None:
    """Set the variables for this process and those it starts; call it before Prefect or MLflow are imported.

    Raises
    ------
    ServiceFailed
        The home folder is not there and cannot be made.
    """
    try:
        settings.home.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise ServiceFailed(
            f"folder {settings.home} cannot be made ({error.strerror}): name a writable one in FORETICK_HOME"
        ) from error
    os.environ.update(process_environment(settings) if environment is None else environment)
