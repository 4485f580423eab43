"""What the routes answer from, and how an answer is made and logged."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends, Request

from forecasting.errors import InputError, UnknownHorizon
from forecasting.horizons import Horizon
from forecasting.types import parse_symbol, utc_iso
from serving.answers.answer import answer
from serving.answers.breakers import BreakerBoard
from serving.answers.forecast_writer import ForecastWriter
from serving.answers.market import Question, StoreDoor
from serving.answers.recording import WatchedMarket, served_forecast
from serving.in_use.snapshot import Snapshot
from serving.in_use.watcher import ProductionWatcher, wall_clock_ms
from serving.schemas.forecasts import ForecastAnswer, ForecastRequest
from serving.web.problems import field_error

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
        market = self.market()
        return self.logged(question, snapshot, self.computed(question, snapshot, market), market)

    def market(self) -> WatchedMarket:
        """View of the market for one answer."""
        return WatchedMarket(self.door.market())

    def computed(self, question: Question, snapshot: Snapshot, market: WatchedMarket) -> ForecastAnswer:
        """Answer from the models of a snapshot; nothing is logged."""
        return answer(question, snapshot, market, self.breakers)

    def logged(
        self, question: Question, snapshot: Snapshot, found: ForecastAnswer, market: WatchedMarket
    ) -> ForecastAnswer:
        """Log an answer that was computed from a market, and give it its id, None where it cannot be logged."""
        asked = snapshot.models.get(question.horizon.name)
        try:
            served = served_forecast(question, asked, found, market.used, wall_clock_ms())
            forecast_id = served.forecast_id if self.writer.offer(served) else None
        except Exception:  # an answer that cannot be logged is an answer all the same
            _log.exception("an answer for %s %s cannot be logged", found.symbol, found.horizon)
            forecast_id = None
        return found.model_copy(update={"forecast_id": forecast_id})

    def horizon(self, name: str) -> Horizon:
        """Horizon of a name that was asked."""
        horizon = self.horizons.get(name)
        if horizon is None:
            raise UnknownHorizon(f"the horizon is unknown: one of {', '.join(self.horizons)} is needed")
        return horizon

    def question(self, asked: ForecastRequest) -> Question:
        """Check what was asked against what exists."""
        horizon = self.horizon(asked.horizon)
        now_ms = self.clock()
        moment_ms = now_ms if asked.timestamp_ms is None else asked.timestamp_ms
        if moment_ms > now_ms + CLOCK_SKEW_MS:
            raise field_error("timestamp", f"lies in the future: it is {utc_iso(now_ms)}")
        return Question(market_name(asked.symbol), horizon, moment_ms)


def market_name(symbol: str) -> str:
    """Unified name of a market; empty for a text that is none: a market that we do not know, as the store says."""
    try:
        return parse_symbol(symbol)
    except InputError:
        return ""


async def _service(request: Request) -> Service:  # async, or each request would visit a thread for it
    service: Service = request.app.state.service
    return service


ServiceOf = Annotated[Service, Depends(_service)]
