"""Is every number there, finite and possible? One that is not stops the candidate, whatever else it shows."""

from __future__ import annotations

from collections.abc import Iterator

from forecasting.evaluation.scores import UNKNOWN, Comparison, HeldOutScores, Scoreboard
from forecasting.gate.decision import Criterion, number
from forecasting.gate.evidence import LARGEST, ROUNDING, Evidence, known

Bounded = tuple[str, float | None, float, float]


def numbers_complete(evidence: Evidence) -> Criterion:
    """Ask that no number is missing, NaN or outside what it can be."""
    wrong = [
        f"{name} is {number(known(value))}"
        for name, value, lowest, highest in _all_numbers(evidence)
        if (found := known(value)) is None or not lowest <= found <= highest
    ]
    return Criterion(
        name="numbers complete",
        stage="structure",
        passed=not wrong,
        found="; ".join(wrong) or "every number is there",
        needed="every number there, finite and possible",
    )


def _all_numbers(evidence: Evidence) -> Iterator[Bounded]:
    comparison = evidence.comparison
    yield from _of_board("", comparison.own)
    if comparison.shared is not None:
        yield from _of_board("on production's rows ", comparison.shared)
        yield from _of_scores("production's ", comparison.shared.production or UNKNOWN)
    yield from _of_symbols(comparison)
    yield "weight of the trees", evidence.candidate.tree_weight, 0.0, 1.0 + ROUNDING
    yield "rank correlation", comparison.rank_ic, -1.0, 1.0
    yield "candidate's profit", evidence.trading.candidate_pnl, -LARGEST, LARGEST
    yield "baseline's profit", evidence.trading.baseline_pnl, -LARGEST, LARGEST
    yield "accuracy margin", evidence.demands.accuracy_margin, 0.0, 0.5
    yield "bound of the rank correlation", evidence.demands.too_good_ic, 0.0, 1.0
    yield "length of a bar", evidence.demands.bar_ms, 1, LARGEST


def _of_board(where: str, board: Scoreboard) -> Iterator[Bounded]:
    yield f"{where}number of rows", board.rows, 1, LARGEST
    yield f"{where}number of labels", board.non_overlapping_labels, 1, LARGEST
    yield f"{where}first moment", board.first_as_of_ms, -LARGEST, LARGEST
    yield f"{where}last moment", board.last_label_end_ms, -LARGEST, LARGEST
    yield from _of_scores(f"{where}candidate's ", board.candidate)
    yield from _of_scores(f"{where}naive's ", board.naive)


def _of_scores(whose: str, scores: HeldOutScores) -> Iterator[Bounded]:
    yield f"{whose}RMSE", scores.rmse, 0.0, LARGEST
    yield f"{whose}MAE", scores.mae, 0.0, LARGEST
    yield f"{whose}directional accuracy", scores.directional_accuracy, 0.0, 1.0
    yield f"{whose}Brier score", scores.brier, 0.0, 1.0


def _of_symbols(comparison: Comparison) -> Iterator[Bounded]:
    for each in comparison.symbols:
        yield f"{each.symbol} number of rows", each.rows, 1, LARGEST
        yield f"{each.symbol} number of labels", each.non_overlapping_labels, 1, LARGEST
        yield f"{each.symbol} directional accuracy", each.directional_accuracy, 0.0, 1.0
        yield f"{each.symbol} RMSE", each.rmse, 0.0, LARGEST
        yield f"{each.symbol} naive's RMSE", each.naive_rmse, 0.0, LARGEST
