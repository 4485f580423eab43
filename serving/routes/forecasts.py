"""Routes that answer forecasts."""

from __future__ import annotations

from functools import partial

from fastapi import APIRouter
from fastapi.responses import Response

from serving.routes.freshness import CacheControl, demands_anew
from serving.routes.service import ServiceOf
from serving.schemas.forecasts import ForecastAnswer, ForecastRequest
from serving.web.documentation import forecast_problems
from serving.web.limits import StrictJsonRoute

JSON_TYPE = "application/json"


def forecast_routes() -> APIRouter:
    """Routes that answer forecasts."""
    router = APIRouter(prefix="/api", tags=["forecasts"], route_class=StrictJsonRoute)

    @router.post(
        "/forecast",
        response_model=ForecastAnswer,
        responses=forecast_problems(),
        summary="Forecast one return",
    )
    async def forecast(
        asked: ForecastRequest, service: ServiceOf, cache_control: CacheControl = None
    ) -> Response:
        """Forecast the return of a market over a horizon.

        The production model of the horizon answers, else the historical mean with the reason. While no newer candle,
        revision, model or breaker is there the answer is repeated, as of the moment asked and under an id of its own.
        """
        snapshot = service.in_use(asked.alias)
        question = service.question(asked, snapshot, asked.alias)
        # A repeat never waits for anything, so it needs no thread.
        repeated = None if demands_anew(cache_control) else service.repeated(question, snapshot)
        if repeated is not None:
            return Response(repeated, media_type=JSON_TYPE)
        answer = await service.breakers.answer(partial(service.answer_anew, question, snapshot))
        return Response(answer.model_dump_json(), media_type=JSON_TYPE)

    return router
