"""The services of the local stack: Prefect, MLflow, worker, API and alias follower, and how each is started."""

from __future__ import annotations

from deployments.local.deployment_file import deployment_file
from deployments.local.services import LOOPBACK, Service, python_module, web_address
from forecasting.settings import Settings

WORK_POOL = "foretick"
PREFECT = "Prefect server"
WORKER = "Prefect worker"


def prefect_server(settings: Settings, port: int) -> Service:
    """Prefect's API and UI, its database in the project's home folder."""
    return Service(
        PREFECT,
        python_module(
            "deployments.local.prefect_process", "server", "start", "--host", LOOPBACK, "--port", str(port)
        ),
        settings.home / "logs" / "prefect-server.log",
        f"http://{LOOPBACK}:{port}/api/health",
        start_seconds=180.0,
        # Its services fail without anybody noticing otherwise.
        environment={"PREFECT_LOGGING_HANDLERS_CONSOLE_LEVEL": "WARNING"},
    )


def mlflow_server(settings: Settings, port: int) -> Service:
    """MLflow's API and UI over the workspace's tracking database."""
    artifacts = (settings.mlflow_folder / "artifacts").as_uri()
    return Service(
        "MLflow server",
        python_module(
            "mlflow", "server", "--host", LOOPBACK, "--port", str(port), "--workers", "1",
            "--default-artifact-root", artifacts,
        ),
        settings.home / "logs" / "mlflow-server.log",
        f"http://{LOOPBACK}:{port}/health",
        start_seconds=180.0,
        # The address of a database may hold a password.
        environment={"MLFLOW_BACKEND_STORE_URI": settings.tracking_uri, "MLFLOW_TRACKING_URI": ""},
    )  # fmt: skip


def worker(settings: Settings, health_port: int) -> Service:
    """Return the Prefect worker that runs scheduled and triggered flows, each in a process of its own."""
    return Service(
        WORKER,
        python_module(
            "prefect", "worker", "start", "--pool", WORK_POOL, "--type", "process", "--with-healthcheck",
            "--name", f"foretick-{settings.workspace}", "--limit", "2", "--install-policy", "never",
        ),
        settings.home / "logs" / "prefect-worker.log",
        f"http://{LOOPBACK}:{health_port}/health",
        environment={
            "PREFECT_WORKER_WEBSERVER_HOST": LOOPBACK,
            "PREFECT_WORKER_WEBSERVER_PORT": str(health_port),
            "PREFECT_WORKER_QUERY_SECONDS": "2",
            "PREFECT_LOGGING_HANDLERS_CONSOLE_LEVEL": "INFO",
        },
    )  # fmt: skip


def deployment(settings: Settings) -> Service:
    """Return the command that puts the deployments of prefect.yaml and those of own horizons in place, and ends."""
    file = str(deployment_file(settings))
    return Service(
        "Deploying prefect.yaml",
        python_module("prefect", "--no-prompt", "deploy", "--all", "--prefect-file", file),
        settings.home / "logs" / "prefect-deploy.log",
    )


def alias_follower(settings: Settings) -> Service:
    """Return the process that applies what people ask for by moving MLflow's aliases."""
    return Service(
        "Alias follower",
        python_module("commands.app", "aliases", "--follow"),
        settings.home / "logs" / "alias-follower.log",
        environment={"PYTHONUNBUFFERED": "1"},
    )


def api_server(settings: Settings, port: int, host: str = LOOPBACK) -> Service:
    """Return the forecast API; whoever binds it elsewhere than to loopback has seen to it that a key exists."""
    return Service(
        "API",
        python_module("serving.server", "--host", host, "--port", str(port)),
        settings.home / "logs" / "api.log",
        f"{web_address(host, port)}/livez",
    )
