"""The services of the local stack: Prefect server, MLflow server, worker and API, and how each is started."""

from __future__ import annotations

from deployments.local.services import LOOPBACK, Service, python_module
from forecasting.settings import Settings

WORK_POOL = "foretick"


def prefect_server(settings: Settings, port: int) -> Service:
    """Prefect's API and UI, its database in the project's home folder."""
    return Service(
        "Prefect server",
        python_module("prefect", "server", "start", "--host", LOOPBACK, "--port", str(port)),
        settings.home / "logs" / "prefect-server.log",
        f"http://{LOOPBACK}:{port}/api/health",
        start_seconds=180.0,
    )


def mlflow_server(settings: Settings, port: int) -> Service:
    """MLflow's API and UI over the workspace's tracking database."""
    artifacts = (settings.mlflow_folder / "artifacts").as_uri()
    return Service(
        "MLflow server",
        python_module(
            "mlflow", "server", "--host", LOOPBACK, "--port", str(port), "--workers", "1",
            "--backend-store-uri", settings.tracking_uri, "--default-artifact-root", artifacts,
        ),
        settings.home / "logs" / "mlflow-server.log",
        f"http://{LOOPBACK}:{port}/health",
        start_seconds=180.0,
    )  # fmt: skip


def worker(settings: Settings) -> Service:
    """Return the Prefect worker that runs scheduled and triggered flows, each in a process of its own."""
    return Service(
        "Prefect worker",
        python_module(
            "prefect", "worker", "start", "--pool", WORK_POOL, "--type", "process",
            "--name", f"foretick-{settings.workspace}", "--limit", "2", "--install-policy", "never",
        ),
        settings.home / "logs" / "prefect-worker.log",
    )  # fmt: skip


def api_server(settings: Settings, port: int) -> Service:
    """Return the forecast API."""
    return Service(
        "API",
        python_module(
            "uvicorn", "serving.app:create_app", "--factory", "--host", LOOPBACK, "--port", str(port),
            "--no-access-log", "--no-server-header",
        ),
        settings.home / "logs" / "api.log",
        f"http://{LOOPBACK}:{port}/livez",
    )  # fmt: skip
