"""Breakers around the models in use: what opened here or elsewhere bars a model, and naive answers the same request.

A request only moves states in memory. A thread of its own writes what opened, with its alert, and reads what others
opened or a person closed.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Protocol, TypeVar

from forecasting.adapters.store.breaker_book import BreakerBook, KeptBreaker, Watched, told
from forecasting.adapters.store.port import DocumentStore
from forecasting.monitoring.breakers import Breakers, Stale, stale
from forecasting.monitoring.trip import FAILING, STALE, Answered, Trip
from serving.answers.deadline import Deadline, OverdueError
from serving.in_use.snapshot import ServedModel
from serving.polling import Poller

FRESH = "a fresh candle"
PREFIX = "breaker "  # of every reason that is one
LATE = "deadline: "  # of every reason that a model took too long

_log = logging.getLogger(__name__)
_Key = tuple[str, str, str]
Said = TypeVar("Said")


class BarredError(Exception):
    """A breaker is open, or the model did not answer in time."""


class Watch(Protocol):
    """Looks at what models say while requests are answered; each answer is a reason not to use it, or None."""

    def why_barred(self, model: ServedModel) -> str | None:
        """Tell why the model is not to be asked at all."""
        ...

    def ask(self, model: ServedModel, work: Callable[[], Said]) -> Said:
        """Let the model compute; raises BarredError where it takes too long."""
        ...

    def gave(self, model: ServedModel, answer: Answered) -> str | None:
        """Look at what the model said."""
        ...

    def failed(self, model: ServedModel, error: Exception) -> str | None:
        """Count an exception of the model."""
        ...


@dataclass(frozen=True, slots=True)
class Pinned:
    """What was known once, for an answer that is computed again: `reason` barred the model, or nothing did."""

    reason: str | None = None

    def why_barred(self, model: ServedModel) -> str | None:  # noqa: ARG002 - as every watch
        """Tell what was told then."""
        return self.reason

    def ask(self, model: ServedModel, work: Callable[[], Said]) -> Said:  # noqa: ARG002 - as every watch
        """Let it compute, however long that takes."""
        return work()

    def gave(self, model: ServedModel, answer: Answered) -> str | None:  # noqa: ARG002 - as every watch
        """Let it pass."""
        return None

    def failed(self, model: ServedModel, error: Exception) -> str | None:  # noqa: ARG002 - as every watch
        """Let it pass."""
        return None


@dataclass(frozen=True, slots=True)
class _Change:
    watched: Watched
    trip: Trip
    opened: bool


class BreakerBoard(Poller):
    """Breakers of all bundles in use.

    Parameters
    ----------
    store
        Opens the store or returns the open one; called in the board's thread alone.
    clock
        Now, epoch milliseconds UTC.
    poll_seconds
        Pause between two looks at the store.
    deadline
        How long a model may take.
    """

    def __init__(
        self,
        store: Callable[[], DocumentStore],
        clock: Callable[[], int],
        *,
        poll_seconds: float,
        deadline: Deadline | None = None,
    ) -> None:
        super().__init__(
            "breaker-board",
            poll_seconds,
            broken="the look at the breakers failed",
            away="breakers cannot be kept, those of this process hold",
        )
        self._deadline = Deadline() if deadline is None else deadline
        self._store = store
        self._clock = clock
        self._breakers: dict[str, Breakers] = {}
        self._kept: tuple[KeptBreaker, ...] = ()
        self._waiting: dict[_Key, _Change] = {}
        self._lock = threading.Lock()

    def why_barred(self, model: ServedModel) -> str | None:
        """Tell why the model is not to be asked at all."""
        trips = [trip for trip in self.trips(model) if trip.breaker != STALE]
        return told(model.model_id, trips[0]) if trips else None

    def trips(self, model: ServedModel) -> tuple[Trip, ...]:
        """All that is open of a model, as it was seen here or by others; what was seen here comes first."""
        own = self._breakers.get(model.version.digest, Breakers()).trips
        seen = {(trip.breaker, trip.symbol) for trip in own}
        others = [each.trip for each in self._kept if each.watched.bundle == model.version.digest]
        return (*own, *(trip for trip in others if (trip.breaker, trip.symbol) not in seen))

    def ask(self, model: ServedModel, work: Callable[[], Said]) -> Said:
        """Let the model compute; BarredError where it takes too long, and a breaker where it hangs."""
        try:
            return self._deadline.call(model.version.digest, work)
        except OverdueError as error:
            if error.hung:
                raise BarredError(self._hung(model, error)) from None
            raise BarredError(f"{LATE}{model.model_id} did not answer in time") from None

    async def answer(self, ask: Callable[[], Said]) -> Said:
        """Run an answer in a thread in which `ask` takes no other one, while the event loop looks after it."""
        return await self._deadline.answer(ask)

    def gave(self, model: ServedModel, answer: Answered) -> str | None:
        """Look at what the model said; the reason where that, or the age of its candles, opened a breaker."""
        live = answer.asked_ms >= self._clock() - answer.interval_ms

        def look(breakers: Breakers) -> Breakers:
            moved = breakers.take(answer)
            # How old candles were at a moment of the past says nothing of the feed now.
            return moved if live else replace(moved, stale=breakers.stale)

        now = self._move(model, look)
        old = stale(answer)
        if live and old is None:
            self._settle(model, answer.symbol)
        trips = [each for each in now.trips if each.symbol in ("", answer.symbol)]
        trips = [each for each in trips if each.breaker != STALE or old is not None]
        first = trips[0] if trips else old
        return None if first is None else told(model.model_id, first)

    def failed(self, model: ServedModel, error: Exception) -> str | None:
        """Count an exception of the model; the reason where it was one too many."""
        now = self._move(model, lambda breakers: breakers.failed(type(error).__name__, self._clock()))
        trip = now.failing.trip
        return None if trip is None else told(model.model_id, trip)

    def _hung(self, model: ServedModel, error: OverdueError) -> str:
        reason = f"a forecast of it was still not there after {error.seconds:.1f} s"
        trip = Trip(FAILING, reason, self._clock())

        def open_it(breakers: Breakers) -> Breakers:
            known = breakers.failing.trip
            return breakers if known else replace(breakers, failing=replace(breakers.failing, trip=trip))

        return told(model.model_id, self._move(model, open_it).failing.trip or trip)

    def look(self) -> None:
        """Write what waits, then take over what is open by now.

        Raises
        ------
        StoreUnavailable
            Nothing is lost: what waits is written later.
        """
        with self._lock:
            batch = dict(self._waiting)
        book = BreakerBook(self._store(), self._clock)
        for change in batch.values():
            if change.opened:
                book.open(change.watched, change.trip)
            else:
                book.close(change.watched, change.trip.breaker, change.trip.symbol, FRESH)
        kept = tuple(book.open_ones())
        with self._lock:
            self._waiting = {key: each for key, each in self._waiting.items() if batch.get(key) is not each}
            self._kept = kept
            self._close_what_others_closed()

    def _close_what_others_closed(self) -> None:
        still = {_key(each.watched.bundle, each.trip) for each in self._kept} | self._waiting.keys()
        for bundle, breakers in self._breakers.items():
            for trip in breakers.trips:
                if _key(bundle, trip) not in still:
                    self._breakers[bundle] = self._breakers[bundle].without(trip.breaker, trip.symbol)

    def _move(self, model: ServedModel, step: Callable[[Breakers], Breakers]) -> Breakers:
        with self._lock:
            before = self._known(model.version.digest)
            after = step(before)
            self._breakers[model.version.digest] = after
            for trip in set(after.trips) - set(before.trips):
                _log.warning("%s", told(model.model_id, trip))
                self._queue(model, trip, opened=True)
        return after

    def _known(self, bundle: str) -> Breakers:
        """Give what was seen here, over the stale candles that others saw first: those are open since then."""
        own = self._breakers.get(bundle, Breakers())
        first = {
            each.trip.symbol: each.trip
            for each in self._kept
            if (each.watched.bundle, each.trip.breaker) == (bundle, STALE)
            and _key(bundle, each.trip) not in self._waiting
        }
        return replace(own, stale=Stale({**first, **own.stale.trips})) if first else own

    def _settle(self, model: ServedModel, symbol: str) -> None:
        """Close what says that a market's candles are stale, whoever opened it."""
        for each in self._kept:
            if each.watched.bundle == model.version.digest and (STALE, symbol) == _name(each.trip):
                with self._lock:
                    self._queue(model, each.trip, opened=False)

    def _queue(self, model: ServedModel, trip: Trip, *, opened: bool) -> None:
        watched = Watched(model.model_name, model.model_id, model.version.digest)
        self._waiting[_key(watched.bundle, trip)] = _Change(watched, trip, opened)
        if opened:
            self._wake.set()

    def step(self) -> None:
        """Look, whatever waits."""
        self.look()

    def _end(self) -> None:
        # What was opened since the last look is written before the process ends.
        self._take_step()


def _name(trip: Trip) -> tuple[str, str]:
    return trip.breaker, trip.symbol


def _key(bundle: str, trip: Trip) -> _Key:
    return (bundle, *_name(trip))
