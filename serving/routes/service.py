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
