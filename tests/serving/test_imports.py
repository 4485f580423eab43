"""What the serving process never imports: each of these costs seconds at its start, or memory that it needs for models."""

import json
import subprocess
import sys

import pytest

from forecasting.adapters.promotion.tried import note_trial
from forecasting.types import utc_iso

NEVER = {
    "mlflow",
    "prefect",
    "shap",
    "great_expectations",
    "sqlalchemy",
    "optuna",
    "arch",
    "statsmodels",
    "ccxt",
    "typer",
    "pymongo",
}
NOT_AT_ITS_START = NEVER | {"httpx", "rich", "matplotlib", "pandas", "sklearn", "scipy.stats", "lightgbm"}
IMPORTED = "import json, sys; import serving.app; print(json.dumps(sorted(sys.modules)))"
ANSWERED = """
import asyncio, json, sys
import httpx
from serving.app import create_app

async def asked(app):
    async with app.router.lifespan_context(app):
        transport = httpx.ASGITransport(app)
        async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1") as client:
            question = {"symbol": "AAA/SIM", "horizon": "1h", "timestamp": sys.argv[1]}
            return (await client.post("/api/forecast", json=question)).json()

answered = asyncio.run(asked(create_app()))
print(json.dumps([answered, sorted(sys.modules)]))
"""


def said_by(code, *words):
    """Run Python code in a fresh process, and read the JSON that it prints."""
    ran = subprocess.run(
        [sys.executable, "-c", code, *words], capture_output=True, text=True, check=True, timeout=120
    )
    return json.loads(ran.stdout)


def test_the_app_imports_nothing_heavy():
    assert NOT_AT_ITS_START & set(said_by(IMPORTED)) == set()


@pytest.fixture
def kept(installation, source, world, promote):
    """The first version is production, and this machine has a copy of it that was tried."""
    first = world.versions[0]
    promote(1)
    folder = source.bundle_folder / first.digest
    installation.registry.fetch_bundle(first, source.bundle_folder)
    note_trial(folder, first.digest)


def test_a_server_that_answers_from_a_model_imports_none_of_them_either(
    installation, kept, world, monkeypatch
):
    monkeypatch.setenv("FORETICK_HOME", str(installation.settings.home))
    monkeypatch.setenv("MLFLOW_TRACKING_URI", installation.settings.tracking_uri)
    monkeypatch.setenv("MONGO_URI", "")
    answered, modules = said_by(ANSWERED, utc_iso(world.newest_close_ms))
    assert answered["model_type"] == "ml", answered
    assert NEVER & set(modules) == set()
