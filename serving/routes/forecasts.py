"""Routes that answer forecasts."""

from __future__ import annotations

from functools import partial

from fastapi import APIRouter, Request
from fastapi.responses import Response

from serving.routes.freshness import LONGEST_CACHE_CONTROL, CacheControl, demands_anew
from serving.routes.service import Service, ServiceOf, service_of
from serving.schemas.forecasts import ForecastAnswer, ForecastRequest
from serving.web.documentation import forecast_problems
from serving.web.quick import quick_route

JSON_TYPE = "application/json"


def forecast_routes() -> APIRouter:
    """Routes that answer forecasts."""
    router = APIRouter(
        prefix="/api", tags=["forecasts"], route_class=quick_route(ForecastRequest, _answered_at_once)
    )

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
        return await _answered(service, asked, cache_control)

    return router


async def _answered_at_once(request: Request, asked: ForecastRequest) -> Response | None:
    told = request.headers.getlist("cache-control")
    if len(told) > 1 or any(len(each) > LONGEST_CACHE_CONTROL for each in told):
        return None
    return await _answered(service_of(request), asked, told[0] if told else None)


async def _answered(service: Service, asked: ForecastRequest, cache_control: str | None) -> Response:
    snapshot = service.in_use(asked.alias)
    question = service.question(asked, snapshot, asked.alias)
    # A repeat never waits for anything, so it needs no thread.
    repeated = None if demands_anew(cache_control) else service.repeated(question, snapshot)
    if repeated is not None:
        return Response(repeated, media_type=JSON_TYPE)
    answer = await service.breakers.answer(partial(service.answer_anew, question, snapshot))
    return Response(answer.model_dump_json(), media_type=JSON_TYPE)
