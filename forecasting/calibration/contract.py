"""What every calibrator can do, and which rows none can be fitted on."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar, Protocol, Self

import numpy as np

from forecasting.types import BoolArray, FloatArray


class ProbabilityCalibrator(Protocol):
    """Turns a forecast's distance from the naive one into the probability of an outcome.

    The probability never falls where the distance grows: a forecast that pointed the wrong way is disregarded,
    not turned around. With ever fewer independent rows it comes ever closer to the base rate.

    Attributes
    ----------
    kind
        As settings name it.
    """

    kind: ClassVar[str]

    def __init__(self) -> None: ...

    def fit(
        self, score: FloatArray, happened: BoolArray, *, base_rate: float, n_independent: float | None = None
    ) -> Self:
        """Fit to rows that the forecast was not fitted on.

        Parameters
        ----------
        score
            Shape (n,): distance of a forecast from the naive one, or another number that grows with it.
        happened
            Shape (n,): whether the outcome came, as in "the return was above 0".
        base_rate
            Share of rows in which the outcome comes, in (0, 1), known from a longer history.
        n_independent
            Number of labels that do not overlap; None takes every row as one.

        Raises
        ------
        ValueError
            Arrays of unequal length, a forecast that is not finite, a base rate outside (0, 1), or no
            positive number of independent labels.
        """
        ...

    def probability(self, score: FloatArray) -> FloatArray:
        """Probability of the outcome, shape (n,), in [0, 1]; a row's does not depend on the rows beside it."""
        ...

    def to_document(self) -> dict[str, Any]:
        """JSON-like form of what was fitted."""
        ...

    @classmethod
    def from_document(cls, document: Mapping[str, Any]) -> Self:
        """Inverse of `to_document`."""
        ...


def validate_outcomes(
    score: FloatArray, happened: BoolArray, base_rate: float, n_independent: float | None
) -> None:
    """Refuse rows that no calibrator can be fitted on.

    Raises
    ------
    ValueError
        As `ProbabilityCalibrator.fit` says.
    """
    if len(score) != len(happened) or not np.isfinite(score).all():
        raise ValueError("as many finite forecasts as outcomes are needed")
    if not 0 < base_rate < 1:
        raise ValueError(f"base rate {base_rate} is not between 0 and 1")
    if n_independent is not None and n_independent <= 0:
        raise ValueError(f"{n_independent} independent labels cannot calibrate: more than 0 are needed")


def trust(rows: int, n_independent: float | None, prior_rows: float) -> float:
    """Share of the rows' answer in the probability, n / (n + prior_rows) of n independent rows, in [0, 1)."""
    independent = rows if n_independent is None else min(float(rows), n_independent)
    return independent / (independent + prior_rows) if independent else 0.0
