"""What goes over HTTP of the gate's decisions."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field
from pydantic.config import JsonDict

from serving.schemas.forecasts import EXAMPLE_MOMENT, UtcText
from serving.schemas.paging import EXAMPLE_BEFORE, HorizonFilter, NextBefore, PageRequest

Outcome = Literal["promote", "refuse", "keep"]
EXAMPLE_ID = "forecast-1h|3|1758319200000|4be1c0a9b7d2"

_EXAMPLE: JsonDict = {
    "decision_id": EXAMPLE_ID,
    "horizon": "1h",
    "model_id": "1h-3f1c0a9b7d2e",
    "model_name": "forecast-1h",
    "version": 3,
    "decided_at": EXAMPLE_MOMENT,
    "outcome": "refuse",
    "policy": "strict",
    "evidence": "unproven",
    "quarantined": False,
    "reasons": ["the recipe holds no licence: the evidence against drift is 1.2, 5.3 is needed"],
}


class DecisionsRequest(PageRequest):
    """Which decisions."""

    horizon: HorizonFilter = None
    outcome: Annotated[
        Outcome | None, Field(description="Only those that ended so.", examples=["promote"])
    ] = None


class DecisionSummary(BaseModel):
    """One decision, in short."""

    model_config = ConfigDict(frozen=True, json_schema_extra={"examples": [_EXAMPLE]})

    decision_id: Annotated[str, Field(description="What /api/decisions/{decision_id} takes.")]
    horizon: Annotated[str, Field(description="Horizon of the candidate.")]
    model_id: Annotated[str, Field(description="Candidate: horizon and digest of its bundle.")]
    model_name: Annotated[str, Field(description="Registered model.")]
    version: Annotated[int, Field(description="Version of the registered model.")]
    decided_at: Annotated[UtcText, Field(description="When it was decided, UTC.")]
    outcome: Annotated[
        Outcome,
        Field(description="promote; refuse; or keep, where the candidate is what serves already."),
    ]
    policy: Annotated[str | None, Field(description="Set of rules that decided; null: older than sets.")]
    evidence: Annotated[
        str | None, Field(description="proven or unproven, as its answers say; null: not told then.")
    ]
    quarantined: Annotated[
        bool, Field(description="Whether it is too good to be true, so that a person must look.")
    ]
    reasons: Annotated[list[str], Field(description="Why, one sentence each.")]


class Decisions(BaseModel):
    """Decisions, the newest first."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"decisions": [_EXAMPLE], "next_before": EXAMPLE_BEFORE}]}
    )

    decisions: Annotated[list[DecisionSummary], Field(description="The newest first.")]
    next_before: NextBefore


class SealedDecision(BaseModel):
    """One decision whole, and whether it is what was written."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "summary": _EXAMPLE,
                    "seal": "intact",
                    "digest": "4be1c0a9b7d2" + "0" * 52,
                    "document": {"_id": EXAMPLE_ID, "outcome": "refuse", "criteria": [], "evidence": {}},
                }
            ]
        }
    )

    summary: Annotated[DecisionSummary, Field(description="The same as in the list.")]
    seal: Annotated[
        Literal["intact", "broken", "none"],
        Field(
            description="intact: the document is what its digest was made of; broken: it was changed since, do not "
            "believe it; none: it is older than digests, so nobody can tell."
        ),
    ]
    digest: Annotated[str | None, Field(description="SHA-256 of what it says, as it was sealed.")]
    document: Annotated[
        dict[str, Any],
        Field(description="All of it: evidence, each criterion with its bound, rows, intervals, regimes."),
    ]
