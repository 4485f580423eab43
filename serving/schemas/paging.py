"""How lists that may grow are asked for: so many of the newest, then those before."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from serving.schemas.forecasts import MomentMs, UtcText

MOST_LISTED = 1000
EXAMPLE_BEFORE = "2025-09-18T22:00:00Z"

HorizonFilter = Annotated[
    str | None,
    Field(min_length=1, max_length=16, description="Only of this horizon, as in 1h.", examples=["1h"]),
]
NextBefore = Annotated[
    UtcText | None,
    Field(description="What `before` must be to get those that follow; null: there are no more."),
]


class PageRequest(BaseModel):
    """So many of the newest, or of those before a moment."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    limit: Annotated[
        int,
        Field(
            ge=1,
            le=MOST_LISTED,
            description="How many; a few more come where several share the moment of the last.",
            examples=[20],
        ),
    ] = 100
    before_ms: Annotated[
        MomentMs | None,
        Field(
            alias="before",
            description="Only what happened before this moment, ISO 8601 with its zone; left out: the newest.",
        ),
    ] = None
