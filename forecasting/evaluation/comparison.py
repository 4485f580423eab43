"""Judge a candidate, the production model and naive on the same rows."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from forecasting.dataset import Dataset
from forecasting.evaluation.columns import ForecastColumns, judged_rows
from forecasting.evaluation.scores import UNKNOWN, Comparison, HeldOutScores, Scoreboard, SymbolScores
from forecasting.inference.spans import LabelSpans, non_overlapping_labels
from forecasting.metrics import brier, directional_accuracy, mae, rank_ic, rmse
from forecasting.types import BoolArray, FloatArray


def compare(
    rows: Dataset,
    candidate: ForecastColumns,
    naive: ForecastColumns,
    production: ForecastColumns | None = None,
) -> Comparison:
    """Score all contenders on the later rows that none of them was fitted on.

    Candidate and naive share the rows that are later than both their training labels and an embargo of one
    look-ahead (`judged_rows`). Production is scored, with both of them, on the part of those rows that may
    judge it too: one that was trained after the candidate's test rows begin leaves fewer rows, maybe none.

    Parameters
    ----------
    rows
        Test rows of the candidate, all symbols.
    candidate, naive, production
        One forecast for each row.
    """
    contest = _Contest(rows, candidate, naive, production)
    own = contest.take(judged_rows(rows, [candidate, naive]))
    shared = None if production is None else _scoreboard(own.take(judged_rows(own.rows, [production])))
    return Comparison(
        own=_scoreboard(replace(own, production=None)),
        shared=shared,
        symbols=tuple(_symbol_scores(own, number) for number in range(len(rows.symbols))),
        rank_ic=rank_ic(own.rows.y, own.candidate.pred_return),
    )


@dataclass(frozen=True, slots=True, eq=False)
class _Contest:
    """Rows and what each contender forecast for them."""

    rows: Dataset
    candidate: ForecastColumns
    naive: ForecastColumns
    production: ForecastColumns | None

    def take(self, chosen: BoolArray) -> _Contest:
        return _Contest(
            self.rows.take(chosen),
            self.candidate.take(chosen),
            self.naive.take(chosen),
            None if self.production is None else self.production.take(chosen),
        )


def _scoreboard(contest: _Contest) -> Scoreboard:
    rows, production = contest.rows, contest.production
    return Scoreboard(
        rows=len(rows),
        non_overlapping_labels=LabelSpans(rows.as_of_ms, rows.label_end_ms).non_overlapping,
        first_as_of_ms=int(rows.as_of_ms.min()) if len(rows) else None,
        last_label_end_ms=int(rows.label_end_ms.max()) if len(rows) else None,
        candidate=held_out_scores(rows.y, contest.candidate),
        naive=held_out_scores(rows.y, contest.naive),
        production=None if production is None else held_out_scores(rows.y, production),
    )


def _labels_of(rows: Dataset, number: int) -> int:
    chosen = rows.symbol == number
    return non_overlapping_labels(rows.as_of_ms[chosen], rows.label_end_ms[chosen])


def _symbol_scores(contest: _Contest, number: int) -> SymbolScores:
    part = contest.take(contest.rows.symbol == number)
    scores = held_out_scores(part.rows.y, part.candidate)
    return SymbolScores(
        symbol=part.rows.symbols[number],
        rows=len(part.rows),
        non_overlapping_labels=_labels_of(part.rows, number),
        directional_accuracy=scores.directional_accuracy,
        rmse=scores.rmse,
        naive_rmse=held_out_scores(part.rows.y, part.naive).rmse,
    )


def held_out_scores(y: FloatArray, forecasts: ForecastColumns) -> HeldOutScores:
    """Score forecasts against realised returns; all None when there is no row or a number is not finite.

    Parameters
    ----------
    y
        Shape (n,): realised returns, fractions.
    forecasts
        One forecast for each return.
    """
    if not len(y) or not np.isfinite([y, forecasts.pred_return, forecasts.p_up, forecasts.conf]).all():
        return UNKNOWN
    return HeldOutScores(
        rmse=rmse(y, forecasts.pred_return),
        mae=mae(y, forecasts.pred_return),
        directional_accuracy=directional_accuracy(y, forecasts.pred_return) if np.any(y) else None,
        brier=brier((y > forecasts.threshold).astype(np.float64), forecasts.p_up),
    )
