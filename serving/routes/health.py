"""Routes that tell a supervisor whether the process lives, and what it answers from."""

from __future__ import annotations

from fastapi import APIRouter

from forecasting.types import utc_iso
from serving.answers.breakers import BreakerBoard
from serving.in_use.snapshot import ServedModel, Snapshot
from serving.routes.service import ServiceOf
from serving.schemas.health import Alive, LoadedModel, OpenBreaker, Pointers, Ready, RefusedModel
from serving.web.documentation import any_problems

UNREAD = "they have not been read yet"
# Anybody may ask for readiness, so what names a file or an address of ours stays in the log and in alerts.
UNREADABLE = "the document store cannot be read: the server's log says why"


def health_routes() -> APIRouter:
    """Routes that tell a supervisor whether the process lives and whether it can answer."""
    router = APIRouter(tags=["health"])

    # Load balancers and uptime checks ask with HEAD, which the server answers without the body.
    @router.head("/livez", include_in_schema=False)
    @router.get("/livez", responses=any_problems(), summary="Is the process alive?")
    async def livez() -> Alive:
        """Answer as long as the process does; the store and the registry may be down."""
        return Alive()

    @router.head("/readyz", include_in_schema=False)
    @router.get("/readyz", responses=any_problems(), summary="Can it answer, and from which models?")
    async def readyz(service: ServiceOf) -> Ready:
        """List the models in use, from memory alone.

        A server that has started can answer: while the store or the registry is down the models in use serve on, and naive
        where there is none. What is wrong meanwhile is said here.
        """
        return _ready(service.watcher.snapshot, service.breakers, service.door.silence())

    return router


def _ready(snapshot: Snapshot, breakers: BreakerBoard, silence: str | None) -> Ready:
    # A look at a store that hangs tells only when it is given up; that it is silent is known before.
    problem = UNREAD if snapshot.checked_ms is None else None
    if snapshot.pointer_problem is not None or silence is not None:
        problem = UNREADABLE
    readable = problem is None
    return Ready(
        status="ready" if readable and not snapshot.refused else "degraded",
        models=[_loaded(model) for model in snapshot.models.values()],
        refused=[
            RefusedModel(
                horizon=each.horizon,
                model_version=each.version.number,
                reason=each.told,
                since=utc_iso(each.tried_ms),
            )
            for each in snapshot.refused.values()
        ],
        breakers=[
            OpenBreaker(
                horizon=model.horizon,
                model_id=model.model_id,
                breaker=trip.breaker,
                symbol=trip.symbol or None,
                reason=trip.reason,
                since=utc_iso(trip.at_ms),
            )
            for model in snapshot.models.values()
            for trip in breakers.trips(model)
        ],
        loading=sorted(snapshot.loading),
        unasked=sorted(snapshot.unasked),
        pointers=Pointers(
            readable=readable,
            checked_at=None if snapshot.checked_ms is None else utc_iso(snapshot.checked_ms),
            problem=problem,
        ),
    )


def _loaded(model: ServedModel) -> LoadedModel:
    return LoadedModel(
        horizon=model.horizon,
        model_id=model.model_id,
        model_name=model.model_name,
        model_version=model.version.number,
        evidence=model.evidence,
        source=model.source,
        since=utc_iso(model.since_ms),
        trained_until=utc_iso(model.trained_until_ms),
        symbols=list(model.spec.symbols),
    )
