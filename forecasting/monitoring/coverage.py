"""The breaker that watches intervals: nine in ten returns should lie inside the 90 % interval, and far fewer do."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Self

from forecasting.monitoring.trip import UNCOVERED, Trip

MATURED_ROWS = 200
LEAST_COVERED = 0.8


@dataclass(frozen=True, slots=True)
class Coverage:
    """Opens when under 80 % of the last 200 matured returns lay inside their 90 % interval.

    A sound interval does that in 7 of a million windows of rows that do not depend on one another. Rows
    whose labels overlap, and markets that move together, do, so that there it is more often. It closes when a person
    says so, and then counts only what matures later, and with a new version.

    Attributes
    ----------
    inside
        Of the last rows, at most 200, whether the return lay inside, oldest first.
    trip
        Why it is open.
    """

    inside: tuple[bool, ...] = ()
    trip: Trip | None = None

    @property
    def covered(self) -> float | None:
        """Share inside, in [0, 1]; None before the first row."""
        return sum(self.inside) / len(self.inside) if self.inside else None

    def take(self, inside: Sequence[bool], at_ms: int) -> Self:
        """Take up rows that matured, oldest first, by a moment in epoch milliseconds UTC.

        The rows may come in any portions: it opens at the same row.
        """
        state = self
        for each in inside:
            if state.trip is not None:
                break
            state = state._one(bool(each), at_ms)
        return state

    def _one(self, inside: bool, at_ms: int) -> Self:
        rows = (*self.inside, inside)[-MATURED_ROWS:]
        covered = sum(rows) / len(rows)
        if len(rows) < MATURED_ROWS or covered >= LEAST_COVERED:
            return replace(self, inside=rows)
        reason = (
            f"its 90 % interval held {covered:.1%} of the last {MATURED_ROWS} returns that are known, "
            f"{LEAST_COVERED:.0%} are needed"
        )
        return replace(self, inside=rows, trip=Trip(UNCOVERED, reason, at_ms))

    def to_document(self) -> dict[str, Any]:
        """Plain JSON from which `from_document` goes on."""
        trip = None if self.trip is None else self.trip.to_document()
        return {"inside": "".join("1" if each else "0" for each in self.inside), "trip": trip}

    @classmethod
    def from_document(cls, document: dict[str, Any]) -> Self:
        """Take up what `to_document` gave."""
        return cls(tuple(each == "1" for each in document["inside"]), Trip.from_document(document["trip"]))
