"""Rows and forecasts for tests of evaluation."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from forecasting.dataset import Dataset
from forecasting.evaluation.columns import ForecastColumns
from forecasting.types import HOUR_MS


@pytest.fixture
def rows() -> Dataset:
    """100 hours of two symbols, look-ahead of three hours, no features."""
    generator = np.random.default_rng(3)
    hours = np.repeat(np.arange(100), 2) * HOUR_MS
    return Dataset(
        feature_names=(),
        symbols=("BTC/USDT", "ETH/USDT"),
        as_of_ms=hours,
        label_end_ms=hours + 3 * HOUR_MS,
        symbol=np.tile([0, 1], 100),
        X=np.empty((200, 0)),
        y=generator.standard_normal(200) / 100,
    )


@pytest.fixture
def source(rows: Dataset) -> Callable[..., ForecastColumns]:
    """Forecasts that know some of the return, trained long before."""

    def make(
        skill: float = 0.1,
        trained_label_end_ms: int = -10 * HOUR_MS,
        symbols: tuple[str, ...] = rows.symbols,
        threshold: float = 0.0,
    ) -> ForecastColumns:
        noise = np.random.default_rng(5).standard_normal(len(rows)) / 100
        pred_return = skill * rows.y + (1 - skill) * 0.1 * noise
        p_up = 0.5 + 0.1 * np.sign(pred_return)
        return ForecastColumns(
            pred_return=pred_return,
            p_up=p_up,
            conf=np.full(len(rows), 0.6),
            threshold=threshold,
            trained_label_end_ms=trained_label_end_ms,
            symbols=symbols,
        )

    return make
