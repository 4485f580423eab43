"""The breaker that watches intervals: nine in ten returns should lie inside the 90 % interval, and far fewer do."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Self

from forecasting.monitoring.trip import UNCOVERED, Trip

MOMENTS = 200
LEVEL = 0.9
CHANCE = 1e-5


@dataclass(frozen=True, slots=True)
class Coverage:
    """Opens when too few of the returns of the last 200 moments lay inside their 90 % interval.

    Under 80 % are too few where labels do not overlap: by chance a sound interval gets there in 7 of a million
    windows. Labels that overlap repeat the same news, so 200 moments of them are fewer observations, and the share
    that is as unlikely is smaller; so are markets of one moment, which count once, by their mean. It closes when a
    person says so, and then counts only what is forecast later, and with a new version.

    Attributes
    ----------
    horizon_bars
        Bars that a forecast looks ahead.
    inside
        Share of markets whose return lay inside, of the last moments, at most 200, oldest first.
    trip
        Why it is open.
    """

    horizon_bars: int = 1
    inside: tuple[float, ...] = ()
    trip: Trip | None = None

    @property
    def covered(self) -> float | None:
        """Share inside, in [0, 1]; None before the first moment."""
        return math.fsum(self.inside) / len(self.inside) if self.inside else None

    def take(self, inside: Sequence[float], at_ms: int) -> Self:
        """Take up moments that matured, oldest first, by a moment in epoch milliseconds UTC.

        They may come in any portions: it opens at the same one.
        """
        state, needed = self, needed_share(self.horizon_bars)
        for each in inside:
            if state.trip is not None:
                break
            state = state._one(float(each), needed, at_ms)
        return state

    def _one(self, inside: float, needed: float, at_ms: int) -> Self:
        state = replace(self, inside=(*self.inside, inside)[-MOMENTS:])
        covered = math.fsum(state.inside) / len(state.inside)
        if len(state.inside) < MOMENTS or covered >= needed:
            return state
        reason = (
            f"its 90 % interval held {covered:.1%} of the returns of the last {MOMENTS} moments that are known, "
            f"{needed:.1%} are needed"
        )
        return replace(state, trip=Trip(UNCOVERED, reason, at_ms))

    def to_document(self) -> dict[str, Any]:
        """Plain JSON from which `from_document` goes on."""
        trip = None if self.trip is None else self.trip.to_document()
        return {"horizon_bars": self.horizon_bars, "inside": list(self.inside), "trip": trip}

    @classmethod
    def from_document(cls, document: dict[str, Any]) -> Self:
        """Take up what `to_document` gave."""
        return cls(document["horizon_bars"], tuple(document["inside"]), Trip.from_document(document["trip"]))


def needed_share(horizon_bars: int) -> float:
    """Smallest share of 200 moments inside that is likelier than one in 100,000 where nine in ten should be.

    Parameters
    ----------
    horizon_bars
        Bars that a forecast looks ahead: of so many moments in a row, one is news.

    Examples
    --------
    >>> needed_share(1), needed_share(24)
    (0.8, 0.3333333333333333)
    """
    news = math.ceil(MOMENTS / horizon_bars)
    held, chance = 0, (1.0 - LEVEL) ** news
    while chance <= CHANCE and held < news:
        held += 1
        chance += math.comb(news, held) * LEVEL**held * (1.0 - LEVEL) ** (news - held)
    return held / news
