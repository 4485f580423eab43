"""What a walk forward is worth: each contender against drift, and what chance alone could have done."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from forecasting.baselines.naive import Naive
from forecasting.evaluation.bins import Bin
from forecasting.evaluation.intervals import IntervalScores, score_ends
from forecasting.forecaster.forecaster import ENSEMBLE
from forecasting.inference import (
    ConfidenceSet,
    MeanInterval,
    SuperiorAbility,
    confidence_set,
    superior_ability,
)
from forecasting.metrics import GroupScore, auc, corp, log_loss, months
from forecasting.studies.contenders import ContenderScores, label_spans, right_signs, score_contender
from forecasting.studies.plain import plain
from forecasting.studies.quantiles import QuantileScores, score_quantiles
from forecasting.studies.walk_forward import WalkedForward
from forecasting.studies.walk_groups import GroupFigures, confidence_bins, score_groups
from forecasting.types import FloatArray


@dataclass(frozen=True, slots=True)
class ProbabilityScores:
    """The ensemble's probability of a rise: its Brier score, the three parts of it, log loss and AUC."""

    brier: float
    miscalibration: float
    discrimination: float
    uncertainty: float
    log_loss: float
    auc: float


@dataclass(frozen=True, slots=True)
class WalkScores:
    """All that is said of a walk forward.

    Attributes
    ----------
    rows, labels, refits
        Judged rows, labels among them that do not overlap in time, and models that forecast them.
    contenders
        The ensemble, then its members.
    right
        Share of right signs of the ensemble, and how far chance alone may move it; None where nothing moved.
    probability
        Of the ensemble.
    symbols, regimes, months
        The ensemble in each.
    reliability
        Rows by the confidence that was told, and how often the sign was right.
    intervals
        How often the served intervals held the return, at each level; none where there were no intervals.
    quantiles
        What their ends and the forecast between them are worth as a distribution; None without intervals.
    best
        Whether the best of all contenders beats naive, given how many there are.
    equals
        Contenders whose squared error the rows cannot tell from the best one's.
    """

    rows: int
    labels: int
    refits: int
    contenders: tuple[ContenderScores, ...]
    right: MeanInterval | None
    probability: ProbabilityScores
    symbols: tuple[GroupScore[GroupFigures], ...]
    regimes: tuple[GroupScore[GroupFigures], ...]
    months: tuple[GroupScore[GroupFigures], ...]
    reliability: tuple[Bin, ...]
    intervals: tuple[IntervalScores, ...]
    quantiles: QuantileScores | None
    best: SuperiorAbility
    equals: ConfidenceSet

    def to_document(self) -> dict[str, Any]:
        """JSON-like form, NaN free."""
        document: dict[str, Any] = plain(asdict(self))
        return document


def score_walk(walked: WalkedForward, threshold: float, regimes: Sequence[str] = ()) -> WalkScores:
    """Score a walk forward.

    Parameters
    ----------
    walked
        Forecasts and the n rows they are judged on.
    threshold
        The return that `p_up` speaks of, a fraction.
    regimes
        Shape (n,): regime at the as_of of each row, in words; none leaves the regimes out.
    """
    rows, naive = walked.rows, walked.returns[Naive.name]
    spans = label_spans(rows)
    losses = {name: np.square(rows.y - forecast) for name, forecast in walked.returns.items()}
    rivals = {name: loss for name, loss in losses.items() if name != Naive.name}
    names = [rows.symbols[number] for number in rows.symbol.tolist()]
    return WalkScores(
        rows=len(rows),
        labels=spans.non_overlapping,
        refits=walked.refits,
        contenders=tuple(score_contender(name, rows, each, naive) for name, each in walked.returns.items()),
        right=right_signs(rows, walked.returns[ENSEMBLE]),
        probability=_probability((rows.y > threshold).astype(np.float64), walked.p_up),
        symbols=score_groups(names, walked, threshold),
        regimes=score_groups(regimes, walked, threshold) if len(regimes) else (),
        months=score_groups(months(rows.as_of_ms), walked, threshold),
        reliability=confidence_bins(rows, walked.returns[ENSEMBLE], walked.conf),
        intervals=score_ends(rows, walked.intervals),
        quantiles=score_quantiles(rows, walked.returns[ENSEMBLE], walked.intervals),
        best=superior_ability(spans, losses[Naive.name], rivals),
        equals=confidence_set(spans, losses),
    )


def _probability(outcome: FloatArray, p_up: FloatArray) -> ProbabilityScores:
    parts = corp(outcome, p_up)
    return ProbabilityScores(
        brier=parts.brier,
        miscalibration=parts.miscalibration,
        discrimination=parts.discrimination,
        uncertainty=parts.uncertainty,
        log_loss=log_loss(outcome, p_up),
        auc=auc(outcome, p_up),
    )
