"""Whether the importances of features are plausible: an automatic look, told in sentences.

Plain numbers and no array library: the gate looks at them too.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

REMARKABLE_SHARE = 0.60
_ROUNDING = 1e-9


@dataclass(frozen=True, slots=True)
class ImportanceCheck:
    """One question that is asked of the importances at every training.

    Attributes
    ----------
    question
        What is looked for.
    finding
        What is unusual, a sentence; empty where nothing is.
    """

    question: str
    finding: str


def importance_checks(
    names: Sequence[str],
    importances: Sequence[float],
    members: Mapping[str, Sequence[float]],
    ranges: Sequence[tuple[float, float]],
) -> tuple[ImportanceCheck, ...]:
    """Ask what may be unusual about the importances.

    Findings ask a person to look. What must not be promoted the gate refuses: importances that are not finite,
    negative or all zero, and a feature that has nearly everything.

    Parameters
    ----------
    names
        Of the k features.
    importances
        Share of each feature in what was learned, mean over the members.
    members
        The same of each member that learned something.
    ranges
        Smallest and largest value of each on the rows fitted; NaN where it was always missing.
    """
    shares = list(zip(names, importances, strict=True))
    unusable = _unusable(shares)
    own = {name: list(zip(names, each, strict=True)) for name, each in members.items()}
    alone = "" if unusable else ruling_feature(shares) or _ruling_a_member(own)
    return (
        ImportanceCheck("Is every importance a share?", unusable),
        ImportanceCheck(f"Does one feature have more than {100 * REMARKABLE_SHARE:.0f} %?", alone),
        ImportanceCheck("Is a feature constant or never known?", _unchanging(names, ranges)),
    )


def _unusable(shares: Sequence[tuple[str, float]]) -> str:
    broken = [name for name, share in shares if not 0 <= share < math.inf]
    if broken:
        return f"importances are negative or not finite: {', '.join(broken)}"
    learned = any(share for _, share in shares)
    return "" if learned else "no member found anything to learn: all importances are zero"


def _ruling_a_member(members: Mapping[str, Sequence[tuple[str, float]]]) -> str:
    """Name what rules one member and is diluted by the others."""
    found = ((name, ruling_feature(shares)) for name, shares in members.items())
    return next((f"{name}: {alone}" for name, alone in found if alone), "")


def ruling_feature(shares: Sequence[tuple[str, float]]) -> str | None:
    """Name the feature that has more than 60 % of all importance, in a sentence; None when there is none.

    Examples
    --------
    >>> ruling_feature([("a", 0.7), ("b", 0.3)])
    'a alone has 70 % of the importance: more than 60 % is typical of a leak, so see how it is computed'
    """
    total = math.fsum(share for _, share in shares)
    name, largest = max(shares, key=lambda each: each[1], default=("", 0.0))
    if not 0 < total < math.inf or largest / total <= REMARKABLE_SHARE + _ROUNDING:
        return None
    return (
        f"{name} alone has {100 * largest / total:.0f} % of the importance: "
        f"more than {100 * REMARKABLE_SHARE:.0f} % is typical of a leak, so see how it is computed"
    )


def _unchanging(names: Sequence[str], ranges: Sequence[tuple[float, float]]) -> str:
    bounds = list(zip(names, ranges, strict=True))
    missing = [name for name, (low, high) in bounds if math.isnan(low) or math.isnan(high)]
    constant = [name for name, (low, high) in bounds if low == high]
    told = [
        f"{word}: {', '.join(found)}"
        for word, found in (("never known", missing), ("constant", constant))
        if found
    ]
    return f"on the rows fitted these teach nothing, {'; '.join(told)}" if told else ""
