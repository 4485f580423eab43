"""What the routes answer from, and how an answer is made and logged."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Annotated

from fastapi import Depends, Request

from forecasting.adapters.store.forecast_log import ServedForecast
from forecasting.errors import InputError, UnknownHorizon
from forecasting.horizons import Horizon
from forecasting.types import parse_symbol, utc_iso
from serving.answers.answer import answer
from serving.answers.answer_cache import AnswerCache
from serving.answers.breakers import BreakerBoard
from serving.answers.challengers import challengers_of
from serving.answers.forecast_writer import ForecastWriter
from serving.answers.held import HeldMarket
from serving.answers.market import PRODUCTION, Alias, Question, StoreDoor
from serving.answers.recording import WatchedMarket, served_forecast
from serving.answers.repeating import Repeated, Repeater
from serving.answers.shadows import Shadows
from serving.answers.together import Begun, Together
from serving.in_use.snapshot import Snapshot
from serving.in_use.watcher import ProductionWatcher, wall_clock_ms
from serving.schemas.forecasts import ForecastAnswer, MarketQuestion
from serving.web.metrics import Meter
from serving.web.problems import field_error

CLOCK_SKEW_MS = 60_000

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Service:
    """What the routes answer from; made when the app starts."""

    door: StoreDoor
    watcher: ProductionWatcher
    writer: ForecastWriter
    breakers: BreakerBoard
    clock: Callable[[], int]
    held: HeldMarket
    cache: AnswerCache
    shadows: Shadows
    meter: Meter = field(default_factory=Meter)

    @property
    def horizons(self) -> Mapping[str, Horizon]:
        """Horizons in force now, by name; the names never change."""
        return self.watcher.snapshot.in_force.horizons

    def repeated(self, question: Question, snapshot: Snapshot) -> bytes | None:
        """JSON of an answer that nothing has changed since it was computed, logged; None where it must be computed."""
        repeater = self.cache.find(question, snapshot)
        return None if repeater is None else repeater.body(self._again(repeater, question))

    def answer(self, question: Question, snapshot: Snapshot, begun: Begun | None = None) -> ForecastAnswer:
        """Answer from the models of a snapshot, again where nothing has changed, and log the answer."""
        repeater = self.cache.find(question, snapshot)
        if repeater is None:
            return self.answer_anew(question, snapshot, begun)
        return repeater.answered(self._again(repeater, question))

    def answer_anew(
        self, question: Question, snapshot: Snapshot, begun: Begun | None = None
    ) -> ForecastAnswer:
        """Compute an answer from the models of a snapshot, from what was begun of it if any, and log it."""
        begun = begun or Begun(self.cache.grounds(question, snapshot), self.market(), self.breakers)
        self.watcher.want(question.horizon.name)
        found = answer(question, snapshot, begun.market, begun.watch, begun.newest)
        served = self._offered(question, snapshot, found, begun.market)
        answered = self._sent(found, served)
        if served is not None:
            self.cache.keep(question, snapshot, begun.grounds, answered, served)
            self.held.wish(question)
            if question.alias == PRODUCTION and question.moment_ms >= self.held.newest_ms(question.symbol):
                self.shadows.offer(question, snapshot, served.as_of_ms)
        return answered

    def begin(self, questions: Sequence[Question], snapshot: Snapshot, *, anew: bool) -> list[Begun | None]:
        """Ask the model once about many markets over one horizon; what comes of it goes into `answer`."""
        return Together(self.cache, self.breakers, self.market).begin(questions, snapshot, anew=anew)

    def shadowed(self, question: Question, snapshot: Snapshot) -> None:
        """Compute an answer that nobody asked for, and log it."""
        market = self.market()
        self._offered(question, snapshot, self.computed(question, snapshot, market), market)

    def market(self) -> WatchedMarket:
        """View of the market for one answer."""
        return WatchedMarket(self.held.market)

    def computed(self, question: Question, snapshot: Snapshot, market: WatchedMarket) -> ForecastAnswer:
        """Answer from the models of a snapshot; nothing is logged."""
        self.watcher.want(question.horizon.name)
        return answer(question, snapshot, market, self.breakers)

    def logged(
        self, question: Question, snapshot: Snapshot, found: ForecastAnswer, market: WatchedMarket
    ) -> ForecastAnswer:
        """Log an answer that was computed from a market, and give it its id, None where it cannot be logged."""
        return self._sent(found, self._offered(question, snapshot, found, market))

    def _again(self, repeater: Repeater, question: Question) -> Repeated:
        self.meter.answered(repeater.answer)
        again = repeater.again(question.moment_ms, wall_clock_ms(), self.held.checked_ms(question.symbol))
        return again if self.writer.offer(again.forecast) else again.unlogged()

    def _offered(
        self, question: Question, snapshot: Snapshot, found: ForecastAnswer, market: WatchedMarket
    ) -> ServedForecast | None:
        asked = snapshot.models.get(question.horizon.name)
        try:
            served = served_forecast(question, asked, found, market.used, wall_clock_ms())
        except Exception:  # an answer that cannot be logged is an answer all the same
            _log.exception("an answer for %s %s cannot be logged", found.symbol, found.horizon)
            return None
        return served if self.writer.offer(served) else None

    def _sent(self, found: ForecastAnswer, served: ServedForecast | None) -> ForecastAnswer:
        self.meter.answered(found)
        checked_ms = self.held.checked_ms(found.symbol)
        return found.model_copy(
            update={
                "forecast_id": None if served is None else served.forecast_id,
                "checked_at": None if checked_ms is None else utc_iso(checked_ms),
            }
        )

    def horizon(self, name: str, snapshot: Snapshot | None = None) -> Horizon:
        """Horizon of a name that was asked, as a snapshot has it, or as it is in force now."""
        horizons = self.horizons if snapshot is None else snapshot.in_force.horizons
        horizon = horizons.get(name)
        if horizon is None:
            raise UnknownHorizon(f"the horizon is unknown: one of {', '.join(horizons)} is needed")
        return horizon

    def in_use(self, alias: Alias = PRODUCTION) -> Snapshot:
        """Models that answer now: those in use, or the challengers of them."""
        snapshot = self.watcher.snapshot
        return snapshot if alias == PRODUCTION else challengers_of(snapshot)

    def question(self, asked: MarketQuestion, snapshot: Snapshot, alias: Alias = PRODUCTION) -> Question:
        """Check what was asked against what exists, over the horizon that the snapshot answers."""
        horizon = self.horizon(asked.horizon, snapshot)
        now_ms = self.clock()
        moment_ms = now_ms if asked.timestamp_ms is None else asked.timestamp_ms
        if moment_ms > now_ms + CLOCK_SKEW_MS:
            raise field_error("timestamp", f"lies in the future: it is {utc_iso(now_ms)}")
        return Question(market_name(asked.symbol), horizon, moment_ms, alias)


def market_name(symbol: str) -> str:
    """Unified name of a market; empty for a text that is none: a market that we do not know, as the store says."""
    try:
        return parse_symbol(symbol)
    except InputError:
        return ""


def service_of(request: Request) -> Service:
    """Give what the app of a request answers from."""
    service: Service = request.app.state.service
    return service


async def _service(request: Request) -> Service:  # async, or each request would visit a thread for it
    return service_of(request)


ServiceOf = Annotated[Service, Depends(_service)]
