"""Labels of one symbol alone, learned from the first to the last in compiled code, to the bits of one after the other."""

from __future__ import annotations

import math

import numpy as np

from forecasting.features.compilation import compiled
from forecasting.types import FloatArray


@compiled
def follow(
    scores: FloatArray, levels: FloatArray, step: float, kept_every: int, least: int, ends: FloatArray
) -> FloatArray:
    """Move the share left out at each level as `AdaptiveIntervals.learn_label` does for a symbol that none precedes.

    Parameters
    ----------
    scores
        Shape (n,): finite, in the order in which their labels became known; none is old enough to be forgotten.
    levels
        Shape (m,): shares of returns that should lie inside.
    step
        How far one label moves a share, relative to a miss of 1.
    kept_every
        Of so many labels the first is kept for the quantiles.
    least
        Scores kept from which on labels move the shares.
    ends
        Shape (2,): the smallest and the largest share left out, as multiples of what was asked for.

    Returns
    -------
    FloatArray
        Shape (m,): shares left out after the last label.
    """
    shares, ordered, kept = 1.0 - levels, np.empty(len(scores)), 0
    for label in range(len(scores)):
        if kept >= least:
            for each in range(len(levels)):
                asked, level = 1.0 - levels[each], levels[each]
                missed = 1.0 if scores[label] > _quantile(ordered, kept, 1.0 - shares[each]) else 0.0
                wanted = shares[each] + step * (asked - missed)
                shares[each] = min(max(wanted, ends[0] * asked), min(ends[1] * asked, level))
        if label % kept_every == 0:
            _insert(ordered, kept, scores[label])
            kept += 1
    return shares


@compiled
def _quantile(ordered: FloatArray, kept: int, level: float) -> float:
    """As `conformal_quantile`, of the first `kept` scores."""
    rank = math.ceil((kept + 1) * level)
    return float(ordered[min(max(rank, 1), kept) - 1])


@compiled
def _insert(ordered: FloatArray, kept: int, score: float) -> None:
    """Put a score where it belongs among the first `kept`, which are ascending."""
    at = kept
    while at > 0 and ordered[at - 1] > score:
        ordered[at] = ordered[at - 1]
        at -= 1
    ordered[at] = score
