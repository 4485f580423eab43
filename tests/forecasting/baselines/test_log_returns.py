from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from forecasting.baselines import log_returns
from forecasting.baselines.log_returns import TERMS, log_of_return, return_of_log
from forecasting.types import FloatArray

TABLE = np.random.default_rng(5).standard_t(2, size=(1000, 3)) * [0.01, 1e-200, 10.0]


@settings(deadline=None)
@given(st.floats(-0.5, 1.0))
def test_log_is_the_c_librarys(simple: float) -> None:
    assert abs(float(log_of_return(np.array([simple]))[0]) - np.log1p(simple)) < 1e-15


@settings(deadline=None)
@given(st.floats(-1.0, 1.0))
def test_return_is_the_c_librarys(log_return: float) -> None:
    assert abs(float(return_of_log(np.array([log_return]))[0]) - np.expm1(log_return)) < 2e-15


@settings(deadline=None)
@given(st.floats(-1.0, 1e6).filter(lambda simple: simple == 0 or abs(simple) > 1e-300))
def test_any_return_has_a_finite_log_of_its_sign(simple: float) -> None:
    log_return = float(log_of_return(np.array([simple]))[0])
    assert np.isfinite(log_return)
    assert np.sign(log_return) == np.sign(simple)


def test_missing_returns_stay_missing() -> None:
    assert np.isnan(log_of_return(np.array([np.nan]))).all()


@pytest.mark.parametrize("of", [log_of_return, return_of_log])
def test_compiled_series_give_the_bits_of_numpys_operations(of) -> None:
    plain = {log_of_return: plain_log, return_of_log: plain_return}[of]
    assert of(TABLE).tobytes() == plain(TABLE).tobytes()
    assert of(TABLE[:, 2]).tobytes() == plain(TABLE[:, 2]).tobytes()


def plain_log(simple: FloatArray) -> FloatArray:
    z = simple / (2 + simple)
    total = np.zeros_like(z)
    for odd in range(2 * TERMS - 1, 0, -2):
        total = total * (z * z) + 1 / odd
    return 2 * z * total


def plain_return(log_return: FloatArray) -> FloatArray:
    total = np.ones_like(log_return)
    for term in range(TERMS, 1, -1):
        total = 1 + log_return / term * total
    return log_return * total


@pytest.mark.parametrize(("kernel", "of"), [("_fill_logs", log_of_return), ("_fill_returns", return_of_log)])
def test_compiled_series_give_the_bits_of_the_interpreted_ones(kernel, of, monkeypatch) -> None:
    compiled = of(TABLE[:50])
    monkeypatch.setattr(log_returns, kernel, getattr(log_returns, kernel).py_func)
    with np.errstate(all="ignore"):
        assert of(TABLE[:50]).tobytes() == compiled.tobytes()
