"""Forecasts beside rows, and which rows may judge them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from forecasting.dataset import Dataset
from forecasting.evaluation.columns import (
    ForecastColumns,
    finite_members,
    forecast_columns,
    judged_rows,
    naive_columns,
    place,
)
from forecasting.features.specification import feature_spec
from forecasting.forecaster.forecaster import Forecaster, Forecasts
from forecasting.types import HOUR_MS
from tests.forecasting.rows import hourly_horizon

Source = Callable[..., ForecastColumns]


def columns_trained_until(moment_ms: int) -> ForecastColumns:
    nothing = np.empty(0)
    return ForecastColumns(nothing, nothing, nothing, 0.0, moment_ms, ("A/B",))


@given(st.lists(st.integers(0, 50), min_size=1, max_size=20), st.integers(1, 9), st.integers(-5, 60))
@settings(max_examples=60, deadline=None)
def test_no_judged_row_begins_within_a_look_ahead_of_the_training(
    moments: list[int], look_ahead: int, trained_until: int
) -> None:
    as_of = np.array(sorted(moments))
    count = len(as_of)
    rows = Dataset(
        (), ("A/B",), as_of, as_of + look_ahead, np.zeros(count, np.int64), np.empty((count, 0)), as_of * 0.1
    )
    judged = judged_rows(rows, [columns_trained_until(trained_until)])
    assert (judged == (as_of - look_ahead >= trained_until)).all()


def test_rows_of_a_symbol_that_a_source_does_not_serve_do_not_judge_it(rows: Dataset, source: Source) -> None:
    judged = judged_rows(rows, [source(), source(symbols=("ETH/USDT", "SOL/USDT"))])
    assert (judged == (rows.symbol == 1)).all()


def test_forecasts_are_placed_by_moment_and_symbol_name(rows: Dataset, source: Source) -> None:
    forecasts = source()
    part = rows.as_of_ms >= 40 * HOUR_MS
    other = replace(rows.take(part), symbols=("ETH/USDT", "BTC/USDT"), symbol=1 - rows.symbol[part])
    placed = place(forecasts.take(part), other, rows)
    for name in ("pred_return", "p_up", "conf"):
        np.testing.assert_array_equal(getattr(placed, name)[part], getattr(forecasts, name)[part])
        assert np.isnan(getattr(placed, name)[~part]).all()


def test_forecasts_of_another_span_are_not_placed(rows: Dataset, source: Source) -> None:
    longer = replace(rows, label_end_ms=rows.label_end_ms + HOUR_MS)
    assert np.isnan(place(source(), longer, rows).pred_return).all()


def test_forecasts_of_symbols_that_are_not_judged_are_left_out(rows: Dataset, source: Source) -> None:
    alone = replace(rows.take(rows.symbol == 1), symbols=("ETH/USDT",), symbol=np.zeros(100, np.int64))
    placed = place(source(), rows, alone)
    np.testing.assert_array_equal(placed.pred_return, source().pred_return[rows.symbol == 1])


@pytest.fixture(scope="module")
def fitted() -> tuple[Forecaster, Forecasts]:
    horizon = hourly_horizon()
    spec = feature_spec(horizon, ("BTC/USDT", "ETH/USDT"))
    generator = np.random.default_rng(11)
    hours = np.repeat(np.arange(1000), 2) * HOUR_MS
    symbol = np.tile([0, 1], 1000)
    X = generator.standard_normal((2000, len(spec.names))) / 100
    for number, name in enumerate(("BTC/USDT", "ETH/USDT")):
        X[:, spec.names.index(f"symbol_{name}")] = symbol == number
    y = generator.standard_normal(2000) / 100 + 0.001
    dataset = Dataset(
        spec.names, ("BTC/USDT", "ETH/USDT"), hours, hours + horizon.look_ahead_ms, symbol, X, y
    )
    forecaster = Forecaster(horizon, spec, algorithms=()).fit(dataset)
    return forecaster, forecaster.predict(X[:50])


def test_forecasts_know_until_when_their_forecaster_was_trained(fitted: tuple[Forecaster, Forecasts]) -> None:
    forecaster, forecasts = fitted
    columns = forecast_columns(forecaster, forecasts)
    assert columns.trained_label_end_ms == forecaster.train_span_.label_end_ms
    assert columns.symbols == ("BTC/USDT", "ETH/USDT")
    assert columns.pred_return is forecasts.pred_return


def test_naive_forecasts_are_the_naive_members_with_constant_probabilities(
    fitted: tuple[Forecaster, Forecasts],
) -> None:
    forecaster, forecasts = fitted
    columns = naive_columns(forecaster, forecasts)
    np.testing.assert_array_equal(columns.pred_return, forecasts.member_returns[:, 0])
    assert len(np.unique(columns.p_up)) == 1
    rises = forecaster.sign_calibrator_.probability(np.zeros(1))[0]
    assert set(columns.conf) == {rises}
    assert columns.trained_label_end_ms == forecaster.train_span_.label_end_ms


def test_naive_is_confident_of_a_fall_where_its_mean_is_negative(
    fitted: tuple[Forecaster, Forecasts],
) -> None:
    forecaster, forecasts = fitted
    members = forecasts.member_returns.copy()
    members[:, 0] = -0.01
    members[0, 0] = 0.0
    columns = naive_columns(forecaster, replace(forecasts, member_returns=members))
    assert columns.conf[0] == 0.5
    assert columns.conf[1] == 1.0 - forecaster.sign_calibrator_.probability(np.zeros(1))[0]


def test_a_member_with_one_forecast_that_is_not_finite_is_not_finite(
    fitted: tuple[Forecaster, Forecasts],
) -> None:
    forecasts = fitted[1]
    members = forecasts.member_returns.copy()
    members[3, 1] = np.nan
    assert finite_members(forecasts) == ("naive", "persistence", "ewma")
    assert finite_members(replace(forecasts, member_returns=members)) == ("naive", "ewma")


def test_no_rows_make_no_member_finite(fitted: tuple[Forecaster, Forecasts]) -> None:
    assert finite_members(replace(fitted[1], member_returns=np.empty((0, 3)))) == ()
