"""What goes over HTTP of models in production: what serves, what bars it, and what it did."""

from __future__ import annotations

from typing import Annotated, Any, Self

from pydantic import BaseModel, ConfigDict, Field

from forecasting.adapters.promotion.pointer import Placed
from serving.schemas.forecasts import EXAMPLE_MOMENT, UtcText
from serving.schemas.health import OpenBreaker
from serving.schemas.paging import HorizonFilter


class MonitoringRequest(BaseModel):
    """Which models."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    horizon: HorizonFilter = None


class PlacedVersion(BaseModel):
    """A version that serves, or that one step back leads to."""

    model_config = ConfigDict(frozen=True)

    model_id: Annotated[str, Field(description="Horizon and digest of the bundle.")]
    version: Annotated[str, Field(description="Version of the registered model.")]
    evidence: Annotated[str, Field(description="How far its recipe is proven: proven or unproven.")]

    @classmethod
    def of(cls, placed: Placed | None) -> Self | None:
        """Tell what a pointer names; None for naive."""
        if placed is None:
            return None
        return cls(model_id=placed.model_id, version=placed.version, evidence=placed.evidence)


class MonitoredModel(BaseModel):
    """What is known of one model: the pointer, open breakers, and what was found when it was watched last."""

    model_config = ConfigDict(frozen=True)

    horizon: Annotated[str, Field(description="What it forecasts.")]
    model_name: Annotated[str, Field(description="Registered model.")]
    production: Annotated[PlacedVersion | None, Field(description="What serves; null: naive.")]
    previous: Annotated[PlacedVersion | None, Field(description="What one step back leads to; null: naive.")]
    moved_at: Annotated[UtcText, Field(description="When what serves was moved last, UTC.")]
    breakers: Annotated[
        list[OpenBreaker], Field(description="Breakers that are open on what serves: naive answers instead.")
    ]
    watched_at: Annotated[
        UtcText | None, Field(description="When it was watched last, UTC; null: it never was.")
    ]
    is_current: Annotated[bool, Field(description="Whether `found` speaks of the version that serves now.")]
    found: Annotated[
        dict[str, Any] | None,
        Field(
            description="What `foretick monitor` shows, as the hourly flow watch-production found it: for each version the "
            "live figures beside those that it was promoted with, the evidence of a loss, and whether it must go."
        ),
    ]


class Monitoring(BaseModel):
    """Every model that was ever put in production."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "models": [
                        {
                            "horizon": "1h",
                            "model_name": "forecast-1h",
                            "production": {
                                "model_id": "1h-3f1c0a9b7d2e",
                                "version": "3",
                                "evidence": "unproven",
                            },
                            "previous": None,
                            "moved_at": EXAMPLE_MOMENT,
                            "breakers": [],
                            "watched_at": None,
                            "is_current": False,
                            "found": None,
                        }
                    ]
                }
            ]
        }
    )

    models: Annotated[
        list[MonitoredModel], Field(description="In the order of horizons; one that is absent never served.")
    ]
