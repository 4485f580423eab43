"""The plain way to serve registered models, to hold ours against: FastAPI that loads each with MLflow when it starts."""

from __future__ import annotations

import os

import mlflow.pyfunc
from fastapi import FastAPI

MODELS = "PLAIN_MODELS"


def create_app() -> FastAPI:
    """Load the models that the environment names, then say how many there are."""
    models = [mlflow.pyfunc.load_model(uri) for uri in os.environ[MODELS].split(",")]
    app = FastAPI()

    @app.get("/readyz")
    def readyz() -> dict[str, list[str]]:
        return {"models": [str(each.metadata.run_id) for each in models]}

    return app
