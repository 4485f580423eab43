"""What a forecast costs: `python -m benchmarks.serving [FOLDER]`, beside `mlflow models serve` of the same registered model.

One machine, one run: the API, wrk or the paced client, and for the first figure a training, share its cores. The model is a 1h
recipe with all its members, trained on 100 simulated markets; FOLDER keeps the installation for another run.
"""

from __future__ import annotations

import contextlib
import json
import os
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import httpx

from benchmarks.figures import Figure, report
from benchmarks.serving.installation import HORIZON, SYMBOLS, install, workspace_settings
from benchmarks.serving.load import JSON, Request, Throughput, most, paced
from deployments.local.environment import apply_environment
from deployments.local.services import Service, python_module, running
from deployments.local.stack import api_server
from forecasting.settings import Settings

FILE = "model-uri.txt"
RATE = 50.0
PACED_SECONDS = 20.0
WRK_SECONDS = 5
BATCHES = 50
TIMES_MLFLOW = 20.0
LOAD_SECONDS = 60.0


def measure(settings: Settings, model_uri: str, folder: Path) -> list[Figure]:
    """All figures of one installation."""
    port = _free_port()
    with running(api_server(settings, port)):
        _demand_model(port)
        cached = Request(port, "/api/forecast", _question(), JSON)
        fresh = replace(cached, headers={**JSON, "Cache-Control": "no-cache"})
        paced(fresh, RATE, 2.0)
        alone = paced(fresh, RATE, PACED_SECONDS)
        with _training(folder):
            beside = paced(fresh, RATE, PACED_SECONDS)
        # Before the load, whose forecasts are still being logged for seconds after it.
        batch = _batch_milliseconds(port)
        ours, computed = most(cached, WRK_SECONDS), most(fresh, WRK_SECONDS)
    theirs = _mlflow(settings, model_uri, folder)
    lost = alone.failed + beside.failed + ours.failed + computed.failed
    return [
        Figure("uncached forecast, 50 requests/s, p50", alone.quantile(0.5), "ms"),
        Figure("uncached forecast, 50 requests/s, p99", alone.quantile(0.99), "ms"),
        Figure(
            "the same while a training runs beside it, p50", beside.quantile(0.5), "ms", 3.0, at_least=False
        ),
        Figure(
            "the same while a training runs beside it, p99", beside.quantile(0.99), "ms", 15.0, at_least=False
        ),
        Figure("cached answers of one process", ours.per_second, "requests/s", 2000.0),
        Figure("uncached answers of one process", computed.per_second, "requests/s"),
        Figure("mlflow models serve, the same model on a row of features", theirs.per_second, "requests/s"),
        Figure("cached answers against it", ours.per_second / theirs.per_second, "times", TIMES_MLFLOW),
        Figure("uncached answers against it", computed.per_second / theirs.per_second, "times"),
        Figure("batch of 100 markets, uncached, median", batch, "ms", 50.0, at_least=False),
        Figure("our answers that were not 200", float(lost), "requests", 0.0, at_least=False),
    ]


def _question() -> bytes:
    return json.dumps({"symbol": SYMBOLS[0], "horizon": HORIZON}).encode()


def _demand_model(port: int) -> None:
    """Wait for the model: a bundle that this code has not seen yet is tried in a sandbox while naive answers."""
    address, until = f"http://127.0.0.1:{port}/api/forecast", time.monotonic() + LOAD_SECONDS
    while True:
        found = httpx.post(address, content=_question(), headers=JSON, timeout=30)
        if found.json().get("model_type") == "ml":
            return
        if time.monotonic() > until:
            raise RuntimeError(f"naive answers, so nothing is worth measuring: {found.text}")
        time.sleep(0.1)


def _batch_milliseconds(port: int) -> float:
    names, taken = ",".join(SYMBOLS), []
    address = f"http://127.0.0.1:{port}/api/forecast/batch"
    with httpx.Client(timeout=30, headers={"Cache-Control": "no-cache"}) as client:
        for _ in range(BATCHES):
            begin = time.perf_counter()
            answer = client.get(address, params={"symbols": names, "horizon": HORIZON}).raise_for_status()
            taken.append(1000 * (time.perf_counter() - begin))
    if len(answer.json()["items"]) != len(SYMBOLS):
        raise RuntimeError(f"the batch answered other markets than were asked: {answer.text[:300]}")
    return sorted(taken)[BATCHES // 2]


@contextlib.contextmanager
def _training(folder: Path) -> Iterator[None]:
    """Train in a process of its own, again and again, for the length of a block."""
    with (folder / "training.log").open("wb") as log:
        # A session of its own, as a worker's: Linux shares the processor out by session, and the client is not to pay for it.
        process = subprocess.Popen(
            python_module("benchmarks.serving.endless_training"),
            stdout=subprocess.PIPE,
            stderr=log,
            start_new_session=True,
        )
        if process.stdout is not None:
            process.stdout.readline()  # it has begun
        try:
            yield
        finally:
            process.kill()
            process.wait()
            if process.stdout is not None:
                process.stdout.close()


def _mlflow(settings: Settings, model_uri: str, folder: Path) -> Throughput:
    """Throughput of MLflow's own server of the model: a row of features, as its signature asks."""
    port = _free_port()
    service = Service(
        "mlflow models serve",
        python_module(
            "mlflow", "models", "serve", "--model-uri", model_uri, "--host", "127.0.0.1", "--port", str(port),
            "--env-manager", "local", "--workers", "1",
        ),
        folder / "mlflow-serve.log",
        f"http://127.0.0.1:{port}/ping",
        start_seconds=180.0,
        environment={
            "MLFLOW_TRACKING_URI": settings.tracking_uri,
            "OMP_NUM_THREADS": "1",
            # It starts uvicorn by its name.
            "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
        },
    )  # fmt: skip
    body = json.dumps({"dataframe_split": _row(settings, model_uri)}).encode()
    with running(service):
        request = Request(port, "/invocations", body, JSON)
        paced(request, 5.0, 2.0)  # its first answers take seconds
        return most(request, WRK_SECONDS)


def _row(settings: Settings, model_uri: str) -> dict[str, list[object]]:
    import mlflow

    mlflow.set_tracking_uri(settings.tracking_uri)
    signature = mlflow.models.get_model_info(model_uri).signature
    if signature is None:
        raise RuntimeError(f"{model_uri} was registered without a signature")
    names = [str(name) for name in signature.inputs.input_names()]
    return {"columns": list(names), "data": [[0.001] * len(names)]}


def _free_port() -> int:
    with socket.socket() as asked:
        asked.bind(("127.0.0.1", 0))
        return int(asked.getsockname()[1])


def main(folder: Path) -> int:
    """Install once, then measure; the exit code is 1 when a demand is missed."""
    settings = workspace_settings(folder)
    apply_environment(settings)
    file = folder / FILE
    if not file.exists():
        print("training what is served: a minute or two", flush=True)
        file.write_text(install(settings))
    figures = measure(settings, file.read_text(), folder)
    return report(f"A forecast over HTTP, {os.cpu_count()} cores shared with the load", figures)


if __name__ == "__main__":
    if len(sys.argv) > 1:
        Path(sys.argv[1]).mkdir(parents=True, exist_ok=True)
        sys.exit(main(Path(sys.argv[1]).absolute()))
    with tempfile.TemporaryDirectory() as temporary:
        sys.exit(main(Path(temporary)))
