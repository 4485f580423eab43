from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from statsmodels.tsa.ar_model import AutoReg

from forecasting.baselines.ar1 import Ar1
from forecasting.dataset import Dataset
from forecasting.types import HOUR_MS
from tests.forecasting.rows import SYMBOLS, hourly_spec, made_up_rows

SPEC = hourly_spec()
RETURN = SPEC.names.index("return_1h")


def autoregressive_rows(factors: tuple[float, float], bars: int = 1, moments: int = 800) -> Dataset:
    rows = made_up_rows(moments, seed=8)
    X = rows.X.copy()
    generator = np.random.default_rng(9)
    for number, factor in enumerate(factors):
        series = np.zeros(moments)
        for bar in range(1, moments):
            series[bar] = 0.0002 + factor * series[bar - 1] + generator.normal(scale=0.01)
        X[rows.symbol == number, RETURN] = np.expm1(series)
    return replace(rows, X=X, label_end_ms=rows.as_of_ms + bars * HOUR_MS)


def fitted(rows: Dataset, bars: int = 1) -> Ar1:
    return Ar1("return_1h", bars, SPEC.symbol_names).fit(rows)


def series_of(rows: Dataset, number: int) -> np.ndarray:
    return np.log1p(rows.X[rows.symbol == number, RETURN])


@pytest.mark.parametrize("bars", [1, 7])
def test_forecast_is_that_of_statsmodels(bars: int) -> None:
    rows = autoregressive_rows((0.5, -0.3), bars)
    forecast = fitted(rows, bars).predict(rows.X)
    for number in range(len(SYMBOLS)):
        series = series_of(rows, number)
        oracle = AutoReg(series, lags=1).fit().forecast(bars)
        assert forecast[rows.symbol == number][-1] == pytest.approx(np.expm1(oracle.sum()), rel=1e-7)


def test_pairs_across_a_gap_teach_nothing() -> None:
    rows = autoregressive_rows((0.5, 0.5))
    kept = rows.take(np.flatnonzero((np.arange(len(rows)) // 2) % 3 != 2))
    series = series_of(rows, 0)
    before, after = series[:-1], series[1:]
    pairs = np.arange(len(before)) % 3 == 0
    slope, constant = np.polyfit(before[pairs], after[pairs], 1)
    last = series_of(kept, 0)[-1]
    forecast = fitted(kept).predict(kept.X)[kept.symbol == 0][-1]
    assert forecast == pytest.approx(np.expm1(constant + slope * last), rel=1e-6)


def test_row_without_a_last_return_gets_what_the_series_comes_back_to() -> None:
    rows = autoregressive_rows((0.5, -0.3), 7)
    X = rows.X.copy()
    X[:, RETURN] = np.nan
    constant, factor = AutoReg(series_of(rows, 0), lags=1).fit().params
    forecast = fitted(rows, 7).predict(X)[rows.symbol == 0]
    assert forecast == pytest.approx(np.expm1(7 * constant / (1 - factor)), rel=1e-7)


def test_symbol_with_too_few_pairs_gets_the_line_of_all() -> None:
    rows = autoregressive_rows((0.5, -0.3))
    few = rows.take(np.flatnonzero((rows.symbol == 0) | (rows.as_of_ms > rows.as_of_ms.max() - 20 * HOUR_MS)))
    unknown = few.X.copy()
    unknown[:, -len(SYMBOLS) :] = 0
    member = fitted(few)
    assert np.array_equal(member.predict(few.X)[few.symbol == 1], member.predict(unknown)[few.symbol == 1])


def test_series_that_explodes_is_held() -> None:
    rows = autoregressive_rows((0.5, 0.5))
    X = rows.X.copy()
    X[rows.symbol == 0, RETURN] = np.expm1(1e-9 * 1.02 ** np.arange((rows.symbol == 0).sum()))
    member = fitted(replace(rows, X=X))
    assert member.loads_[0] == 0.99


def test_a_constant_return_goes_on() -> None:
    rows = autoregressive_rows((0.0, 0.0), 7)
    X = rows.X.copy()
    X[:, RETURN] = 0.01
    assert fitted(replace(rows, X=X), 7).predict(X) == pytest.approx(1.01**7 - 1)
