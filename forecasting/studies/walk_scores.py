"""What a walk forward is worth: each contender against drift, and what chance alone could have done."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from forecasting.baselines.naive import Naive
from forecasting.forecaster.forecaster import ENSEMBLE
from forecasting.inference import (
    ConfidenceSet,
    ForecastTest,
    LabelSpans,
    SuperiorAbility,
    clark_west,
    confidence_set,
    diebold_mariano,
    pesaran_timmermann,
    superior_ability,
)
from forecasting.metrics import (
    GroupScore,
    auc,
    corp,
    directional_accuracy,
    information_ratio,
    log_loss,
    months,
    r2_against,
    rank_ic,
    rank_ics,
    rmse,
    score_by,
)
from forecasting.studies.walk_forward import WalkedForward
from forecasting.types import FloatArray

LEAST_MONTHS = 6


@dataclass(frozen=True, slots=True)
class ContenderScores:
    """One contender on all judged rows.

    Attributes
    ----------
    name
        `ensemble`, or a member.
    rmse
        In units of return.
    r2
        Share of naive's squared error that it removes; 0 for naive itself.
    directional_accuracy
        In [0, 1].
    rank_ic, monthly_icir
        Spearman correlation with the returns, and the ratio of the months' mean to their spread; None where it
        cannot be said: the ratio needs six months or more.
    tests
        Against naive: Diebold-Mariano and Clark-West; and Pesaran-Timmermann. None for naive.
    """

    name: str
    rmse: float
    r2: float
    directional_accuracy: float
    rank_ic: float | None
    monthly_icir: float | None
    tests: tuple[ForecastTest, ...]


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
    probability
        Of the ensemble.
    symbols, months
        Directional accuracy of the ensemble in each.
    best
        Whether the best of all contenders beats naive, given how many there are.
    equals
        Contenders whose squared error the rows cannot tell from the best one's.
    """

    rows: int
    labels: int
    refits: int
    contenders: tuple[ContenderScores, ...]
    probability: ProbabilityScores
    symbols: tuple[GroupScore, ...]
    months: tuple[GroupScore, ...]
    best: SuperiorAbility
    equals: ConfidenceSet

    def to_document(self) -> dict[str, Any]:
        """JSON-like form, NaN free."""
        document: dict[str, Any] = _plain(asdict(self))
        return document


def score_walk(walked: WalkedForward, threshold: float) -> WalkScores:
    """Score a walk forward.

    Parameters
    ----------
    walked
        Forecasts and the rows they are judged on.
    threshold
        The return that `p_up` speaks of, a fraction.
    """
    rows = walked.rows
    spans = LabelSpans(rows.as_of_ms, rows.label_end_ms)
    naive = walked.returns[Naive.name]
    losses = {name: np.square(rows.y - forecast) for name, forecast in walked.returns.items()}
    rivals = {name: loss for name, loss in losses.items() if name != Naive.name}
    ensemble = walked.returns[ENSEMBLE]
    names = [rows.symbols[number] for number in rows.symbol.tolist()]
    return WalkScores(
        rows=len(rows),
        labels=spans.non_overlapping,
        refits=walked.refits,
        contenders=tuple(
            _contender(name, walked, spans, forecast, naive) for name, forecast in walked.returns.items()
        ),
        probability=_probability((rows.y > threshold).astype(np.float64), walked.p_up),
        symbols=score_by(names, directional_accuracy, rows.y, ensemble),
        months=score_by(months(rows.as_of_ms), directional_accuracy, rows.y, ensemble),
        best=superior_ability(spans, losses[Naive.name], rivals),
        equals=confidence_set(spans, losses),
    )


def _contender(
    name: str, walked: WalkedForward, spans: LabelSpans, forecast: FloatArray, naive: FloatArray
) -> ContenderScores:
    rows = walked.rows
    y = rows.y
    tests = (
        diebold_mariano(spans, np.square(y - forecast), np.square(y - naive)),
        clark_west(spans, y, forecast, naive),
        pesaran_timmermann(spans, y, forecast),
    )
    monthly = list(rank_ics(y, forecast, months(rows.as_of_ms)).values())
    ratio = information_ratio(monthly) if len(monthly) >= LEAST_MONTHS else None
    return ContenderScores(
        name=name,
        rmse=rmse(y, forecast),
        r2=r2_against(y, forecast, naive),
        directional_accuracy=directional_accuracy(y, forecast),
        rank_ic=rank_ic(y, forecast),
        monthly_icir=ratio,
        tests=() if name == Naive.name else tests,
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


def _plain(value: Any) -> Any:
    """Return lists for tuples, and null for what is not a number."""
    if isinstance(value, dict):
        return {name: _plain(each) for name, each in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(each) for each in value]
    return None if isinstance(value, float) and not np.isfinite(value) else value
