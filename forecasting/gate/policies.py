"""What becomes of a candidate, by either policy."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from types import MappingProxyType

from forecasting.explain.importances import ruling_feature
from forecasting.gate.believable import is_quarantined, release_words
from forecasting.gate.champion import challenger_criteria, refit_criteria
from forecasting.gate.classic import CLASSIC
from forecasting.gate.decision import Criterion, Decision, Grade, Outcome, number
from forecasting.gate.evidence import Evidence, known
from forecasting.gate.facts import ProductionFacts
from forecasting.gate.licensed import licence_criteria
from forecasting.gate.structure import STRUCTURE
from forecasting.gate.waiting import time_to_proof_words

Stages = tuple[Callable[[Evidence], tuple[Criterion, ...]], ...]


def structure_criteria(evidence: Evidence) -> tuple[Criterion, ...]:
    """Everything that is asked of the candidate before its scores are."""
    return tuple(ask(evidence) for ask in STRUCTURE)


def classic_criteria(evidence: Evidence) -> tuple[Criterion, ...]:
    """Everything that is asked of its scores."""
    return tuple(ask(evidence) for ask in CLASSIC)


POLICIES: Mapping[str, Stages] = MappingProxyType(
    {
        # Nothing reaches production whose recipe is not proven.
        "strict": (
            structure_criteria,
            classic_criteria,
            licence_criteria,
            refit_criteria,
            challenger_criteria,
        ),
        # One backtest cannot prove a recipe, so what passes here is served as `unproven`.
        "classic": (structure_criteria, classic_criteria, refit_criteria),
    }
)


def decide(evidence: Evidence) -> Decision:
    """Decide what becomes of a candidate; pure, never raises, and refuses where anything is missing.

    Parameters
    ----------
    evidence
        Plain numbers, and the policy to decide by; None and NaN mean missing.

    Returns
    -------
    Decision
        `promote` only when every criterion is met; `keep` when the candidate is the bundle that serves
        already; else `refuse`, with each criterion that was not met.
    """
    criteria = tuple(
        each for stage in POLICIES.get(evidence.policy, (_no_policy,)) for each in stage(evidence)
    )
    unmet = tuple(
        f"{each.name}: found {each.found}; needed {each.needed}" for each in criteria if not each.passed
    )
    if _is_production(evidence):
        return _decision("keep", evidence, criteria, ("this very bundle is already production",))
    if unmet:
        return _decision("refuse", evidence, criteria, unmet)
    return _decision("promote", evidence, criteria, (f"all {len(criteria)} criteria are met",))


def _decision(
    outcome: Outcome, evidence: Evidence, criteria: tuple[Criterion, ...], reasons: tuple[str, ...]
) -> Decision:
    return Decision(
        outcome=outcome,
        criteria=criteria,
        reasons=reasons,
        notes=tuple(_notes(evidence)),
        time_to_proof=time_to_proof_words(evidence),
        policy=evidence.policy,
        evidence_grade=_grade(criteria),
        quarantined=is_quarantined(evidence),
    )


def _grade(criteria: tuple[Criterion, ...]) -> Grade:
    """`proven` only where the licence was asked for and all that it rests on is there."""
    licence = [each.passed for each in criteria if each.stage == "licence"]
    return "proven" if licence and all(licence) else "unproven"


def _no_policy(evidence: Evidence) -> tuple[Criterion, ...]:
    needed = f"one of {', '.join(POLICIES)}"
    return (Criterion("policy", "structure", False, str(evidence.policy), needed),)


def _is_production(evidence: Evidence) -> bool:
    production, digest = evidence.production, evidence.candidate.digest
    return isinstance(production, ProductionFacts) and bool(digest) and production.digest == digest


def _notes(evidence: Evidence) -> Iterator[str]:
    """Give what is worth knowing and decides nothing, and who released what was too good to be true."""
    own = evidence.comparison.own
    ours, base_rate = number(known(own.candidate.brier)), number(known(own.naive.brier))
    yield f"Brier score {ours}, that of the constant base rate {base_rate} (not asked for)"
    importances = evidence.candidate.importances or ()
    alone = ruling_feature(
        [(name, share) for name, value in importances if (share := known(value)) is not None]
    )
    if alone is not None:
        yield f"{alone} (not asked for)"
    if released := release_words(evidence):
        yield released
