"""Scores of the judged rows by symbol, regime and month, and of each member, with how much each can say."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from forecasting.adapters.judged_rows import JudgedRows
from forecasting.evaluation.comparison import held_out_scores
from forecasting.evaluation.scores import HeldOutScores
from forecasting.inference.spans import LabelSpans
from forecasting.metrics import accuracy_standard_error, interval_coverage, months, r2_against, rank_ic
from forecasting.types import BoolArray, FloatArray

_PROMISED = 0.9


@dataclass(frozen=True, slots=True)
class GroupLine:
    """Scores of some of the judged rows.

    Attributes
    ----------
    name
        Of the symbol, regime, month or member.
    rows
        Number of rows.
    labels
        Most label spans among them that do not overlap in time, whatever the symbol.
    scores, naive
        Of the forecasts and of naive's on the same rows.
    skill
        Share of naive's squared error that the forecasts remove; None where it cannot be told.
    rank_ic
        Rank correlation of forecasts and returns; None where it cannot be told.
    coverage
        Share of returns inside their 90 % interval, of the rows that have one; None where none has.
    """

    name: str
    rows: int
    labels: int
    scores: HeldOutScores
    naive: HeldOutScores
    skill: float | None
    rank_ic: float | None
    coverage: float | None

    @property
    def accuracy_error(self) -> float | None:
        """Standard error of the share of right directions if it were coin flips; None without a label."""
        return accuracy_standard_error(self.labels) if self.labels else None

    @property
    def coverage_error(self) -> float | None:
        """Standard error of the coverage if it were as promised; None without a label."""
        return math.sqrt(_PROMISED * (1 - _PROMISED) / self.labels) if self.labels else None


def symbol_lines(judged: JudgedRows) -> list[GroupLine]:
    """One line for each symbol that has rows."""
    return _lines(judged, np.array(judged.rows.symbols)[judged.rows.symbol].tolist())


def regime_lines(judged: JudgedRows) -> list[GroupLine]:
    """One line for each regime that has rows."""
    return _lines(judged, judged.regime.tolist())


def month_lines(judged: JudgedRows) -> list[GroupLine]:
    """One line for each calendar month, UTC, that has rows."""
    return _lines(judged, months(judged.rows.as_of_ms))


def whole_line(judged: JudgedRows) -> GroupLine:
    """All rows together; its scores are those of the gate's own scoreboard."""
    return _line("all", judged, np.ones(len(judged.rows), dtype=np.bool_))


def member_lines(judged: JudgedRows) -> list[GroupLine]:
    """One line for each member's own forecasts on all rows; the probabilities, which members lack, are not scored."""
    lines = []
    for column, name in enumerate(judged.member_names):
        own = replace(judged.candidate, pred_return=judged.member_returns[:, column])
        line = whole_line(replace(judged, candidate=own))
        lines.append(replace(line, name=name, scores=replace(line.scores, brier=None)))
    return lines


def _lines(judged: JudgedRows, names: Sequence[str]) -> list[GroupLine]:
    group = np.array(names, dtype=np.str_)
    return [_line(str(name), judged, group == name) for name in np.unique(group)]


def _line(name: str, judged: JudgedRows, chosen: BoolArray) -> GroupLine:
    rows = judged.rows.take(chosen)
    candidate, naive = judged.candidate.take(chosen), judged.naive.take(chosen)
    return GroupLine(
        name=name,
        rows=len(rows),
        labels=LabelSpans(rows.as_of_ms, rows.label_end_ms).non_overlapping,
        scores=held_out_scores(rows.y, candidate),
        naive=held_out_scores(rows.y, naive),
        skill=_skill(rows.y, candidate.pred_return, naive.pred_return),
        rank_ic=rank_ic(rows.y, candidate.pred_return),
        coverage=_coverage(rows.y, judged.intervals[chosen, 1]),
    )


def _coverage(y: FloatArray, ends: FloatArray) -> float | None:
    given = ~np.isnan(ends[:, 0])
    return interval_coverage(y[given], ends[given, 0], ends[given, 1]) if given.any() else None


def _skill(y: FloatArray, forecast: FloatArray, naive: FloatArray) -> float | None:
    if not len(y) or not np.isfinite([y, forecast, naive]).all():
        return None
    skill = r2_against(y, forecast, naive)
    return skill if np.isfinite(skill) else None
