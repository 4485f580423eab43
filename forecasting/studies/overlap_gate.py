"""What the gate says of a model that is scored on days it was trained on, as it is and in disguise."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self

import numpy as np

from forecasting.backtest import ThresholdRule, compare_strategies
from forecasting.candles import Candles
from forecasting.dataset import Dataset
from forecasting.evaluation.columns import ForecastColumns
from forecasting.evaluation.comparison import compare
from forecasting.gate import (
    CandidateFacts,
    Decision,
    Demands,
    Evidence,
    NoProduction,
    NotAsked,
    Trading,
    decide,
)
from forecasting.horizons import Horizon
from forecasting.leakage.training_run import RowsUsed, TrainingRun, check_run
from forecasting.models.random_forest import RandomForest
from forecasting.studies.source_model import SourceModel

MEMBER = RandomForest.name
COST_BPS = 10.0


@dataclass(frozen=True, slots=True)
class Asked:
    """Answers of the gate about overlapping models.

    Attributes
    ----------
    times
        Models it was asked about.
    refused, refused_disguised
        Models refused: as the pipeline would show them, and with a forged end of training and a forged leak
        certificate, as someone would who wants them through.
    unmet, unmet_disguised
        By criterion of the structure stage, in the gate's order: how many models did not meet it.
    """

    times: int
    refused: int
    refused_disguised: int
    unmet: Mapping[str, int]
    unmet_disguised: Mapping[str, int]

    @classmethod
    def nothing(cls) -> Self:
        """Nobody asked yet."""
        return cls(0, 0, 0, {}, {})

    @classmethod
    def once(cls, plain: Decision, disguised: Decision) -> Self:
        """Both answers about one model."""
        return cls(
            1,
            int(plain.outcome == "refuse"),
            int(disguised.outcome == "refuse"),
            _unmet(plain),
            _unmet(disguised),
        )

    def and_then(self, other: Asked) -> Asked:
        """Sum of both."""
        return Asked(
            self.times + other.times,
            self.refused + other.refused,
            self.refused_disguised + other.refused_disguised,
            _sum(self.unmet, other.unmet),
            _sum(self.unmet_disguised, other.unmet_disguised),
        )

    def to_document(self) -> dict[str, Any]:
        """JSON-like form; criteria that every model met are left out."""
        return {
            "asked": self.times,
            "refused": self.refused,
            "unmet": {name: count for name, count in self.unmet.items() if count},
            "refused_disguised": self.refused_disguised,
            "unmet_disguised": {name: count for name, count in self.unmet_disguised.items() if count},
        }


def ask_gate(
    model: SourceModel, train: Dataset, scored: Dataset, candles: Mapping[str, Candles], horizon: Horizon
) -> Asked:
    """Ask the gate about a fitted model and the days it is scored on: as it is, then in disguise.

    As it is, no scored day may judge a model that has seen its label, so every score is missing; and the training run
    does not pass its leak certificate. In disguise the model claims that its training ended early enough.
    """
    evaluated = RowsUsed.of(scored)
    run = TrainingRun(
        fit=RowsUsed.of(train),
        search=RowsUsed.of(),
        calibrate=RowsUsed.of(),
        evaluate=evaluated,
        embargo_ms=horizon.look_ahead_ms,
    )
    certified = all(check.passed for check in check_run(run))
    forged_ms = int(scored.as_of_ms.min()) - horizon.look_ahead_ms
    plain = _evidence(model, train, scored, candles, horizon, model.label_end_ms_, certified)
    disguised = _evidence(model, train, scored, candles, horizon, forged_ms, certified=True)
    return Asked.once(decide(plain), decide(disguised))


def _evidence(
    model: SourceModel,
    train: Dataset,
    scored: Dataset,
    candles: Mapping[str, Candles],
    horizon: Horizon,
    trained_label_end_ms: int,
    certified: bool,
) -> Evidence:
    ours, naive = _columns(model, scored, trained_label_end_ms)
    trading = compare_strategies(candles, scored, ours, naive, ThresholdRule(COST_BPS))
    rows = scored.fingerprint()
    return Evidence(
        candidate=CandidateFacts(
            digest=hashlib.sha256(train.fingerprint().encode()).hexdigest(),
            symbols=scored.symbols,
            members=(MEMBER,),
            finite_members=(MEMBER,) if np.isfinite(ours.pred_return).all() else (),
            importances=tuple(zip(scored.feature_names, model.importances(), strict=False)),
            tree_weight=1.0,
            registered_rows=rows,
            found_rows=rows,
            leak_certificate_passed=certified,
        ),
        production=NoProduction(),
        comparison=compare(scored, ours, naive),
        trading=Trading(trading.strategy.pnl, trading.baseline.pnl),
        demands=Demands(horizon.accuracy_margin, horizon.too_good_ic, horizon.base_interval_ms),
        policy="classic",
        refit=NotAsked("no model serves"),
    )


def _columns(
    model: SourceModel, scored: Dataset, trained_label_end_ms: int
) -> tuple[ForecastColumns, ForecastColumns]:
    """Forecasts of the model, and of the training rows' mean and base rate."""
    p_up, steady = model.p_up(scored.X), np.full(len(scored), model.base_rate_)

    def laid(pred_return: Any, probability: Any) -> ForecastColumns:
        conf = np.where(pred_return > 0, probability, 1 - probability)
        return ForecastColumns(pred_return, probability, conf, 0.0, trained_label_end_ms, scored.symbols)

    return laid(model.pred_return(scored.X), p_up), laid(np.full(len(scored), model.mean_), steady)


def _unmet(decision: Decision) -> dict[str, int]:
    return {each.name: int(not each.passed) for each in decision.criteria if each.stage == "structure"}


def _sum(ours: Mapping[str, int], theirs: Mapping[str, int]) -> dict[str, int]:
    counts = Counter(ours)
    counts.update(theirs)
    return dict(counts)
