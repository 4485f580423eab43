"""What goes over HTTP when what serves is moved."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field
from pydantic.config import JsonDict

from serving.schemas.forecasts import EXAMPLE_MOMENT, UtcText
from serving.schemas.monitoring import PlacedVersion

Reason = Annotated[
    str,
    Field(
        min_length=1,
        max_length=500,
        description="Why, in words; kept for good.",
        examples=["worse since Monday"],
    ),
]


class RollbackRequest(BaseModel):
    """Why, and what shall serve instead."""

    model_config = ConfigDict(
        frozen=True, extra="forbid", json_schema_extra={"examples": [{"reason": "worse since Monday"}]}
    )

    reason: Reason
    to: Annotated[
        Literal["previous", "naive"], Field(description="What served before, or the historical mean.")
    ] = "previous"


class DeprecateRequest(BaseModel):
    """Why."""

    model_config = ConfigDict(
        frozen=True, extra="forbid", json_schema_extra={"examples": [{"reason": "trained on a wrong file"}]}
    )

    reason: Reason


class PromoteRequest(BaseModel):
    """Whether the gate is asked; a person who does not ask it says why."""

    model_config = ConfigDict(
        frozen=True,
        extra="forbid",
        json_schema_extra={
            "oneOf": [
                {"properties": {"override": {"const": False}, "reason": {"type": "null"}}},
                {
                    "required": ["override", "reason"],
                    "properties": {"override": {"const": True}, "reason": {"type": "string"}},
                },
            ],
            "examples": [{}, {"override": True, "reason": "the gate was down"}],
        },
    )

    override: Annotated[
        bool,
        Field(
            strict=True, description="Do not ask the gate: let it serve because you say so; needs a reason."
        ),
    ] = False
    reason: Annotated[
        str | None,
        Field(min_length=1, max_length=500, description="Why the gate is not asked; kept for good."),
    ] = None


class LastMove(BaseModel):
    """How what serves was changed last."""

    model_config = ConfigDict(frozen=True, populate_by_name=True)

    kind: Annotated[str, Field(description="promote, rollback, deprecate, demote or adopt.")]
    override: Annotated[
        bool,
        Field(
            description="Whether a version was put in production without the gate, because somebody said so."
        ),
    ]
    origin: Annotated[str | None, Field(alias="from", description="Version that served before; null: naive.")]
    target: Annotated[
        str | None,
        Field(alias="to", description="Version that serves since, or was deprecated; null: naive."),
    ]
    who: Annotated[str, Field(description="Who asked.")]
    via: Annotated[str, Field(description="Where: gate, command, api, mlflow or monitor.")]
    reason: Annotated[str, Field(description="Why.")]
    at: Annotated[UtcText, Field(description="When, UTC.")]


_EXAMPLE: JsonDict = {
    "model_name": "forecast-1h",
    "moved": True,
    "epoch": 7,
    "production": {"model_id": "1h-88aa01c2d3e4", "version": "2", "evidence": "unproven"},
    "previous": {"model_id": "1h-3f1c0a9b7d2e", "version": "3", "evidence": "unproven"},
    "move": {
        "kind": "rollback",
        "override": False,
        "from": "3",
        "to": "2",
        "who": "ops",
        "via": "api",
        "reason": "worse since Monday",
        "at": EXAMPLE_MOMENT,
    },
    "unserved": None,
}


class PointerAnswer(BaseModel):
    """What serves now."""

    model_config = ConfigDict(json_schema_extra={"examples": [_EXAMPLE]})

    model_name: Annotated[str, Field(description="Registered model.")]
    moved: Annotated[
        bool,
        Field(description="Whether this request changed it; false: it was so already, nothing was done."),
    ]
    epoch: Annotated[int, Field(description="Number of moves so far.")]
    production: Annotated[PlacedVersion | None, Field(description="What serves; null: naive.")]
    previous: Annotated[PlacedVersion | None, Field(description="What one step back leads to; null: naive.")]
    move: Annotated[LastMove, Field(description="The last change.")]
    unserved: Annotated[
        str | None,
        Field(description="Why no server answers with what is in production now; null where they do."),
    ]
