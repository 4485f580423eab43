"""The route that shows what a person should look at."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query

from forecasting.adapters.store.alerts import AlertBook
from forecasting.types import utc_iso
from serving.routes.service import ServiceOf
from serving.schemas.alerts import Alerts, AlertsRequest, RaisedAlert
from serving.web.documentation import reading_problems
from serving.web.limits import StrictJsonRoute


def alert_routes() -> APIRouter:
    """Make the route that shows what a person should look at."""
    router = APIRouter(prefix="/api", tags=["monitoring"], route_class=StrictJsonRoute)

    @router.get("/alerts", responses=reading_problems(), summary="What should a person look at?")
    def alerts(asked: Annotated[AlertsRequest, Query()], service: ServiceOf) -> Alerts:
        """List alerts of all kinds or of one, the newest first."""
        found, next_ms = AlertBook(service.door.store()).page(asked.kind, asked.before_ms, asked.limit)
        return Alerts(
            alerts=[
                RaisedAlert(
                    alert_id=each.id,
                    kind=each.kind,
                    raised_at=utc_iso(each.raised_ms),
                    facts=dict(each.facts),
                )
                for each in found
            ],
            next_before=None if next_ms is None else utc_iso(next_ms),
        )

    return router
