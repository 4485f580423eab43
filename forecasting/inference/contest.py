"""Many contenders on the same rows: the best of many looks good by chance alone."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from forecasting.inference.bootstrap import REPETITIONS, block_length
from forecasting.inference.result import p_text
from forecasting.inference.spans import LabelSpans
from forecasting.metrics.columns import demand_rows
from forecasting.types import FloatArray


@dataclass(frozen=True, slots=True)
class SuperiorAbility:
    """Whether any contender beats the baseline.

    Attributes
    ----------
    p_value
        Hansen's consistent p-value: chance that the best of equal contenders looks at least as good, in [0, 1]; 1
        where none has a smaller mean loss than the baseline.
    contenders
        How many were tried: all of them, not those that were kept.
    best
        Name of the contender with the smallest mean loss.
    block
        Mean length of the bootstrap's blocks, in moments.
    labels
        Labels that do not overlap in time.
    """

    p_value: float
    contenders: int
    best: str
    block: int
    labels: int

    def __str__(self) -> str:
        """Best contender, how many there were, p-value and the labels behind it, in one line."""
        words = f"superior predictive ability: {self.best}, best of {self.contenders}"
        return f"{words}, {p_text(self.p_value, self.labels)}"


@dataclass(frozen=True, slots=True)
class ConfidenceSet:
    """Contenders that the rows cannot tell from the best one.

    Attributes
    ----------
    included
        Their names, in alphabetical order.
    p_values
        By name: the largest chance of error at which it would be left out, in [0, 1].
    size
        Chance that the best one is left out, in (0, 1).
    block, labels
        As in `SuperiorAbility`.
    """

    included: tuple[str, ...]
    p_values: Mapping[str, float]
    size: float
    block: int
    labels: int


def superior_ability(
    spans: LabelSpans,
    baseline_loss: FloatArray,
    losses: Mapping[str, FloatArray],
    *,
    repetitions: int = REPETITIONS,
    random_state: int = 7,
) -> SuperiorAbility:
    """Test whether the best of many contenders has a smaller mean loss than the baseline.

    Parameters
    ----------
    spans
        Label spans of the rows.
    baseline_loss
        Shape (n,).
    losses
        By name, shape (n,) each: every contender that was ever tried on these rows.
    repetitions, random_state
        Of the stationary bootstrap, whose blocks are at least as long as a label.

    References
    ----------
    Hansen (2005), A Test for Superior Predictive Ability, Journal of Business and Economic Statistics 23(4).
    """
    from arch.bootstrap import SPA

    baseline = _by_moment(spans, {"baseline": baseline_loss})["baseline"]
    matrix = _matrix(spans, losses)
    block = block_length(spans, len(baseline))
    best = min(losses, key=lambda name: float(losses[name].mean()))
    # Hansen's statistic is never below 0, so what beats nothing has 1; arch would call a copy of the baseline certain.
    p_value = 1.0
    if (matrix - baseline[:, None]).mean(axis=0).min() < 0:
        test = SPA(baseline, matrix, block_size=block, reps=repetitions, seed=random_state)
        test.compute()
        p_value = float(test.pvalues["consistent"])
    return SuperiorAbility(p_value, len(losses), best, block, spans.non_overlapping)


def confidence_set(
    spans: LabelSpans,
    losses: Mapping[str, FloatArray],
    *,
    size: float = 0.1,
    repetitions: int = REPETITIONS,
    random_state: int = 7,
) -> ConfidenceSet:
    """Leave out contenders, the worst first, until the rows tell the rest no longer apart.

    Parameters
    ----------
    spans, losses, repetitions, random_state
        As for `superior_ability`.
    size
        Chance of leaving out the best one, in (0, 1).

    References
    ----------
    Hansen, Lunde and Nason (2011), The Model Confidence Set, Econometrica 79(2).
    """
    from arch.bootstrap import MCS

    matrix = _matrix(spans, losses)
    block = block_length(spans, len(matrix))
    # Contenders of the same losses cannot be told apart by any rows, and their difference has no variance.
    distinct, place = np.unique(matrix, axis=1, return_inverse=True)
    found = {0: 1.0}
    if distinct.shape[1] > 1:
        test = MCS(distinct, size=size, reps=repetitions, block_size=block, seed=random_state)
        test.compute()
        found = {int(number): float(value) for number, value in test.pvalues["Pvalue"].items()}
    p_values = {name: found[int(column)] for name, column in zip(sorted(losses), place, strict=True)}
    included = tuple(name for name, p_value in p_values.items() if p_value > size)
    return ConfidenceSet(included, p_values, size, block, spans.non_overlapping)


def _matrix(spans: LabelSpans, losses: Mapping[str, FloatArray]) -> FloatArray:
    """Mean losses by moment, shape (moments, contenders), contenders in alphabetical order."""
    if not losses:
        raise ValueError("no contender was given: one or more are needed")
    columns = _by_moment(spans, losses)
    return np.column_stack([columns[name] for name in sorted(columns)])


def _by_moment(spans: LabelSpans, losses: Mapping[str, FloatArray]) -> dict[str, FloatArray]:
    for name, loss in losses.items():
        demand_rows(**{f"loss of {name}": loss, "spans": spans.as_of_ms.astype(np.float64)})
    return {name: spans.mean_by_moment(loss) for name, loss in losses.items()}
