"""What a test of forecasts found; a p-value never stands without the number of labels behind it."""

from __future__ import annotations

from dataclasses import dataclass

LEAST_LABELS = 10


@dataclass(frozen=True, slots=True)
class ForecastTest:
    """One test of one question, asked once: a p-value that is looked at again and again is worth nothing.

    Attributes
    ----------
    name
        Of the test.
    claim
        What a small p-value speaks for.
    statistic
        Its sign says which way the rows point; None where the variance cannot be estimated.
    p_value
        Chance of at least such a statistic if the claim were false, in [0, 1]; None where nothing can be said:
        fewer than 10 labels that do not overlap, or no variance.
    moments
        Moments judged, symbols of one moment counted once.
    labels
        Labels that do not overlap in time.
    """

    name: str
    claim: str
    statistic: float | None
    p_value: float | None
    moments: int
    labels: int

    def __str__(self) -> str:
        """Name, claim, p-value and the labels behind it, in one line."""
        return f"{self.name}: {self.claim}, {p_text(self.p_value, self.labels)}"


def p_text(p_value: float | None, labels: int) -> str:
    """Word a p-value, always with the number of labels that do not overlap.

    Examples
    --------
    >>> p_text(0.0312, 57)
    'p = 0.031 (57 independent labels)'
    >>> p_text(None, 4)
    'p not known (4 independent labels)'
    """
    value = "p not known" if p_value is None else "p < 0.001" if p_value < 0.001 else f"p = {p_value:.3f}"
    return f"{value} ({labels} independent labels)"
