"""What goes over HTTP of the process itself: whether it lives, and what it answers from."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from forecasting.monitoring.trip import BREAKERS
from serving.schemas.forecasts import EXAMPLE_MOMENT, UtcText


class Alive(BaseModel):
    """The process answers."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"status": "alive"}]})

    status: Literal["alive"] = "alive"


class LoadedModel(BaseModel):
    """A production model that is in use."""

    horizon: Annotated[str, Field(description="What it forecasts.")]
    model_id: Annotated[str, Field(description="Horizon and digest of the bundle.")]
    model_name: Annotated[str, Field(description="Registered model.")]
    model_version: Annotated[str, Field(description="Version of the registered model.")]
    evidence: Annotated[str, Field(description="How far its recipe is proven: proven or unproven.")]
    source: Annotated[
        str,
        Field(
            json_schema_extra={"enum": ["production", "previous", "last-good"]},
            description="Whether the pointer names it, or it answers instead of what the pointer names.",
        ),
    ]
    since: Annotated[UtcText, Field(description="When this process began to answer from it.")]
    trained_until: Annotated[UtcText, Field(description="End of the newest label it was fitted on.")]
    symbols: Annotated[list[str], Field(description="Markets it knows; others get naive.")]


class RefusedModel(BaseModel):
    """A version that is called production and cannot be used; what was loaded before it serves on."""

    horizon: Annotated[str, Field(description="What it should forecast.")]
    model_version: Annotated[str, Field(description="Version of the registered model.")]
    reason: Annotated[
        str, Field(description="Why it was refused, in short; GET /api/alerts tells all of it.")
    ]
    since: Annotated[UtcText, Field(description="When it was last tried.")]


class OpenBreaker(BaseModel):
    """A breaker that is open: naive answers instead of the model."""

    horizon: Annotated[str, Field(description="What the model forecasts.")]
    model_id: Annotated[str, Field(description="Horizon and digest of the bundle.")]
    breaker: Annotated[
        str,
        Field(
            json_schema_extra={"enum": list(BREAKERS)},
            description="What is watched: forecasts that are none, forecasts that are all equal, the age of candles, "
            "exceptions, or how often intervals held the return.",
        ),
    ]
    symbol: Annotated[str | None, Field(description="Market; null: of the model as a whole.")]
    reason: Annotated[str, Field(description="What the model did.")]
    since: Annotated[UtcText, Field(description="When it opened.")]


class Pointers(BaseModel):
    """How fresh our knowledge of the production pointers is."""

    readable: Annotated[bool, Field(description="Whether the last look at them succeeded.")]
    checked_at: Annotated[UtcText | None, Field(description="When they were last read; null: not yet.")]
    problem: Annotated[
        str | None,
        Field(description="Why the document store was not read; the models in use serve on meanwhile."),
    ]


class Ready(BaseModel):
    """What this process answers from."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "status": "ready",
                    "models": [
                        {
                            "horizon": "1h",
                            "model_id": "1h-3f1c0a9b7d2e",
                            "model_name": "forecast-1h",
                            "model_version": "3",
                            "evidence": "unproven",
                            "source": "production",
                            "since": "2025-09-19T21:59:00Z",
                            "trained_until": "2025-08-30T12:00:00Z",
                            "symbols": ["BTC/USDT"],
                        }
                    ],
                    "refused": [],
                    "breakers": [],
                    "loading": [],
                    "unasked": ["1m"],
                    "pointers": {"readable": True, "checked_at": EXAMPLE_MOMENT, "problem": None},
                }
            ]
        }
    )

    status: Annotated[
        Literal["ready", "degraded"],
        Field(
            description="degraded: answers are given, but the document store cannot be read, or a version called "
            "production cannot be used."
        ),
    ]
    models: Annotated[
        list[LoadedModel], Field(description="Models in use; a horizon that is absent gets naive.")
    ]
    refused: Annotated[
        list[RefusedModel], Field(description="Versions called production that cannot be used.")
    ]
    breakers: Annotated[
        list[OpenBreaker],
        Field(description="Breakers that are open on the models in use; naive answers instead of these."),
    ]
    loading: Annotated[list[str], Field(description="Horizons whose model is on its way.")]
    unasked: Annotated[
        list[str],
        Field(
            description="Horizons whose model is loaded at the first question (FORETICK_LOAD_MODELS=lazy)."
        ),
    ]
    pointers: Annotated[
        Pointers, Field(description="The last look at the pointers that name what is production.")
    ]
