"""Whether the importances of features are plausible: an automatic look, told in sentences."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from forecasting.types import BoolArray, FloatArray

REMARKABLE_SHARE = 0.60
_ROUNDING = 1e-9


def importance_findings(names: Sequence[str], importances: FloatArray, ranges: FloatArray) -> tuple[str, ...]:
    """Tell what is unusual about the importances, one sentence each; nothing when all is well.

    Findings ask a person to look. What must not be promoted the gate refuses: importances that are not finite,
    negative or all zero, and a feature that has nearly everything.

    Parameters
    ----------
    names
        Of the k features.
    importances
        Shape (k,): share of each feature in what the trees learned.
    ranges
        Shape (k, 2): smallest and largest value on the rows fitted; NaN where it was always missing.

    Examples
    --------
    >>> importance_findings(["a", "b"], np.array([0.7, 0.3]), np.array([[0.0, 1.0], [0.0, 1.0]]))
    ('a alone has 70 % of the importance: more than 60 % is typical of a leak, so see how it is computed',)
    """
    broken = [name for name, share in zip(names, importances, strict=True) if not 0 <= share < np.inf]
    if broken:
        return (f"importances are negative or not finite: {', '.join(broken)}",)
    return (*_one_alone(names, importances), *_unchanging(names, ranges))


def _one_alone(names: Sequence[str], importances: FloatArray) -> tuple[str, ...]:
    total = float(importances.sum())
    if total == 0:
        return ("no tree found anything to learn: all importances are zero",)
    top = int(np.argmax(importances))
    share = float(importances[top]) / total
    if share <= REMARKABLE_SHARE + _ROUNDING:
        return ()
    return (
        f"{names[top]} alone has {100 * share:.0f} % of the importance: "
        f"more than {100 * REMARKABLE_SHARE:.0f} % is typical of a leak, so see how it is computed",
    )


def _unchanging(names: Sequence[str], ranges: FloatArray) -> tuple[str, ...]:
    missing = np.isnan(ranges[:, 0]) | np.isnan(ranges[:, 1])
    constant = ~missing & (ranges[:, 0] == ranges[:, 1])
    groups = (("never known", missing), ("constant", constant))
    return tuple(
        f"{word} on the rows fitted, so they teach nothing: {_listed(names, chosen)}"
        for word, chosen in groups
        if chosen.any()
    )


def _listed(names: Sequence[str], chosen: BoolArray) -> str:
    return ", ".join(name for name, each in zip(names, chosen, strict=True) if each)
