"""The routes: what is asked where, and which problems each may answer."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Depends, Request

from forecasting.errors import InputError, StoreUnavailable, UnknownHorizon
from forecasting.horizons import Horizon
from forecasting.types import parse_symbol, utc_iso
from serving.answers import answer
from serving.breakers import BreakerBoard
from serving.documentation import any_problems, forecast_problems, ready_problems
from serving.forecast_writer import ForecastWriter
from serving.health_models import Alive, LoadedModel, OpenBreaker, Pointers, Ready, RefusedModel
from serving.limits import StrictJsonRoute
from serving.market import Question, StoreDoor
from serving.models import ForecastAnswer, ForecastRequest
from serving.problems import NOT_READY, ProblemError, field_error
from serving.production import ProductionWatcher, wall_clock_ms
from serving.recording import WatchedMarket, served_forecast
from serving.snapshot import ServedModel, Snapshot

CLOCK_SKEW_MS = 60_000

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Service:
    """What the routes answer from; made when the app starts."""

    horizons: Mapping[str, Horizon]
    door: StoreDoor
    watcher: ProductionWatcher
    writer: ForecastWriter
    breakers: BreakerBoard
    clock: Callable[[], int]

    def answer(self, question: Question, snapshot: Snapshot) -> ForecastAnswer:
        """Answer from the models of a snapshot, and log the answer."""
        market = WatchedMarket(self.door.market())
        found = answer(question, snapshot, market, self.breakers)
        return found.model_copy(update={"forecast_id": self._logged(question, snapshot, found, market)})

    def _logged(
        self, question: Question, snapshot: Snapshot, found: ForecastAnswer, market: WatchedMarket
    ) -> str | None:
        asked = snapshot.models.get(question.horizon.name)
        try:
            served = served_forecast(question, asked, found, market.used, wall_clock_ms())
            return served.forecast_id if self.writer.offer(served) else None
        except Exception:  # an answer that cannot be logged is an answer all the same
            _log.exception("an answer for %s %s cannot be logged", found.symbol, found.horizon)
            return None

    def question(self, asked: ForecastRequest) -> Question:
        """Check what was asked against what exists."""
        horizon = self.horizons.get(asked.horizon)
        if horizon is None:
            raise UnknownHorizon(f"the horizon is unknown: one of {', '.join(self.horizons)} is needed")
        now_ms = self.clock()
        moment_ms = now_ms if asked.timestamp_ms is None else asked.timestamp_ms
        if moment_ms > now_ms + CLOCK_SKEW_MS:
            raise field_error("timestamp", f"lies in the future: it is {utc_iso(now_ms)}")
        return Question(_market_name(asked.symbol), horizon, moment_ms)


def _market_name(symbol: str) -> str:
    # A text that is no market's name is a market that we do not know: the store's answer names those it does.
    try:
        return parse_symbol(symbol)
    except InputError:
        return ""


def _service(request: Request) -> Service:
    service: Service = request.app.state.service
    return service


ServiceOf = Annotated[Service, Depends(_service)]


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


def health_routes() -> APIRouter:
    """Routes that tell a supervisor whether the process lives and whether it can answer."""
    router = APIRouter(tags=["health"])

    @router.get("/livez", responses=any_problems(), summary="Is the process alive?")
    async def livez() -> Alive:
        """Answer as long as the process does; the store and the registry may be down."""
        return Alive()

    @router.get(
        "/readyz",
        responses=ready_problems(),
        summary="Can it answer, and from which models?",
    )
    def readyz(service: ServiceOf) -> Ready:
        """List the models in use.

        503 when the store cannot be read. While it or the registry is down the models in use serve on.
        """
        snapshot = service.watcher.snapshot
        try:
            service.door.market().candles.series()
        except StoreUnavailable as error:
            raise ProblemError(
                NOT_READY,
                f"the document store cannot be read; {len(snapshot.models)} production models are loaded",
            ) from error
        return _ready(snapshot, service.breakers)

    return router


def _ready(snapshot: Snapshot, breakers: BreakerBoard) -> Ready:
    return Ready(
        models=[_loaded(model) for model in snapshot.models.values()],
        refused=[
            RefusedModel(
                horizon=each.horizon,
                model_version=each.version.number,
                reason=each.reason,
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
        pointers=Pointers(
            readable=snapshot.checked_ms is not None and snapshot.pointer_problem is None,
            checked_at=None if snapshot.checked_ms is None else utc_iso(snapshot.checked_ms),
            problem=snapshot.pointer_problem,
        ),
    )


def _loaded(model: ServedModel) -> LoadedModel:
    return LoadedModel(
        horizon=model.horizon,
        model_id=model.model_id,
        model_name=model.model_name,
        model_version=model.version.number,
        evidence=model.evidence,
        since=utc_iso(model.since_ms),
        trained_until=utc_iso(model.trained_until_ms),
        symbols=list(model.spec.symbols),
    )
