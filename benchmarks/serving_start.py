"""How long the API takes from its start until it is ready with five models, and how much memory it then holds.

python -m benchmarks.serving_start [FOLDER]

Beside it a plain FastAPI server that loads the same five registered models with MLflow. FOLDER keeps the installation for
another run.
"""

from __future__ import annotations

import os
import re
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path

import httpx
import yaml

from benchmarks import plain_server
from benchmarks.figures import Figure, report
from deployments.local.services import LOOPBACK, free_port
from forecasting.settings import Settings, load_settings
from forecasting.types import HOUR_MS

STEPS = (1, 3, 7, 14, 30)
HOURS, SYMBOLS, SEED = 8_000, ("AAA/SIM", "BBB/SIM"), 7
STARTS, PLAIN_STARTS = 5, 3
PATIENCE_SECONDS = 120.0
MOST_SECONDS, MOST_MEBIBYTES, MOST_SECONDS_ALONE = 3.0, 400.0, 10.0
NOWHERE = {"MONGO_URI": "mongodb://127.0.0.1:9", "MLFLOW_TRACKING_URI": "http://127.0.0.1:9"}
FILE = "model-uris.txt"


@dataclass(frozen=True, slots=True)
class Started:
    """Seconds until a server was ready, its models then, and what it had taken: processor seconds, resident MiB."""

    seconds: float
    models: int
    processor_seconds: float
    mebibytes: float


def measure(settings: Settings, model_uris: Sequence[str]) -> list[Figure]:
    """Start ours and the plain one, several times each."""
    home = {"FORETICK_HOME": str(settings.home), "FORETICK_MLRUNS": str(settings.mlruns)}
    home |= {"FORETICK_HORIZONS": str(settings.horizons_file), "MONGO_URI": "", "MLFLOW_TRACKING_URI": ""}
    for kept in settings.bundle_folder.glob(".tried/*"):
        kept.unlink()
    first = _ours(home)
    again = [_ours(home) for _ in range(STARTS)]
    alone = _ours(home | NOWHERE)
    plain = [_plain(settings, model_uris) for _ in range(PLAIN_STARTS)]
    seconds, processor, memory = (statistics.median(getattr(each, of) for each in again) for of in _MEASURED)
    theirs = [statistics.median(getattr(each, of) for each in plain) for of in _MEASURED]
    return [
        Figure("models in use once it is ready", min(each.models for each in again), "", len(STEPS)),
        Figure("start to ready, median", seconds, "s", MOST_SECONDS, at_least=False),
        Figure("start to ready, slowest", max(each.seconds for each in again), "s"),
        Figure("start to ready, processor time, median", processor, "s"),
        Figure("resident memory, median", memory, "MiB", MOST_MEBIBYTES, at_least=False),
        Figure("first start on a machine, each bundle tried in a sandbox", first.seconds, "s"),
        Figure("start without store and MLflow", alone.seconds, "s", MOST_SECONDS_ALONE, at_least=False),
        Figure("models in use then, from disk", alone.models, "", len(STEPS)),
        Figure("plain server, start to ready, median", theirs[0], "s"),
        Figure("plain server, start to ready, processor time, median", theirs[1], "s"),
        Figure("plain server, resident memory, median", theirs[2], "MiB"),
    ]


_MEASURED = ("seconds", "processor_seconds", "mebibytes")


def _ours(environment: Mapping[str, str]) -> Started:
    port = free_port()
    command = [sys.executable, "-m", "serving.server", "--host", LOOPBACK, "--port", str(port)]
    return _started(command, environment, port)


def _plain(settings: Settings, model_uris: Sequence[str]) -> Started:
    port = free_port()
    app = f"{plain_server.__name__}:create_app"
    command = [sys.executable, "-m", "uvicorn", "--factory", app, "--port", str(port)]
    named = {plain_server.MODELS: ",".join(model_uris), "MLFLOW_TRACKING_URI": settings.tracking_uri}
    return _started(command, named, port)


def _started(command: Sequence[str], environment: Mapping[str, str], port: int) -> Started:
    began = time.perf_counter()
    with tempfile.TemporaryFile() as log:
        process = subprocess.Popen(
            command, env={**os.environ, **environment}, stdout=log, stderr=subprocess.STDOUT
        )
        try:
            models = _wait(port, process)
            seconds, pid = time.perf_counter() - began, process.pid
            return Started(seconds, models, _processor_seconds(pid), _resident_mebibytes(pid))
        finally:
            process.terminate()
            process.wait(PATIENCE_SECONDS)


def _wait(port: int, process: subprocess.Popen[bytes]) -> int:
    until = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < until and process.poll() is None:
        try:
            answer = httpx.get(f"http://{LOOPBACK}:{port}/readyz", timeout=PATIENCE_SECONDS, trust_env=False)
        except httpx.TransportError:
            time.sleep(0.01)
            continue
        if answer.status_code == 200:
            return len(answer.json()["models"])
    raise RuntimeError("the server did not become ready")


def _processor_seconds(pid: int) -> float:
    # The name of the program stands in brackets and may hold spaces; user and system time are the 12th and 13th after it.
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def _resident_mebibytes(pid: int) -> float:
    found = re.search(r"^VmRSS:\s+(\d+) kB", Path(f"/proc/{pid}/status").read_text(), re.MULTILINE)
    return int(found.group(1)) / 1024 if found else float("nan")


def install(settings: Settings) -> list[str]:
    """Store candles, train one small model for each of five horizons, and let it serve; their URIs in MLflow."""
    from forecasting.adapters.live.training import Recipe, train_candidate
    from forecasting.adapters.promotion.pointer import Mover
    from forecasting.adapters.promotion.step import promote
    from forecasting.adapters.simulator import simulate_market
    from forecasting.adapters.workspace import open_workspace
    from forecasting.horizons import load_horizons

    now_ms = time.time_ns() // 1_000_000
    start_ms = (now_ms // HOUR_MS - HOURS) * HOUR_MS
    market = simulate_market(SEED, start_ms=start_ms, hours=HOURS, symbols=SYMBOLS)
    uris = []
    with open_workspace(settings) as workspace:
        for candles in market.candles.values():
            workspace.candles.write(candles, "simulated")
        for horizon in load_horizons(settings.horizons_file).values():
            recipe = Recipe(horizon, (), SEED, settings.expectations_folder)
            version = train_candidate(workspace, recipe, now_ms)
            mover = Mover("benchmark", "command")
            promote(workspace, version.model_name, version.version, mover, "its start is measured")
            uris.append(f"models:/{version.model_name}/{version.version}")
    return uris


def workspace_settings(folder: Path) -> Settings:
    """Return the settings of an installation in a folder, with five horizons over hours."""
    defaults = files("forecasting").joinpath("horizons.yaml").read_text()
    hourly = yaml.safe_load(defaults)["horizons"]["1h"]
    horizons = {f"{step}h": {**hourly, "look_ahead_minutes": 60 * step} for step in STEPS}
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / "horizons.yaml"
    file.write_text(yaml.safe_dump({"horizons": horizons}))
    return load_settings(
        home=folder / "home",
        mlruns=folder / "mlruns",
        horizons_file=file,
        mongo_uri="",
        mlflow_tracking_uri="",
    )


def main() -> int:
    """Install, measure, print; 1 when a demand is missed."""
    from deployments.local.environment import apply_environment

    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(sys.argv[1]) if len(sys.argv) > 1 else Path(scratch)
        settings = workspace_settings(folder)
        apply_environment(settings)
        kept = folder / FILE
        if not kept.exists():
            kept.write_text("\n".join(install(settings)))
        figures = measure(settings, kept.read_text().split())
    return report("the API's start and memory with five horizons", figures)


if __name__ == "__main__":
    sys.exit(main())
