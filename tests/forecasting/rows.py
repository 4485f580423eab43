"""Made-up rows of features and labels for tests of estimators."""

from __future__ import annotations

import numpy as np

from forecasting.dataset import Dataset
from forecasting.features.specification import FeatureSpec, feature_spec
from forecasting.horizons import DEFAULT_MEMBERS, Horizon, load_horizons
from forecasting.types import HOUR_MS

SYMBOLS = ("AAA/SIM", "BBB/SIM")
START_MS = 1_700_000_400_000 // HOUR_MS * HOUR_MS


def hourly_horizon() -> Horizon:
    """The horizon 1h with members of its own, whatever the horizons file chooses."""
    return load_horizons()["1h"].model_copy(update={"members": DEFAULT_MEMBERS, "member_settings": {}})


def hourly_spec() -> FeatureSpec:
    return feature_spec(hourly_horizon(), SYMBOLS)


def made_up_rows(
    moments: int, *, signal: float = 0.0, drift: tuple[float, float] = (0.0, 0.0), seed: int = 1
) -> Dataset:
    """Hourly rows of two symbols; `signal` is what part of the last hour's return is repeated in the next.

    A twentieth of the feature values is missing, the signal's column included.
    """
    generator = np.random.default_rng(seed)
    spec = hourly_spec()
    rows = moments * len(SYMBOLS)
    symbol = np.tile(np.arange(len(SYMBOLS), dtype=np.int64), moments)
    X = generator.normal(scale=0.01, size=(rows, len(spec.names)))
    last_return = X[:, spec.names.index("return_1h")].copy()
    X[generator.random(X.shape) < 0.05] = np.nan
    X[:, -len(SYMBOLS) :] = np.eye(len(SYMBOLS))[symbol]
    as_of_ms = np.repeat(START_MS + HOUR_MS * np.arange(moments, dtype=np.int64), len(SYMBOLS))
    noise = generator.standard_t(5, size=rows) * 0.008
    y = np.array(drift)[symbol] + signal * last_return + noise
    return Dataset(spec.names, SYMBOLS, as_of_ms, as_of_ms + HOUR_MS, symbol, X, y)
