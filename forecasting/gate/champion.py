"""The candidate beside the champion: a refit of its recipe has to be healthy, another recipe has to know more."""

from __future__ import annotations

import math

from forecasting.gate.decision import NOT_KNOWN, Criterion, number, short
from forecasting.gate.evidence import Evidence, known
from forecasting.gate.facts import NoProduction, ProductionFacts
from forecasting.gate.licence_facts import ChallengerFacts, NotAsked
from forecasting.licence.check import REFIT_QUESTIONS, Check

LARGEST_ALPHA = 0.05
NO_CHAMPION = "nothing, as there is no production model"
OTHER_RECIPE = "nothing, as production has another recipe"
SAME_RECIPE = "nothing, as production has the same recipe"
NO_LICENCE = "nothing, as production's recipe holds no licence"


def refit_criteria(evidence: Evidence) -> tuple[Criterion, ...]:
    """Ask for a healthy refit, unless production is known to have another recipe; what was asked can only block."""
    facts, excused = evidence.refit, _excused_from_refit(evidence)
    if isinstance(facts, tuple):
        return (*map(_asked, facts), *_unanswered(facts))
    said = f"not asked: {facts.reason}" if isinstance(facts, NotAsked) else NOT_KNOWN
    passed = isinstance(facts, NotAsked) and excused is not None
    needed = excused or "a healthy refit of production's recipe"
    return (Criterion("refit check", "refit", passed, said, needed),)


def challenger_criteria(evidence: Evidence) -> tuple[Criterion, ...]:
    """Ask for proof that the candidate knows more than a licensed champion of another recipe; a tie keeps it."""
    facts, excused = evidence.challenger, _excused_from_challenge(evidence)
    if isinstance(facts, ChallengerFacts):
        return (_beaten(evidence, facts),)
    said = f"not asked: {facts.reason}" if isinstance(facts, NotAsked) else NOT_KNOWN
    passed = isinstance(facts, NotAsked) and excused is not None
    needed = excused or "evidence that it knows more than production"
    return (Criterion("challenger against champion", "challenger", passed, said, needed),)


def _asked(check: Check) -> Criterion:
    return Criterion(check.name, "refit", check.passed is True, check.found, check.needed)


def _unanswered(checks: tuple[Check, ...]) -> tuple[Criterion, ...]:
    """One unmet criterion for each question of the refit check that has no answer."""
    answered = {check.name for check in checks}
    absent = [name for name in REFIT_QUESTIONS if name not in answered]
    return tuple(Criterion(name, "refit", False, NOT_KNOWN, "an answer") for name in absent)


def _beaten(evidence: Evidence, facts: ChallengerFacts) -> Criterion:
    production = evidence.production
    own = isinstance(production, ProductionFacts) and bool(production.digest)
    same = own and facts.champion_digest == production.digest  # type: ignore[union-attr]
    bars, found, needed = known(facts.bars), known(facts.log_evidence), known(facts.log_needed)
    strict = needed is not None and needed >= -math.log(LARGEST_ALPHA)
    enough = bars is not None and bars >= 1 and found is not None and needed is not None and found >= needed
    return Criterion(
        name="challenger against champion",
        stage="challenger",
        passed=same and bool(facts.champion_recipe) and strict and enough,
        found=f"{_told(found if enough else None)} over {number(bars)} bars against {short(facts.champion_digest)} of the recipe "
        f"{short(facts.champion_recipe)}",
        needed=f"at least {number(needed)}, the logarithm of 1 / alpha, which is {LARGEST_ALPHA} at most; a tie keeps "
        "production",
    )


def _told(found: float | None) -> str:
    # Its rows are those of a lockbox, so a refusal is one bit.
    return "not enough, how much is not told," if found is None else f"log evidence {number(found)}"


def _excused_from_refit(evidence: Evidence) -> str | None:
    production, recipe = evidence.production, evidence.candidate.recipe
    if isinstance(production, NoProduction):
        return NO_CHAMPION
    differs = production is not None and bool(production.recipe and recipe) and production.recipe != recipe
    return OTHER_RECIPE if differs else None


def _excused_from_challenge(evidence: Evidence) -> str | None:
    production, recipe = evidence.production, evidence.candidate.recipe
    if isinstance(production, NoProduction):
        return NO_CHAMPION
    if production is None:
        return None
    if recipe and production.recipe == recipe:
        return SAME_RECIPE
    return NO_LICENCE if production.licensed is False else None
