"""Returns and forecasts for the tests of the licence: noise, or noise that a forecast knows something of."""

from __future__ import annotations

import numpy as np

from forecasting.licence.process import EProcess, Told
from forecasting.licence.rows import Rows, against_drift
from forecasting.types import FloatArray

DEVELOPMENT = 300


def noise(
    seed: int, bars: int = 1_000, symbols: int = 1, skill: float = 0.0
) -> tuple[FloatArray, FloatArray]:
    """Returns with Student-t5 shocks of 1 % and forecasts of the next one."""
    rng = np.random.default_rng(seed)
    forecasts = rng.standard_normal((bars, symbols))
    returns = rng.standard_t(5, (bars, symbols)) / np.sqrt(5 / 3)
    returns[1:] += skill * forecasts[:-1]
    return 0.01 * returns, 0.001 * forecasts


def drift_rows(seed: int, horizon_bars: int = 1, **shape: float) -> Rows:
    """The same, as rows against drift."""
    returns, forecasts = noise(seed, **shape)  # type: ignore[arg-type]
    return against_drift(returns, forecasts, horizon_bars)


def developed(rows: Rows, horizon_bars: int = 1) -> EProcess:
    """A process that has learnt from the development rows and may bet."""
    process = EProcess(rows.returns.shape[1], horizon_bars)
    process.develop(rows.between(0, DEVELOPMENT))
    process.begin()
    return process


def judged(rows: Rows, horizon_bars: int = 1) -> tuple[EProcess, Told]:
    """The process after all rows, and what they told."""
    process = developed(rows, horizon_bars)
    return process, process.advance(rows.between(DEVELOPMENT, None))
