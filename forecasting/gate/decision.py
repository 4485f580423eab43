"""What the gate answers: one outcome, and each criterion in words that a person understands."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any, Literal

NOT_KNOWN = "not known"

Outcome = Literal["promote", "refuse", "keep"]
Stage = Literal["structure", "classic", "licence", "refit", "challenger"]
Grade = Literal["proven", "unproven"]


@dataclass(frozen=True, slots=True)
class Criterion:
    """One thing that was asked.

    Attributes
    ----------
    name
        What was asked, in a few words.
    stage
        The part of the gate it belongs to.
    passed
        Whether the answer is good enough; a missing number never is.
    found, needed
        What the evidence says and what it would have to say.
    """

    name: str
    stage: Stage
    passed: bool
    found: str
    needed: str


@dataclass(frozen=True, slots=True)
class Decision:
    """What becomes of the candidate.

    Attributes
    ----------
    outcome
        `promote` it, `refuse` it, or `keep` production because it is this very bundle.
    criteria
        Everything that was asked, in order.
    reasons
        Why the outcome is what it is, one sentence each.
    notes
        What is worth knowing and decided nothing.
    time_to_proof
        How far the recipe is from its licence, in bars, in time and in skill; or why nobody can say.
    policy
        The set of rules that decided.
    evidence_grade
        `proven` where the strict policy found a licence of the candidate's recipe, else `unproven`; every answer of the
        model says so.
    quarantined
        Whether it is too good to be true, so that a person has to look and may release it.
    """

    outcome: Outcome
    criteria: tuple[Criterion, ...]
    reasons: tuple[str, ...]
    notes: tuple[str, ...]
    time_to_proof: str
    policy: str
    evidence_grade: Grade
    quarantined: bool

    @property
    def promote(self) -> bool:
        """Whether the candidate becomes production."""
        return self.outcome == "promote"

    def to_document(self) -> dict[str, Any]:
        """Plain JSON: texts, booleans, lists and objects only."""
        return {
            "outcome": self.outcome,
            "promote": self.promote,
            "policy": self.policy,
            "evidence_grade": self.evidence_grade,
            "quarantined": self.quarantined,
            "reasons": list(self.reasons),
            "notes": list(self.notes),
            "time_to_proof": self.time_to_proof,
            "criteria": [asdict(criterion) for criterion in self.criteria],
        }


def percent(value: float | None) -> str:
    """Two decimals of a percentage, or that it is not known.

    Examples
    --------
    >>> percent(0.5312)
    '53.12 %'
    """
    return NOT_KNOWN if value is None else f"{100 * value:.2f} %"


def number(value: float | None) -> str:
    """Seven significant digits, or that it is not known.

    Examples
    --------
    >>> number(0.0123456789)
    '0.01234568'
    """
    return NOT_KNOWN if value is None else f"{value:.7g}"


def short(digest: str | None) -> str:
    """Start of a digest, or that it is not known.

    Examples
    --------
    >>> short("0123456789abcdef")
    '0123456789ab'
    """
    return digest[:12] if digest else NOT_KNOWN
