from __future__ import annotations

import subprocess
import sys
from dataclasses import replace

import numpy as np
import pytest
from statsmodels.tsa.arima.model import ARIMA
from statsmodels.tsa.arima_process import arma_acovf, arma_generate_sample

from forecasting.dataset import Dataset
from forecasting.models.arima import Arima, least_aic_process
from forecasting.models.arma_expectation import sum_loads
from forecasting.types import HOUR_MS
from tests.forecasting.rows import SYMBOLS, hourly_spec, made_up_rows

SPEC = hourly_spec()
COLUMNS = {bars: SPEC.return_name(bars) for bars in (1, 3, 7, 14, 30)}
POSITIONS = [SPEC.names.index(name) for name in COLUMNS.values()]


def process_rows(series: list[np.ndarray], bars: int) -> Dataset:
    """Rows of two symbols whose one-bar log returns are given, with their compounded returns."""
    rows = made_up_rows(len(series[0]), seed=8)
    X = rows.X.copy()
    for number, log_returns in enumerate(series):
        path = np.concatenate([[0.0], np.cumsum(log_returns)])
        for span, position in zip(COLUMNS, POSITIONS, strict=True):
            sums = np.full(len(log_returns), np.nan)
            sums[span - 1 :] = path[span:] - path[:-span]
            X[rows.symbol == number, position] = np.expm1(sums)
    return replace(rows, X=X, label_end_ms=rows.as_of_ms + bars * HOUR_MS)


def sample(ar: list[float], ma: list[float], moments: int, seed: int) -> np.ndarray:
    noise = np.random.default_rng(seed).normal
    draws = arma_generate_sample(
        [1, *(-each for each in ar)], [1, *ma], moments, burnin=100, distrvs=lambda size: noise(size=size)
    )
    return 0.0003 + 0.01 * draws


def fitted(rows: Dataset, bars: int, **settings: int) -> Arima:
    return Arima(COLUMNS, bars, SPEC.symbol_names, **settings).fit(rows)


def filtered(series: np.ndarray, order: tuple[int, int, int], trained: int, bars: int) -> np.ndarray:
    """Forecasts of statsmodels, told each newest return and never fitted again."""
    percent = 100 * series
    fit = ARIMA(percent[:trained], order=order, trend="c").fit()
    told = [fit, *(fit.append(percent[trained:end]) for end in range(trained + 1, len(series) + 1))]
    return np.array([np.expm1(each.forecast(bars).sum() / 100) for each in told])


@pytest.mark.parametrize("bars", [1, 7])
def test_autoregression_is_what_statsmodels_says_after_append(bars: int) -> None:
    series = [sample([0.5], [], 420, 1), sample([-0.4], [], 420, 2)]
    rows = process_rows(series, bars)
    early = rows.take(rows.as_of_ms < rows.as_of_ms[0] + 400 * HOUR_MS)
    member = fitted(early, bars, most_terms=1)
    for number in range(len(SYMBOLS)):
        expected = filtered(series[number], (1, 0, 0), 400, bars)
        forecast = member.predict(rows.X)[rows.symbol == number][399:]
        assert len(member.processes_[number].ar) == 1
        np.testing.assert_allclose(forecast, expected, rtol=2e-3, atol=2e-6)


@pytest.mark.parametrize(("ar", "ma"), [([0.3, 0.3], []), ([], [0.5]), ([0.7], [-0.4])])
def test_other_orders_follow_the_whole_filter_closely(ar: list[float], ma: list[float]) -> None:
    series = sample(ar, ma, 560, 3)
    rows = process_rows([series, series], 1)
    early = rows.take(rows.as_of_ms < rows.as_of_ms[0] + 500 * HOUR_MS)
    member = fitted(early, 1)
    process = member.processes_[0]
    expected = filtered(series, (len(process.ar), 0, len(process.ma)), 500, 1)
    forecast = member.predict(rows.X)[rows.symbol == 0][499:]
    assert np.corrcoef(forecast, expected)[0, 1] > 0.9


def test_order_of_least_aic_is_chosen() -> None:
    series = sample([], [0.6], 600, 5) / 0.01
    fits = {
        (p, q): ARIMA(series, order=(p, 0, q), trend="c", concentrate_scale=True).fit().aic
        for p, q in [(0, 0), (1, 0), (0, 1), (2, 0), (1, 1), (0, 2)]
    }
    process = least_aic_process(series, 2)
    assert (len(process.ar), len(process.ma)) == min(fits, key=fits.__getitem__)


def test_noise_has_no_memory_and_drifts() -> None:
    series = [sample([], [], 500, seed) for seed in (1, 2)]
    rows = process_rows(series, 7)
    member = fitted(rows, 7, most_terms=1)
    assert [process.ar + process.ma for process in member.processes_] == [(), (), ()]
    expected = np.expm1(7 * series[0].mean())
    assert member.predict(rows.X)[rows.symbol == 0] == pytest.approx(expected, rel=1e-4)


def test_expectation_is_the_regression_on_the_sums() -> None:
    ahead, spans = 3, (1, 3, 7)
    ar, ma = np.array([1, -0.6]), np.array([1, 0.3])
    loads = sum_loads(arma_acovf(ar, ma, nobs=10), spans, ahead)
    noise = np.random.default_rng(7).normal
    series = arma_generate_sample(ar, ma, 200_000, burnin=100, distrvs=lambda size: noise(size=size))
    path = np.concatenate([[0.0], np.cumsum(series)])
    now = np.arange(7, len(series) - ahead)
    sums = np.column_stack([path[now] - path[now - span] for span in spans])
    target = path[now + ahead] - path[now]
    for pattern in range(1, 8):
        known = [number for number in range(3) if pattern >> number & 1]
        found = np.linalg.lstsq(sums[:, known], target, rcond=None)[0]
        assert loads[pattern, known] == pytest.approx(found, abs=0.02)
        assert not np.delete(loads[pattern], known).any()


def test_bars_that_are_missing_are_integrated_out() -> None:
    series = [sample([0.5], [], 500, seed) for seed in (1, 2)]
    rows = process_rows(series, 1)
    kept = rows.take(np.flatnonzero(np.arange(len(rows)) // 2 % 7 != 3))
    holed = series[0].copy()
    holed[np.arange(500) % 7 == 3] = np.nan
    expected = ARIMA(holed, order=(1, 0, 0), trend="c").fit().params[1]
    assert fitted(kept, 1, most_terms=1).processes_[0].ar == pytest.approx((expected,), abs=2e-3)


def test_only_the_latest_bars_are_fitted() -> None:
    turned = np.concatenate([sample([-0.6], [], 400, 1), sample([0.6], [], 200, 2)])
    member = fitted(process_rows([turned, turned], 1), 1, most_terms=1, most_bars=200)
    assert member.processes_[0].ar[0] > 0.4


@pytest.mark.parametrize("constant", [0.0, 0.01])
def test_prices_without_a_surprise_go_on_as_ever(constant: float) -> None:
    rows = process_rows([np.full(200, constant)] * 2, 7)
    assert fitted(rows, 7).predict(rows.X) == pytest.approx(np.expm1(7 * constant))


def test_serving_imports_no_statsmodels() -> None:
    program = """
import sys
import numpy as np
from forecasting.forecaster.members import load_member
from forecasting.baselines.symbol_rows import SymbolRows
from forecasting.models.arima import Arima, FittedArma
made = Arima({1: "a"}, 1, ())
made.positions_, made.symbols_ = (0,), SymbolRows(())
made.processes_, made.loads_ = (FittedArma(0.0, (0.5,)),), np.array([[[0.0], [0.5]]])
assert load_member("arima", made.dump()).predict(np.zeros((1, 1))).tolist() == [0.0]
print(*[name for name in ("statsmodels", "sklearn", "lightgbm") if name in sys.modules])
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == ""
