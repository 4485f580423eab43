"""Is the candidate's recipe proven? Asked of its licence, which was paid for before anybody looked."""

from __future__ import annotations

import math
from collections.abc import Iterator

from forecasting.gate.decision import NOT_KNOWN, Criterion, number, short
from forecasting.gate.evidence import ROUNDING, Evidence, known, sound
from forecasting.gate.licence_facts import Budget, LicenceFacts, NotAsked

BASELINES = (("no change", "no_change"), ("drift", "drift"), ("AR(1)", "echo"))
ROWS = ("lockbox", "shadow")
UNTOLD = "holds one or none, nobody knows"


def licence_criteria(evidence: Evidence) -> tuple[Criterion, ...]:
    """Ask for a licence of the candidate's own recipe: paid for, and earned against each baseline."""
    facts = evidence.licence
    if not isinstance(facts, LicenceFacts):
        found = f"not asked: {facts.reason}" if isinstance(facts, NotAsked) else NOT_KNOWN
        needed = f"a licence of the recipe {short(evidence.candidate.recipe)}"
        return (Criterion("licence", "licence", False, found, needed),)
    asked = (_held(evidence, facts), _paid(facts))
    return (*asked, *_earned(facts)) if facts.held is True else asked


def _held(evidence: Evidence, facts: LicenceFacts) -> Criterion:
    recipe = evidence.candidate.recipe
    answers: dict[bool | None, str] = {
        True: "holds a licence",
        False: "holds no licence",
    }
    said = answers.get(facts.held, UNTOLD)
    rows = f", asked on {facts.stage} rows" if facts.stage in ROWS else ", asked on rows that are not known"
    bit = "" if facts.held is True else "; rows that refuse tell nothing more"
    own = bool(recipe) and facts.recipe == recipe
    return Criterion(
        name="licence",
        stage="licence",
        passed=own and facts.held is True and facts.stage in ROWS,
        found=f"recipe {short(facts.recipe)} {said}{rows}{bit}",
        needed=f"a licence of the recipe {short(recipe)}",
    )


def _paid(facts: LicenceFacts) -> Criterion:
    budget = facts.budget or Budget(None, None, None, None, None)
    alpha, number_of_year = known(budget.alpha), known(budget.number)
    whole, spent = known(budget.horizon_alpha), known(budget.spent)
    fair = _fair(alpha, number_of_year, whole, spent)
    return Criterion(
        name="error budget",
        stage="licence",
        passed=fair and known(budget.year) is not None,
        found=f"recipe number {number(number_of_year)} of {number(known(budget.year))} cost alpha {number(alpha)}; "
        f"{number(spent)} of the year's {number(whole)} is spent",
        needed="the j-th recipe of a year costs at most the year's alpha / (j (j + 1)), and no more is spent than there is",
    )


def _fair(alpha: float | None, nth: float | None, whole: float | None, spent: float | None) -> bool:
    if alpha is None or nth is None or whole is None or spent is None:
        return False
    possible = 0.0 < alpha <= spent * (1.0 + ROUNDING) and 0.0 < whole < 1.0 and nth >= 1
    within = 1.0 + ROUNDING
    return possible and alpha <= whole / (nth * (nth + 1)) * within and spent <= whole * within


def _earned(facts: LicenceFacts) -> Iterator[Criterion]:
    """One criterion for each baseline, with what the question's price demands."""
    needed, proof = log_needed(facts), sound(facts.proof)
    agreed = proof is not None and needed is not None and math.isclose(proof.log_needed, needed, rel_tol=1e-6)
    bars = proof.bars if proof is not None else None
    for name, field in BASELINES:
        found = known(getattr(facts, field))
        passed = agreed and bool(bars) and found is not None and needed is not None and found >= needed
        yield Criterion(
            name=f"evidence against {name}",
            stage="licence",
            passed=passed,
            found=f"log evidence {number(found)} over {number(bars)} bars",
            needed=f"at least {number(needed)}, the logarithm of 1 / alpha",
        )


def log_needed(facts: LicenceFacts) -> float | None:
    """Natural logarithm of 1 / alpha, from what the question cost."""
    alpha = None if facts.budget is None else known(facts.budget.alpha)
    return -math.log(alpha) if alpha is not None and 0.0 < alpha < 1.0 else None
