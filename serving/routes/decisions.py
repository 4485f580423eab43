"""Routes that show what the gate decided."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Path, Query

from forecasting.adapters.decision_document import is_genuine
from forecasting.adapters.store.decision_log import DecisionLog
from forecasting.types import utc_iso
from serving.routes.service import ServiceOf
from serving.schemas.decisions import (
    EXAMPLE_ID,
    Decisions,
    DecisionsRequest,
    DecisionSummary,
    SealedDecision,
)
from serving.web.documentation import reading_problems
from serving.web.limits import StrictJsonRoute
from serving.web.problems import UNKNOWN_DECISION, UNKNOWN_HORIZON, ProblemError

_UNKNOWN = "the gate made no decision of that id: GET /api/decisions lists those that it made"
DecisionId = Annotated[
    str, Path(min_length=1, max_length=200, description="As the list names it.", examples=[EXAMPLE_ID])
]


def decision_routes() -> APIRouter:
    """Routes that show what the gate decided."""
    router = APIRouter(prefix="/api", tags=["decisions"], route_class=StrictJsonRoute)

    @router.get(
        "/decisions", responses=reading_problems(UNKNOWN_HORIZON), summary="What did the gate decide?"
    )
    def decisions(asked: Annotated[DecisionsRequest, Query()], service: ServiceOf) -> Decisions:
        """List what the gate decided and why, the newest first."""
        horizon = asked.horizon and service.horizon(asked.horizon).name
        log = DecisionLog(service.door.store())
        page = log.page(horizon, asked.outcome, asked.before_ms, asked.limit)
        return Decisions(
            decisions=[summary_of(each) for each in page.documents],
            next_before=None if page.next_before_ms is None else utc_iso(page.next_before_ms),
        )

    @router.get(
        "/decisions/{decision_id}",
        responses=reading_problems(UNKNOWN_DECISION),
        summary="One decision whole, and whether its seal is intact",
    )
    def decision(decision_id: DecisionId, service: ServiceOf) -> SealedDecision:
        """Show one decision with all of its evidence, and say whether anybody changed it since."""
        document = DecisionLog(service.door.store()).get(decision_id)
        if document is None:
            raise ProblemError(UNKNOWN_DECISION, _UNKNOWN)
        return SealedDecision(
            summary=summary_of(document),
            seal=_seal(document),
            digest=document.get("digest"),
            document=document,
        )

    return router


def summary_of(document: Mapping[str, Any]) -> DecisionSummary:
    """Say in short what a decision's document says."""
    return DecisionSummary(
        decision_id=document["_id"],
        horizon=document["horizon"],
        model_id=document["model_id"],
        model_name=document["model_name"],
        version=document["version"],
        decided_at=utc_iso(document["decided_ms"]),
        outcome=document["outcome"],
        policy=document.get("policy"),
        evidence=document.get("evidence_grade"),
        quarantined=document.get("quarantined", False),
        reasons=document["reasons"],
    )


def _seal(document: Mapping[str, Any]) -> Literal["intact", "broken", "none"]:
    if "digest" not in document:
        return "none"
    return "intact" if is_genuine(document) else "broken"
