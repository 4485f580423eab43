"""Is the candidate whole, judged on the right rows, and believable at all? Any failure stops it."""

from __future__ import annotations

from forecasting.gate.believable import LEAST_LABELS, accuracy_believable, correlation_believable
from forecasting.gate.completeness import numbers_complete
from forecasting.gate.decision import Criterion, number, short
from forecasting.gate.evidence import Evidence, known
from forecasting.gate.facts import NoProduction, ProductionFacts

NOTHING_TO_COMPARE = "nothing, as there is no production model"


def members_complete(evidence: Evidence) -> Criterion:
    """Ask for finite forecasts of every member that the bundle promises."""
    promised = evidence.candidate.members
    finite = evidence.candidate.finite_members
    absent = [name for name in promised or () if name not in (finite or ())]
    found = f"{len(finite or ())} members with finite forecasts: {_names(finite)}"
    return Criterion(
        name="members",
        stage="structure",
        passed=bool(promised) and not absent,
        found=f"{found}; absent or not finite: {_names(absent)}" if absent else found,
        needed=f"finite forecasts of all members: {_names(promised)}",
    )


def symbols_scored(evidence: Evidence) -> Criterion:
    """Ask that each symbol of the candidate was scored, once, on rows of its own."""
    served = evidence.candidate.symbols or ()
    scored = [each.symbol for each in evidence.comparison.symbols if known(each.rows)]
    return Criterion(
        name="symbols scored",
        stage="structure",
        passed=bool(served) and sorted(scored) == sorted(set(served)),
        found=f"test rows of {_names(scored)}",
        needed=f"test rows of each symbol it serves: {_names(served)}",
    )


def symbols_kept(evidence: Evidence) -> Criterion:
    """Ask that the candidate serves each symbol that production serves."""
    production = evidence.production
    served = evidence.candidate.symbols or ()
    kept: tuple[str, ...] | None = production.symbols if isinstance(production, ProductionFacts) else None
    lost = [symbol for symbol in kept or () if symbol not in served]
    return Criterion(
        name="symbols kept",
        stage="structure",
        passed=isinstance(production, NoProduction) or (bool(kept) and not lost),
        found=f"production's {_names(lost)} would be lost" if lost else f"it serves {_names(served)}",
        needed=NOTHING_TO_COMPARE
        if isinstance(production, NoProduction)
        else f"all symbols of production: {_names(kept)}",
    )


def rows_registered(evidence: Evidence) -> Criterion:
    """Ask for judgement on the very rows that were set aside when the candidate was trained."""
    registered, found = evidence.candidate.registered_rows, evidence.candidate.found_rows
    return Criterion(
        name="test rows",
        stage="structure",
        passed=bool(registered) and found == registered,
        found=f"fingerprint {short(found)}",
        needed=f"the registered fingerprint {short(registered)}",
    )


def leaks_excluded(evidence: Evidence) -> Criterion:
    """Ask for a passed leak certificate of the features and the training run."""
    passed = evidence.candidate.leak_certificate_passed
    found = "not passed: it names what leaks" if passed is False else "none: train again"
    return Criterion(
        name="leak certificate",
        stage="structure",
        passed=passed is True,
        found="passed" if passed is True else found,
        needed="a passed certificate of features and training run",
    )


def labels_enough(evidence: Evidence) -> Criterion:
    """Ask for enough labels that do not overlap to say anything."""
    labels = known(evidence.comparison.own.non_overlapping_labels)
    return Criterion(
        name="enough labels",
        stage="structure",
        passed=labels is not None and labels >= LEAST_LABELS,
        found=f"{number(labels)} labels that do not overlap",
        needed=f"at least {LEAST_LABELS}",
    )


def bundle_new(evidence: Evidence) -> Criterion:
    """Ask for a bundle that does not serve already."""
    production, digest = evidence.production, evidence.candidate.digest
    serving = production.digest if isinstance(production, ProductionFacts) else None
    there_is_none = isinstance(production, NoProduction)
    return Criterion(
        name="new bundle",
        stage="structure",
        passed=bool(digest) and (there_is_none or (bool(serving) and digest != serving)),
        found=f"candidate {short(digest)}, production {'none' if there_is_none else short(serving)}",
        needed="another bundle than production's",
    )


STRUCTURE = (
    members_complete,
    symbols_scored,
    symbols_kept,
    numbers_complete,
    rows_registered,
    leaks_excluded,
    labels_enough,
    bundle_new,
    correlation_believable,
    accuracy_believable,
)


def _names(names: tuple[str, ...] | list[str] | None) -> str:
    return ", ".join(names or ()) or "none"
