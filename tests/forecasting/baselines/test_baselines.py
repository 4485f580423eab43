from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from forecasting.baselines.ewma import Ewma
from forecasting.baselines.naive import Naive
from forecasting.baselines.persistence import Persistence
from tests.forecasting.rows import SYMBOLS, hourly_spec, made_up_rows

SPEC = hourly_spec()
ROWS = made_up_rows(300, drift=(0.01, -0.02), seed=5)
A_ROWS, B_ROWS = ROWS.symbol == 0, ROWS.symbol == 1


def column(name: str) -> np.ndarray:
    return ROWS.X[:, SPEC.names.index(name)]


def test_naive_forecasts_each_symbols_mean() -> None:
    forecast = Naive(SPEC.symbol_names).fit(ROWS).predict(ROWS.X)
    assert forecast[A_ROWS] == pytest.approx(ROWS.y[A_ROWS].mean())
    assert forecast[B_ROWS] == pytest.approx(ROWS.y[B_ROWS].mean())


def test_naive_forecasts_the_overall_mean_of_an_unknown_symbol() -> None:
    X = ROWS.X.copy()
    X[:, -len(SYMBOLS) :] = 0
    assert Naive(SPEC.symbol_names).fit(ROWS).predict(X) == pytest.approx(ROWS.y.mean())


def test_naive_forecasts_the_overall_mean_of_a_symbol_without_rows() -> None:
    naive = Naive(SPEC.symbol_names).fit(ROWS.take(A_ROWS))
    assert naive.predict(ROWS.X[B_ROWS]) == pytest.approx(ROWS.y[A_ROWS].mean())


def test_naive_forecasts_rows_together_as_one_by_one() -> None:
    naive, X = Naive(SPEC.symbol_names).fit(ROWS), ROWS.X.copy()
    X[0, -len(SYMBOLS) :] = 0
    alone = [naive.predict(row[None, :])[0] for row in X]
    assert np.array_equal(naive.predict(X), alone)


def test_persistence_repeats_the_return_over_the_last_look_ahead() -> None:
    passed = column("return_1h")
    forecast = Persistence("return_1h", SPEC.symbol_names).fit(ROWS).predict(ROWS.X)
    there = ~np.isnan(passed)
    assert np.array_equal(forecast[there], passed[there])


def test_ewma_repeats_the_weighted_mean_over_each_bar_of_the_look_ahead() -> None:
    drift = column(SPEC.ewma_name)
    forecast = Ewma(SPEC.ewma_name, 7, SPEC.symbol_names).fit(ROWS).predict(ROWS.X)
    there = ~np.isnan(drift)
    assert np.array_equal(forecast[there], 7 * drift[there])


@pytest.mark.parametrize(
    "member",
    [Persistence("return_1h", SPEC.symbol_names), Ewma(SPEC.ewma_name, 1, SPEC.symbol_names)],
    ids=lambda member: member.name,
)
def test_where_the_past_is_missing_naive_answers(member) -> None:
    X = ROWS.X.copy()
    X[:, : -len(SYMBOLS)] = np.nan
    naive = Naive(SPEC.symbol_names).fit(ROWS)
    assert np.array_equal(member.fit(ROWS).predict(X), naive.predict(ROWS.X))


def test_column_that_is_absent_is_named() -> None:
    rows = replace(ROWS, feature_names=tuple(f"f{number}" for number in range(len(SPEC.names))))
    with pytest.raises(ValueError, match="feature return_1h is needed"):
        Persistence("return_1h", ()).fit(rows)
