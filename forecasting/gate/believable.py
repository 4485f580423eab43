"""Is the candidate too good to be true? Then a person has to look, and may release this very bundle."""

from __future__ import annotations

from forecasting.gate.decision import Criterion, number, percent
from forecasting.gate.evidence import Evidence, known

LEAST_LABELS = 30
TOO_GOOD_ACCURACY = 0.65
QUARANTINE = "quarantine: a leak is likelier than a model this good, a person has to look"


def correlation_believable(evidence: Evidence) -> Criterion:
    """Ask for no more correlation with the returns than this horizon can honestly give."""
    found, bound = _correlation(evidence)
    too_good = _correlation_too_good(evidence)
    return Criterion(
        name="believable correlation",
        stage="structure",
        passed=found is not None and bound is not None and not (too_good and not is_released(evidence)),
        found=f"rank correlation {number(found)}" + _said(evidence, too_good),
        needed=f"at most {number(bound)}",
    )


def accuracy_believable(evidence: Evidence) -> Criterion:
    """Ask for no more right directions than an honest model gets over many separate windows."""
    found, labels = _accuracy(evidence)
    too_good = _accuracy_too_good(evidence)
    return Criterion(
        name="believable accuracy",
        stage="structure",
        passed=found is not None and labels is not None and not (too_good and not is_released(evidence)),
        found=f"{percent(found)} right directions over {number(labels)} labels that do not overlap"
        + _said(evidence, too_good),
        needed=f"at most {percent(TOO_GOOD_ACCURACY)} over {LEAST_LABELS} or more",
    )


def is_quarantined(evidence: Evidence) -> bool:
    """Whether it is too good to be true and nobody released it."""
    too_good = _correlation_too_good(evidence) or _accuracy_too_good(evidence)
    return too_good and not is_released(evidence)


def is_released(evidence: Evidence) -> bool:
    """Whether somebody, with a name and a reason, vouches for this very bundle."""
    release = evidence.release
    return (
        release is not None
        and bool(release.digest)
        and release.digest == evidence.candidate.digest
        and bool(release.who.strip() and release.why.strip())
    )


def release_words(evidence: Evidence) -> str:
    """Say who released the candidate, when and why; empty where nobody did."""
    release = evidence.release
    if release is None or not is_released(evidence):
        return ""
    return f"released by {release.who} at {release.at}: {release.why}"


def _said(evidence: Evidence, too_good: bool) -> str:
    return f" ({release_words(evidence) or QUARANTINE})" if too_good else ""


def _correlation_too_good(evidence: Evidence) -> bool:
    found, bound = _correlation(evidence)
    return found is not None and bound is not None and found > bound


def _accuracy_too_good(evidence: Evidence) -> bool:
    found, labels = _accuracy(evidence)
    enough = labels is not None and labels >= LEAST_LABELS
    return enough and found is not None and found > TOO_GOOD_ACCURACY


def _correlation(evidence: Evidence) -> tuple[float | None, float | None]:
    return known(evidence.comparison.rank_ic), known(evidence.demands.too_good_ic)


def _accuracy(evidence: Evidence) -> tuple[float | None, float | None]:
    board = evidence.comparison.own
    return known(board.candidate.directional_accuracy), known(board.non_overlapping_labels)
