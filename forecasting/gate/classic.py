"""The classic criteria: better than naive and not worse than production, on the same later rows."""

from __future__ import annotations

import math

from forecasting.evaluation.scores import HeldOutScores, SymbolScores
from forecasting.gate.believable import LEAST_LABELS
from forecasting.gate.decision import Criterion, number, percent
from forecasting.gate.evidence import ROUNDING, Evidence, known
from forecasting.gate.facts import NoProduction
from forecasting.gate.structure import NOTHING_TO_COMPARE

COIN = 0.5
STANDARD_ERRORS = 2.0
MOST_OF_ONE_FEATURE = 0.95


def loss_not_worse_than_production(evidence: Evidence) -> Criterion:
    """Ask for an error not larger than production's on the rows that may judge both."""
    name, shared = "loss against production", evidence.comparison.shared
    if isinstance(evidence.production, NoProduction):
        contradiction = shared is not None
        found = "no production model" + (", yet scores of one" if contradiction else "")
        return Criterion(name, "classic", not contradiction, found, NOTHING_TO_COMPARE)
    labels = None if shared is None else known(shared.non_overlapping_labels)
    ours = None if shared is None else known(shared.candidate.rmse)
    theirs = _rmse(None if shared is None else shared.production)
    passed = ours is not None and theirs is not None and ours <= theirs
    return Criterion(
        name=name,
        stage="classic",
        passed=passed and labels is not None and labels >= LEAST_LABELS,
        found=f"RMSE {number(ours)} over {number(labels)} labels that do not overlap",
        needed=f"at most production's {number(theirs)} over at least {LEAST_LABELS} labels that judge both",
    )


def loss_better_than_naive(evidence: Evidence) -> Criterion:
    """Ask for an error, of the shrunken forecast, below that of the historical mean on the same rows."""
    ours, naive = _rmse(evidence.comparison.own.candidate), _rmse(evidence.comparison.own.naive)
    return Criterion(
        name="loss against naive",
        stage="classic",
        passed=ours is not None and naive is not None and ours < naive,
        found=f"RMSE {number(ours)}",
        needed=f"below naive's {number(naive)}",
    )


def uplift_positive(evidence: Evidence) -> Criterion:
    """Ask whether acting on the forecasts earned more, after the same costs, than acting on naive ones."""
    ours, baseline = known(evidence.trading.candidate_pnl), known(evidence.trading.baseline_pnl)
    return Criterion(
        name="backtest uplift",
        stage="classic",
        passed=ours is not None and baseline is not None and ours > baseline,
        found=f"{percent(ours)} after costs",
        needed=f"more than the baseline strategy's {percent(baseline)}",
    )


def accuracy_above_naive(evidence: Evidence) -> Criterion:
    """Ask for more right directions than naive's, by the horizon's margin."""
    ours = known(evidence.comparison.own.candidate.directional_accuracy)
    naive = known(evidence.comparison.own.naive.directional_accuracy)
    margin = known(evidence.demands.accuracy_margin)
    least = None if naive is None or margin is None else naive + margin
    return Criterion(
        name="directional accuracy",
        stage="classic",
        passed=ours is not None and least is not None and ours >= least - ROUNDING,
        found=percent(ours),
        needed=f"at least {percent(least)}: naive's {percent(naive)} and {percent(margin)} more",
    )


def no_symbol_below_chance(evidence: Evidence) -> Criterion:
    """Ask that no symbol is so often wrong that chance does not explain it."""
    symbols = evidence.comparison.symbols
    wrong = [f"{each.symbol} {_accuracy_words(each)}" for each in symbols if not _within_chance(each)]
    return Criterion(
        name="each symbol against chance",
        stage="classic",
        passed=bool(symbols) and not wrong,
        found="; ".join(wrong) or f"none of {len(symbols)} symbols below",
        needed="no symbol below 50 % by more than two standard errors of its labels that do not overlap",
    )


def most_symbols_better_than_naive(evidence: Evidence) -> Criterion:
    """Ask for an error below naive's on at least two thirds of the symbols."""
    symbols = evidence.comparison.symbols
    better = [each.symbol for each in symbols if _better_than_naive(each)]
    return Criterion(
        name="symbols better than naive",
        stage="classic",
        passed=bool(symbols) and 3 * len(better) >= 2 * len(symbols),
        found=f"{len(better)} of {len(symbols)} ({', '.join(better) or 'none'})",
        needed="at least two thirds",
    )


def importances_sane(evidence: Evidence) -> Criterion:
    """Ask that what the trees learned is not broken, not nothing, and not one feature alone."""
    fault = _importance_fault(evidence)
    return Criterion(
        name="importances",
        stage="classic",
        passed=fault is None,
        found=fault or "nothing unusual",
        needed="finite, none negative, not all zero where trees have weight, no feature above "
        + percent(MOST_OF_ONE_FEATURE),
    )


CLASSIC = (
    loss_not_worse_than_production,
    loss_better_than_naive,
    uplift_positive,
    accuracy_above_naive,
    no_symbol_below_chance,
    most_symbols_better_than_naive,
    importances_sane,
)


def _rmse(scores: HeldOutScores | None) -> float | None:
    return None if scores is None else known(scores.rmse)


def _within_chance(scores: SymbolScores) -> bool:
    accuracy, labels = known(scores.directional_accuracy), known(scores.non_overlapping_labels)
    if accuracy is None or labels is None or labels < 1:
        return False
    return accuracy >= COIN - STANDARD_ERRORS * COIN / math.sqrt(labels) - ROUNDING


def _accuracy_words(scores: SymbolScores) -> str:
    return f"{percent(known(scores.directional_accuracy))} of {number(known(scores.non_overlapping_labels))}"


def _better_than_naive(scores: SymbolScores) -> bool:
    ours, naive = known(scores.rmse), known(scores.naive_rmse)
    return ours is not None and naive is not None and ours < naive


def _importance_fault(evidence: Evidence) -> str | None:
    importances, weight = evidence.candidate.importances, known(evidence.candidate.tree_weight)
    if importances is None or weight is None:
        return "importances or the weight of the trees are not known"
    shares: list[tuple[float, str]] = []
    for name, value in importances:
        share = known(value)
        if share is None or share < 0:
            return f"{name} has the importance {number(share)}"
        shares.append((share, name))
    return _distribution_fault(shares, weight)


def _distribution_fault(shares: list[tuple[float, str]], weight: float) -> str | None:
    total = math.fsum(share for share, _ in shares)
    if total == 0:
        return None if weight == 0 else f"no feature has any, and trees have the weight {number(weight)}"
    top, name = max(shares)
    return f"{name} alone has {percent(top / total)}" if top / total > MOST_OF_ONE_FEATURE else None
