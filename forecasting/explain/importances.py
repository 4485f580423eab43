"""Whether the importances of features are plausible: an automatic look, told in sentences.

Plain numbers and no array library: the gate looks at them too.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

REMARKABLE_SHARE = 0.60
_ROUNDING = 1e-9


def importance_findings(
    names: Sequence[str], importances: Sequence[float], ranges: Sequence[tuple[float, float]]
) -> tuple[str, ...]:
    """Tell what is unusual about the importances, one sentence each; nothing when all is well.

    Findings ask a person to look. What must not be promoted the gate refuses: importances that are not finite,
    negative or all zero, and a feature that has nearly everything.

    Parameters
    ----------
    names
        Of the k features.
    importances
        Share of each feature in what the trees learned.
    ranges
        Smallest and largest value of each on the rows fitted; NaN where it was always missing.
    """
    shares = list(zip(names, importances, strict=True))
    broken = [name for name, share in shares if not 0 <= share < math.inf]
    if broken:
        return (f"importances are negative or not finite: {', '.join(broken)}",)
    if not any(importances):
        return ("no tree found anything to learn: all importances are zero", *_unchanging(names, ranges))
    alone = ruling_feature(shares)
    return (*([alone] if alone else []), *_unchanging(names, ranges))


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


def _unchanging(names: Sequence[str], ranges: Sequence[tuple[float, float]]) -> tuple[str, ...]:
    bounds = list(zip(names, ranges, strict=True))
    missing = [name for name, (low, high) in bounds if math.isnan(low) or math.isnan(high)]
    constant = [name for name, (low, high) in bounds if low == high]
    groups = (("never known", missing), ("constant", constant))
    return tuple(
        f"{word} on the rows fitted, so they teach nothing: {', '.join(found)}"
        for word, found in groups
        if found
    )
