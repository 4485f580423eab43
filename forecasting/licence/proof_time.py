"""Time to proof: how long a recipe would still need, and how good it would have to be.

A better who stakes the share b on forecasts of information coefficient k gains b k - b^2 / 2 in log-wealth a bar. The
best stake gives k^2 / 2, so the number of bars times k^2 decides: N k^2 >= 16 for power 0.8 at alpha 0.01.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

# The gate reads these numbers, and loads no array library.
if TYPE_CHECKING:
    from forecasting.licence.process import EProcess

POWER_QUANTILE = 0.8416212335729143  # 80 % of standard normal values are below


@dataclass(frozen=True, slots=True)
class ProofTime:
    """What separates a recipe from its proof.

    Attributes
    ----------
    bars
        Bars that were bet on so far.
    skill
        Information coefficient seen so far, pooled over symbols.
    log_evidence, log_needed
        Natural logarithm of E now, and of 1 / alpha.
    more_bars
        Bars that are still needed on average at this skill, from the evidence there is; None: at this skill never.
    bars_of_law
        Bars, from the first on, after which 80 % of recipes of this skill are proven; None: at this skill never.
    sufficient_skill
        The skill that would have passed on average on the bars seen so far; None before the first.
    """

    bars: int
    skill: float
    log_evidence: float
    log_needed: float
    more_bars: int | None
    bars_of_law: int | None
    sufficient_skill: float | None

    @property
    def sentence(self) -> str:
        """Words for people."""
        if self.log_evidence >= self.log_needed:
            return f"proven on {self.bars:,} bars at a skill of {self.skill:.3f}"
        begin = f"not proven: {self.bars:,} bars show a skill of {self.skill:.3f}; "
        wait = (
            "at this skill no number of bars would prove it"
            if self.more_bars is None
            else f"at this skill it needs some {self.more_bars:,} more"
        )
        would = self.sufficient_skill
        return begin + wait + ("" if would is None else f", and at {would:.3f} it would have passed by now")

    def to_document(self) -> dict[str, Any]:
        """Plain JSON."""
        return {name: getattr(self, name) for name in self.__slots__} | {"sentence": self.sentence}


def time_to_proof(process: EProcess, alpha: float) -> ProofTime:
    """Say how far the evidence is from 1 / alpha.

    Parameters
    ----------
    process
        The weakest of those against no change, drift and AR(1).
    alpha
        What was charged for the question, in (0, 1).
    """
    needed = -math.log(alpha)
    growth = growth_of(process.skill, process.stakes.fractions)
    missing = max(needed - process.log_evidence, 0.0)
    never = growth <= 0.0
    return ProofTime(
        bars=process.bets,
        skill=process.skill,
        log_evidence=process.log_evidence,
        log_needed=needed,
        more_bars=None if never else math.ceil(missing / growth),
        bars_of_law=None if never else math.ceil(evidence_law(alpha) / process.skill**2),
        sufficient_skill=sufficient_skill(process.bets, needed, process.stakes.fractions),
    )


def proof_at_skill(
    bars: int, skill: float, alpha: float, fractions: tuple[float, ...], asked_bars: int
) -> ProofTime:
    """Say how long a proof takes from its first bar on, where nobody may be told how far a question got.

    Parameters
    ----------
    bars, skill
        Bars that the question is not asked on, and the information coefficient that they show.
    alpha
        What was charged for the question, in (0, 1).
    fractions
        Stakes of the betters.
    asked_bars
        Bars that the question was asked on: the skill that would have sufficed is told for them.
    """
    needed = -math.log(alpha)
    growth = growth_of(skill, fractions)
    never = growth <= 0.0
    return ProofTime(
        bars=bars,
        skill=skill,
        log_evidence=0.0,
        log_needed=needed,
        more_bars=None if never else math.ceil(needed / growth),
        bars_of_law=None if never else math.ceil(evidence_law(alpha) / skill**2),
        sufficient_skill=sufficient_skill(asked_bars, needed, fractions),
    )


def evidence_law(alpha: float) -> float:
    """N x IC^2 for power 0.8: where log-wealth c / 2 with standard deviation sqrt(c) exceeds log(1 / alpha).

    Examples
    --------
    >>> round(evidence_law(0.01)), round(evidence_law(0.002))
    (16, 20)
    """
    return (POWER_QUANTILE + math.sqrt(POWER_QUANTILE**2 - 2.0 * math.log(alpha))) ** 2


def growth_of(skill: float, fractions: tuple[float, ...]) -> float:
    """Log-wealth a bar of the better whose stake suits a skill best; at most 0 where none gains."""
    return max(fraction * skill - fraction**2 / 2.0 for fraction in fractions)


def sufficient_skill(bars: int, log_needed: float, fractions: tuple[float, ...]) -> float | None:
    """Return the skill at which some better gains what is needed in so many bars; None without a bar, at most 1.

    All betters share the first stake, so the logarithm of their number comes on top.
    """
    if bars == 0:
        return None
    each_bar = (log_needed + math.log(len(fractions))) / bars
    return min(1.0, min(each_bar / fraction + fraction / 2.0 for fraction in fractions))
