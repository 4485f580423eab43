from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from forecasting.baselines.drift import Drift
from tests.forecasting.rows import SYMBOLS, hourly_spec, made_up_rows

SPEC = hourly_spec()
ROWS = made_up_rows(300, seed=5)
RETURN = SPEC.names.index("return_1h")


def fitted(bars: int = 1, rows=ROWS) -> Drift:
    return Drift("return_1h", bars, SPEC.symbol_names).fit(rows)


def without_gaps() -> np.ndarray:
    X = ROWS.X.copy()
    X[:, RETURN] = np.nan_to_num(X[:, RETURN])
    return X


@pytest.mark.parametrize("bars", [1, 24])
def test_forecast_draws_the_line_from_the_first_price_to_the_last(bars: int) -> None:
    X = without_gaps()
    forecast = fitted(bars, replace(ROWS, X=X)).predict(X)
    for number in range(len(SYMBOLS)):
        prices = np.cumprod(1 + X[ROWS.symbol == number, RETURN])
        expected = prices[-1] ** (bars / len(prices)) - 1
        assert forecast[ROWS.symbol == number] == pytest.approx(expected, rel=1e-9)


def test_unknown_symbol_drifts_like_all() -> None:
    X = ROWS.X.copy()
    X[:, -len(SYMBOLS) :] = 0
    expected = np.exp(np.nanmean(np.log1p(ROWS.X[:, RETURN]))) - 1
    assert fitted().predict(X) == pytest.approx(expected)


def test_without_a_single_return_nothing_drifts() -> None:
    X = ROWS.X.copy()
    X[:, RETURN] = np.nan
    assert not fitted(rows=replace(ROWS, X=X)).predict(ROWS.X).any()
