"""The breakers that watch single answers: each a frozen state, moved on by what the model said or failed to say.

An open breaker stays open whatever comes: `Breakers.without` closes it, when a person says so, and a new version begins
with closed ones. Only stale features end by themselves, with the first fresh candle of the market.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Self

from forecasting.monitoring.staleness import STALE_CANDLES, is_stale
from forecasting.monitoring.trip import CONSTANT, FAILING, NOT_FINITE, STALE, Answered, Trip

EQUAL_ANSWERS = 24
FAILURES = 5


@dataclass(frozen=True, slots=True)
class NotFinite:
    """Opens at the first forecast that is no number, or probability outside 0 to 1."""

    trip: Trip | None = None

    def take(self, answer: Answered) -> Self:
        """Look at an answer."""
        if self.trip is not None or is_forecast(answer):
            return self
        reason = "it gave a forecast that is not finite or a probability outside 0 to 1"
        return replace(self, trip=Trip(NOT_FINITE, reason, answer.asked_ms))


def is_forecast(answer: Answered) -> bool:
    """Whether the forecast is finite and its probabilities are some."""
    return math.isfinite(answer.pred_return) and 0 <= answer.p_up <= 1 and 0 <= answer.conf <= 1


@dataclass(frozen=True, slots=True)
class Constant:
    """Opens at 24 answers in a row, each over a newer candle of its market, that equal the one before there.

    Questions about a candle that was answered, or about older ones, say nothing and are not counted.

    Attributes
    ----------
    last
        Newest candle that was answered (as_of, epoch milliseconds UTC) and the forecast return, by symbol.
    equal
        Answers in a row that equal the one before in their market.
    trip
        Why it is open.
    """

    last: Mapping[str, tuple[int, float]] = field(default_factory=dict)
    equal: int = 0
    trip: Trip | None = None

    def take(self, answer: Answered) -> Self:
        """Look at an answer."""
        before = self.last.get(answer.symbol)
        known = before is not None and answer.as_of_ms <= before[0]
        if self.trip is not None or known or not math.isfinite(answer.pred_return):
            return self
        last = {**self.last, answer.symbol: (answer.as_of_ms, answer.pred_return)}
        if before is None:
            return replace(self, last=last)
        equal = self.equal + 1 if before[1] == answer.pred_return else 0
        trip = None
        if equal >= EQUAL_ANSWERS:
            reason = (
                f"it gave {equal} answers in a row over {equal} newer candles, each equal to the one before"
            )
            trip = Trip(CONSTANT, reason, answer.asked_ms)
        return replace(self, last=last, equal=equal, trip=trip)


@dataclass(frozen=True, slots=True)
class Stale:
    """Opens for a market whose newest candle is more than three intervals old; closes with the next fresh one.

    Attributes
    ----------
    trips
        Why it is open, by symbol.
    """

    trips: Mapping[str, Trip] = field(default_factory=dict)

    def take(self, answer: Answered) -> Self:
        """Look at an answer."""
        others = {symbol: trip for symbol, trip in self.trips.items() if symbol != answer.symbol}
        trip = stale(answer)
        if trip is None:
            return self if len(others) == len(self.trips) else replace(self, trips=others)
        return self if answer.symbol in self.trips else replace(self, trips={**others, answer.symbol: trip})


def stale(answer: Answered) -> Trip | None:
    """Why the features of an answer are too old for the moment that was asked about; None where they are not."""
    if not is_stale(answer.asked_ms, answer.as_of_ms, answer.interval_ms):
        return None
    candles = (answer.asked_ms - answer.as_of_ms) / answer.interval_ms
    reason = (
        f"the newest candle of {answer.symbol} is {candles:,.1f} intervals old, {STALE_CANDLES} are allowed"
    )
    return Trip(STALE, reason, answer.asked_ms, answer.symbol)


@dataclass(frozen=True, slots=True)
class Failing:
    """Opens at the fifth exception in a row; any answer starts the count again.

    Attributes
    ----------
    in_a_row
        Exceptions since the last answer.
    trip
        Why it is open.
    """

    in_a_row: int = 0
    trip: Trip | None = None

    def answered(self) -> Self:
        """Take note that there was an answer."""
        return self if self.trip is not None or not self.in_a_row else replace(self, in_a_row=0)

    def failed(self, error: str, at_ms: int) -> Self:
        """Count an exception, named by its type."""
        if self.trip is not None:
            return self
        count = self.in_a_row + 1
        reason = f"it raised {count} exceptions in a row, the last one {error}"
        return replace(self, in_a_row=count, trip=Trip(FAILING, reason, at_ms) if count >= FAILURES else None)


@dataclass(frozen=True, slots=True)
class Breakers:
    """All breakers of one bundle that watch its single answers.

    Examples
    --------
    >>> answer = Answered("AAA/USDT", 0, 0, 3_600_000, float("nan"), 0.5, 0.5)
    >>> [trip.breaker for trip in Breakers().take(answer).trips]
    ['not-finite']
    """

    not_finite: NotFinite = NotFinite()
    constant: Constant = Constant()
    stale: Stale = Stale()
    failing: Failing = Failing()

    @property
    def trips(self) -> tuple[Trip, ...]:
        """Why those that are open are."""
        whole = (self.not_finite.trip, self.constant.trip, self.failing.trip)
        return (*(trip for trip in whole if trip is not None), *self.stale.trips.values())

    def take(self, answer: Answered) -> Self:
        """Show an answer to all."""
        return replace(
            self,
            not_finite=self.not_finite.take(answer),
            constant=self.constant.take(answer),
            stale=self.stale.take(answer),
            failing=self.failing.answered(),
        )

    def failed(self, error: str, at_ms: int) -> Self:
        """Count an exception of the model, named by its type, at a moment in epoch milliseconds UTC."""
        return replace(self, failing=self.failing.failed(error, at_ms))

    def without(self, breaker: str, symbol: str = "") -> Self:
        """Close one breaker: it begins anew, and knows nothing of what it saw before."""
        if breaker == STALE:
            others = {each: trip for each, trip in self.stale.trips.items() if each != symbol}
            return replace(self, stale=Stale(others))
        return replace(
            self,
            not_finite=NotFinite() if breaker == NOT_FINITE else self.not_finite,
            constant=Constant() if breaker == CONSTANT else self.constant,
            failing=Failing() if breaker == FAILING else self.failing,
        )

    def to_document(self) -> dict[str, Any]:
        """Plain JSON from which `from_document` goes on."""
        return {
            "not_finite": _document(self.not_finite.trip),
            "constant": {
                "last": [[symbol, *seen] for symbol, seen in self.constant.last.items()],
                "equal": self.constant.equal,
                "trip": _document(self.constant.trip),
            },
            "stale": [trip.to_document() for trip in self.stale.trips.values()],
            "failing": {"in_a_row": self.failing.in_a_row, "trip": _document(self.failing.trip)},
        }

    @classmethod
    def from_document(cls, document: dict[str, Any]) -> Self:
        """Take up what `to_document` gave."""
        constant, failing = document["constant"], document["failing"]
        last = {symbol: (as_of_ms, value) for symbol, as_of_ms, value in constant["last"]}
        return cls(
            NotFinite(Trip.from_document(document["not_finite"])),
            Constant(last, constant["equal"], Trip.from_document(constant["trip"])),
            Stale({each["symbol"]: Trip(**each) for each in document["stale"]}),
            Failing(failing["in_a_row"], Trip.from_document(failing["trip"])),
        )


def _document(trip: Trip | None) -> dict[str, Any] | None:
    return None if trip is None else trip.to_document()
