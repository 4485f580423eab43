"""Scores on the same rows, labels that do not overlap, rank correlation."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
from sklearn.metrics import brier_score_loss, mean_absolute_error, root_mean_squared_error

from forecasting.dataset import Dataset
from forecasting.evaluation.columns import ForecastColumns
from forecasting.evaluation.comparison import compare, held_out_scores
from forecasting.evaluation.scores import UNKNOWN
from forecasting.types import HOUR_MS

Source = Callable[..., ForecastColumns]


def test_scores_equal_those_of_scikit_learn(rows: Dataset, source: Source) -> None:
    forecasts = source(threshold=0.001)
    scores = held_out_scores(rows.y, forecasts)
    right = np.sign(forecasts.pred_return) == np.sign(rows.y)
    assert scores.rmse == pytest.approx(root_mean_squared_error(rows.y, forecasts.pred_return), rel=1e-12)
    assert scores.mae == pytest.approx(mean_absolute_error(rows.y, forecasts.pred_return), rel=1e-12)
    assert scores.directional_accuracy == pytest.approx(right.mean(), rel=1e-12)
    assert scores.brier == pytest.approx(brier_score_loss(rows.y > 0.001, forecasts.p_up), rel=1e-12)


def test_candidate_and_naive_are_scored_on_all_rows_after_both_trainings(
    rows: Dataset, source: Source
) -> None:
    comparison = compare(rows, source(0.2), source(0.0, trained_label_end_ms=7 * HOUR_MS))
    assert comparison.own.rows == 2 * 90
    assert comparison.own.first_as_of_ms == 10 * HOUR_MS
    assert comparison.own.last_label_end_ms == 102 * HOUR_MS
    later = rows.take(rows.as_of_ms >= 10 * HOUR_MS)
    forecasts = source(0.2).take(rows.as_of_ms >= 10 * HOUR_MS)
    assert comparison.own.candidate == held_out_scores(later.y, forecasts)


def test_a_production_trained_later_restricts_only_the_shared_rows(rows: Dataset, source: Source) -> None:
    comparison = compare(rows, source(0.2), source(0.0), source(0.1, trained_label_end_ms=60 * HOUR_MS))
    assert comparison.own.rows == 200
    assert comparison.own.production is None
    assert comparison.shared is not None
    assert comparison.shared.rows == 2 * 37
    shared = rows.as_of_ms >= 63 * HOUR_MS
    for scores, skill in ((comparison.shared.candidate, 0.2), (comparison.shared.production, 0.1)):
        assert scores == held_out_scores(rows.y[shared], source(skill).take(shared))


def test_symbols_that_move_together_bring_no_labels_of_their_own(rows: Dataset, source: Source) -> None:
    both = compare(rows, source(0.2), source(0.0), source(0.1, trained_label_end_ms=60 * HOUR_MS))
    assert both.own.non_overlapping_labels == 34
    assert both.shared is not None
    assert both.shared.non_overlapping_labels == 13


def test_production_is_judged_only_on_symbols_it_serves(rows: Dataset, source: Source) -> None:
    comparison = compare(rows, source(0.2), source(0.0), source(0.1, symbols=("ETH/USDT",)))
    assert comparison.shared is not None
    assert comparison.shared.rows == 100


def test_a_production_trained_on_all_rows_shares_none_and_scores_nothing(
    rows: Dataset, source: Source
) -> None:
    comparison = compare(rows, source(0.2), source(0.0), source(0.1, trained_label_end_ms=500 * HOUR_MS))
    assert comparison.shared is not None
    assert (comparison.shared.rows, comparison.shared.non_overlapping_labels) == (0, 0)
    assert (comparison.shared.first_as_of_ms, comparison.shared.last_label_end_ms) == (None, None)
    assert comparison.shared.candidate == UNKNOWN
    assert comparison.shared.production == UNKNOWN


def test_without_production_nothing_is_shared(rows: Dataset, source: Source) -> None:
    assert compare(rows, source(0.2), source(0.0)).shared is None


def test_each_symbol_is_scored_on_its_own_rows(rows: Dataset, source: Source) -> None:
    comparison = compare(rows, source(0.2), source(0.0))
    for number, symbol in enumerate(comparison.symbols):
        chosen = rows.symbol == number
        scores = held_out_scores(rows.y[chosen], source(0.2).take(chosen))
        assert symbol.symbol == rows.symbols[number]
        assert (symbol.rows, symbol.non_overlapping_labels) == (100, 34)
        assert (symbol.rmse, symbol.directional_accuracy) == (scores.rmse, scores.directional_accuracy)
        assert symbol.naive_rmse == held_out_scores(rows.y[chosen], source(0.0).take(chosen)).rmse


def test_a_symbol_without_rows_is_there_with_nothing_known(rows: Dataset, source: Source) -> None:
    alone = rows.symbol == 0
    comparison = compare(rows.take(alone), source(0.2).take(alone), source(0.0).take(alone))
    absent = comparison.symbols[1]
    assert (absent.symbol, absent.rows, absent.rmse, absent.naive_rmse) == ("ETH/USDT", 0, None, None)


@pytest.mark.parametrize("column", ["pred_return", "p_up", "conf"])
def test_one_forecast_that_is_not_finite_leaves_no_score(rows: Dataset, source: Source, column: str) -> None:
    forecasts = source()
    values = getattr(forecasts, column).copy()
    values[7] = np.nan
    broken = replace(forecasts, **{column: values})
    assert held_out_scores(rows.y, broken) == UNKNOWN


def test_returns_that_never_move_have_no_direction(rows: Dataset, source: Source) -> None:
    scores = held_out_scores(np.zeros(len(rows)), source())
    assert scores.directional_accuracy is None
    assert scores.rmse is not None


def test_a_forecast_of_zero_counts_one_half_and_a_return_of_zero_for_nobody(source: Source) -> None:
    forecasts = replace(
        source(), pred_return=np.array([0.0, 1.0, -1.0]), p_up=np.full(3, 0.5), conf=np.full(3, 0.5)
    )
    assert held_out_scores(np.array([1.0, 1.0, 0.0]), forecasts).directional_accuracy == 0.75
