"""Confidence means what it says on rows that nobody has seen, where there is a signal and where there is none.

Symbols are drawn independently, so rows count one by one. Tolerance: three standard errors of a share of right signs,
3 x 0.5 / sqrt(rows), and nothing for the calibrator's own error, which the many rows of its fit keep below that.
"""

from __future__ import annotations

import numpy as np
import pytest

from forecasting.forecaster.forecaster import Forecaster, Forecasts
from tests.forecasting.rows import hourly_horizon, hourly_spec, made_up_rows

NOISY_MARKETS = 12


def right_signs(forecasts: Forecasts, y: np.ndarray) -> np.ndarray:
    return np.sign(forecasts.pred_return) == np.sign(y)


def allowed(rows: int) -> float:
    return 3 * 0.5 / np.sqrt(rows)


@pytest.fixture(scope="module")
def signal() -> tuple[np.ndarray, np.ndarray]:
    """Confidence and whether the sign was right on 40,000 later rows."""
    rows, later = made_up_rows(60_000, signal=0.3, seed=81), made_up_rows(20_000, signal=0.3, seed=82)
    forecasts = Forecaster(hourly_horizon(), hourly_spec(), ()).fit(rows).predict(later.X)
    return forecasts.conf, right_signs(forecasts, later.y)


@pytest.mark.parametrize(("low", "high"), [(0.48, 0.52), (0.52, 0.54), (0.54, 0.56), (0.56, 0.6), (0.6, 0.9)])
def test_a_planted_signal_is_right_as_often_as_its_confidence_says(signal, low, high) -> None:
    conf, right = signal
    chosen = (conf >= low) & (conf < high)
    assert chosen.sum() > 1000
    assert right[chosen].mean() == pytest.approx(conf[chosen].mean(), abs=allowed(int(chosen.sum())))


def test_pure_noise_is_right_as_often_as_its_confidence_says() -> None:
    said, came = [], []
    for seed in range(NOISY_MARKETS):
        rows, later = made_up_rows(6000, seed=100 + seed), made_up_rows(2000, seed=200 + seed)
        forecasts = Forecaster(hourly_horizon(), hourly_spec(), ()).fit(rows).predict(later.X)
        said.append(forecasts.conf)
        came.append(right_signs(forecasts, later.y))
    conf, right = np.concatenate(said), np.concatenate(came)
    assert conf.mean() == pytest.approx(right.mean(), abs=allowed(len(conf)))
    assert np.quantile(conf, 0.99) < 0.53
