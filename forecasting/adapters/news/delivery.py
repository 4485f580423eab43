"""Events that a program hands over instead of a file, and what became of them; importing it costs nothing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Self

FIELDS = ("time", "title", "url", "source", "category", "symbols", "ai", "text")


@dataclass(frozen=True, slots=True)
class Delivery:
    """Events as a program hands them over.

    Attributes
    ----------
    name
        Who delivers them; quarantine and coverage keep it.
    events
        Fields of each by the words of `FIELDS`; None where there is nothing. The time is ISO 8601 with its zone.
    covers_ms
        Span in which they are all there were, epoch milliseconds UTC; None: from the first to the last of them.
    """

    name: str
    events: Sequence[Mapping[str, str | None]]
    covers_ms: tuple[int, int] | None = None


@dataclass(frozen=True, slots=True)
class HeldEvent:
    """An event that went to quarantine: its place in the delivery, the check it fails, and why."""

    index: int
    check: str
    reason: str


@dataclass(frozen=True, slots=True)
class DeliveredEvents:
    """What became of a delivery; its events = added + unchanged + differing + quarantined.

    Attributes
    ----------
    added, unchanged, differing
        Events that were new, known, or known with another content, of which the first stays.
    quarantined
        Events that are kept out.
    held
        The first of these.
    notes
        Everything that was decided on the way.
    covered
        Whether the span that was said to be complete is kept as such: not where an event of it is kept out.
    """

    added: int
    unchanged: int
    differing: int
    quarantined: int
    held: tuple[HeldEvent, ...]
    notes: tuple[str, ...]
    covered: bool = False

    @classmethod
    def from_document(cls, document: Mapping[str, Any]) -> Self:
        """Inverse of `dataclasses.asdict`."""
        held = tuple(HeldEvent(**each) for each in document["held"])
        return cls(**{**document, "held": held, "notes": tuple(document["notes"])})
