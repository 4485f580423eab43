"""The facts of the stages after the backtest: licence, refit, challenger, and what a person released."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

from forecasting.licence.proof_time import ProofTime

TOLD_ROWS = ("development", "shadow", "test")


@dataclass(frozen=True, slots=True)
class NotAsked:
    """A question that was not put, and why; whether that is a good reason says the gate.

    Attributes
    ----------
    reason
        Words for people, as in `an earlier stage refused`.
    proof
        Of a licence: time to proof at the skill of the rows that the candidate was judged on in the open; None where
        they tell none.
    """

    reason: str
    proof: ProofTime | None = None


@dataclass(frozen=True, slots=True)
class Budget:
    """What the question cost, and what is left of the year.

    Attributes
    ----------
    year
        Calendar year (UTC) that the question was charged to.
    number
        It was this horizon's j-th recipe of that year, from 1.
    alpha
        What it cost, in (0, 1).
    horizon_alpha
        What the horizon may spend in that year, in (0, 1).
    spent
        Sum of all charges of that year so far, this one among them.
    """

    year: int | None
    number: int | None
    alpha: float | None
    horizon_alpha: float | None
    spent: float | None


@dataclass(frozen=True, slots=True)
class LicenceFacts:
    """Whether the candidate's recipe is proven, and on what.

    Rows that refuse answer with one bit. Whoever saw their figures, even roughly, could tune the next recipes by them
    until one passes, so of a recipe without a licence only `proof` on other rows is told.

    Attributes
    ----------
    recipe
        Hash of the recipe that was asked for.
    held
        Whether it holds a licence; None: not known.
    stage
        The rows that granted it or, without a licence, that it was asked on last.
    budget
        What the question cost.
    no_change, drift, echo
        Natural logarithm of the evidence against each baseline (echo is AR(1)) at the bar that granted the licence;
        None without one.
    proof
        Time to proof: with a licence of the weakest of the three, without one at the skill of `seen_on`. Its
        `log_needed` is the logarithm of 1 / alpha.
    seen_on
        Without a licence, the rows that the skill of `proof` was seen on: development rows, from before the lockbox,
        shadow rows, from after the recipe was made, or the candidate's own test rows, which no lockbox holds. On any
        other it is not told.
    """

    recipe: str | None
    held: bool | None
    stage: Literal["lockbox", "shadow"] | None
    budget: Budget | None
    no_change: float | None
    drift: float | None
    echo: float | None
    proof: ProofTime | None
    seen_on: Literal["development", "shadow", "test"] | None = None

    def told(self) -> LicenceFacts:
        """Return what people may see of it."""
        if self.held is True:
            return self
        proof = self.proof if self.seen_on in TOLD_ROWS else None
        return replace(self, no_change=None, drift=None, echo=None, proof=proof)


@dataclass(frozen=True, slots=True)
class ChallengerFacts:
    """The candidate's recipe against a champion of another recipe that holds a licence too.

    Attributes
    ----------
    champion_digest, champion_recipe
        Whom it was held against.
    bars
        Bars that were bet on.
    log_evidence, log_needed
        Natural logarithm of the evidence that the candidate knows more than the champion, and of 1 / alpha. Evidence
        that does not suffice is not told, for its rows are those of a lockbox.
    """

    champion_digest: str | None
    champion_recipe: str | None
    bars: int | None
    log_evidence: float | None
    log_needed: float | None

    def told(self) -> ChallengerFacts:
        """Return what people may see of it."""
        found, needed = self.log_evidence, self.log_needed
        enough = found is not None and needed is not None and found >= needed
        return self if enough else replace(self, log_evidence=None)


@dataclass(frozen=True, slots=True)
class Release:
    """A person has looked at a candidate that was too good to be true, and vouches for it.

    Attributes
    ----------
    digest
        Hex SHA-256 of the bundle that was released; a refit needs a release of its own.
    who, why
        Who did it, and the reason given.
    at
        When, as a text in UTC.
    """

    digest: str
    who: str
    why: str
    at: str
