"""Routes that answer forecasts."""

from __future__ import annotations

from fastapi import APIRouter

from serving.routes.service import ServiceOf
from serving.schemas.forecasts import ForecastAnswer, ForecastRequest
from serving.web.documentation import forecast_problems
from serving.web.limits import StrictJsonRoute


def forecast_routes() -> APIRouter:
    """Routes that answer forecasts."""
    router = APIRouter(prefix="/api", tags=["forecasts"], route_class=StrictJsonRoute)

    @router.post("/forecast", responses=forecast_problems(), summary="Forecast one return")
    def forecast(asked: ForecastRequest, service: ServiceOf) -> ForecastAnswer:
        """Forecast the return of a market over a horizon.

        The production model of the horizon answers, else the historical mean with the reason.
        """
        return service.answer(service.question(asked), service.watcher.snapshot)

    return router
