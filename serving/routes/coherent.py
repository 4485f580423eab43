"""The route that shows a forecast and its steps, before and after they agree."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query

from forecasting.coherence.pairs import find_steps
from forecasting.errors import InvalidSettings
from forecasting.horizons import Horizon
from serving.answers.coherence import coherent_answer
from serving.answers.market import Question
from serving.in_use.snapshot import Snapshot
from serving.routes.service import ServiceOf
from serving.schemas.coherent import CoherentAnswer, CoherentRequest
from serving.schemas.forecasts import ForecastAnswer
from serving.web.documentation import forecast_problems
from serving.web.limits import StrictJsonRoute
from serving.web.problems import field_error


def coherent_routes() -> APIRouter:
    """Routes that answer forecasts of several horizons that agree."""
    router = APIRouter(prefix="/api", tags=["forecasts"], route_class=StrictJsonRoute)

    @router.get(
        "/forecast/coherent", responses=forecast_problems(), summary="Forecast one return and its steps"
    )
    def coherent(asked: Annotated[CoherentRequest, Query()], service: ServiceOf) -> CoherentAnswer:
        """Forecast the return of a market over a horizon and over each step inside it, so that they agree.

        Both sides are shown: what each horizon forecast by itself, and what they agree on. Steps that have
        passed are what happened; they replace their forecasts and do not move those of the steps to come.
        """
        snapshot = service.in_use()
        question = service.question(asked, snapshot)
        steps = _steps(question, asked, snapshot)

        def ask(each: Question) -> ForecastAnswer:
            return service.answer(each, snapshot)

        return coherent_answer(question, steps, snapshot, service.held.market, ask)

    return router


def _steps(question: Question, asked: CoherentRequest, snapshot: Snapshot) -> Horizon:
    try:
        return find_steps(question.horizon, asked.steps, snapshot.in_force.horizons)
    except InvalidSettings as error:
        raise field_error("steps", str(error)) from error
