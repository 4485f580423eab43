"""How the forecasts of a simulation were made: what is kept beside its runs."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Cadence:
    """When the recipe was trained again, and the seed of every draw.

    Attributes
    ----------
    refits
        Number of cadences, counted back from the newest label.
    every_ms
        Milliseconds from one training to the next.
    seed
        Of every draw.
    """

    refits: int
    every_ms: int
    seed: int


@dataclass(frozen=True, slots=True)
class LiveDecision:
    """What came of one scheduled training.

    Attributes
    ----------
    at_ms
        The moment, epoch milliseconds UTC.
    candidate
        Model id of what was trained; None where nothing could be.
    outcome
        The gate's word, or `failed` where there was nothing to put before it.
    reason
        The first of its reasons.
    serving
        Model id of what served from then on; None for naive.
    """

    at_ms: int
    candidate: str | None
    outcome: str
    reason: str
    serving: str | None


@dataclass(frozen=True, slots=True)
class Speaker:
    """Who made forecasts: its model id, how far it was proven (None for naive), and at how many closes."""

    model_id: str
    evidence: str | None
    closes: int


@dataclass(frozen=True, slots=True)
class LiveCadence:
    """How the days were stepped through, what the gate decided, and who spoke.

    Attributes
    ----------
    refits
        Number of scheduled trainings.
    every_ms
        Milliseconds from one to the next; None: as the schedule says.
    seed
        Of every draw.
    schedule
        The horizon's own, five cron fields, UTC.
    policy
        The gate's.
    naive_share
        Share of the forecasts that naive made, a fraction.
    decisions
        One for each training, oldest first.
    speakers
        The most closes first.
    """

    refits: int
    every_ms: int | None
    seed: int
    schedule: str
    policy: str
    naive_share: float
    decisions: tuple[LiveDecision, ...]
    speakers: tuple[Speaker, ...]
