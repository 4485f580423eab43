from __future__ import annotations

import numpy as np
import pytest

from benchmarks.gate_flipped import mirrored, tossed
from forecasting.candles import Candles
from forecasting.types import DAY_MS, FloatArray


@pytest.fixture
def days() -> Candles:
    rng = np.random.default_rng(1)
    close = 100 * np.exp(np.cumsum(0.02 * rng.standard_normal(50)))
    opened = np.concatenate([[100.0], close[:-1]]) * np.exp(0.001 * rng.standard_normal(50))
    high, low = 1.01 * np.maximum(opened, close), 0.98 * np.minimum(opened, close)
    return Candles("AAA/SIM", "1d", DAY_MS * np.arange(50), opened, high, low, close, np.ones(50))


def moves(candles: Candles) -> FloatArray:
    return np.diff(np.log(candles.close))


def test_only_the_signs_of_moves_change(days: Candles) -> None:
    signs = np.random.default_rng(2).choice([-1.0, 1.0], 50)
    np.testing.assert_allclose(moves(mirrored(days, signs)), signs[1:] * moves(days))


def test_a_mirrored_candle_is_a_candle(days: Candles) -> None:
    found = mirrored(days, -np.ones(50))
    assert (found.high >= np.maximum(found.open, found.close)).all()
    assert (found.low <= np.minimum(found.open, found.close)).all()
    np.testing.assert_allclose(np.log(found.high / found.low), np.log(days.high / days.low))


def test_candles_that_are_not_mirrored_stay_as_they_are(days: Candles) -> None:
    found = mirrored(days, np.ones(50))
    for name in ("open", "high", "low", "close"):
        np.testing.assert_allclose(getattr(found, name), getattr(days, name))


def test_mirrored_twice_is_not_mirrored(days: Candles) -> None:
    signs = np.random.default_rng(3).choice([-1.0, 1.0], 50)
    np.testing.assert_allclose(moves(mirrored(mirrored(days, signs), signs)), moves(days))


def test_the_coin_is_fair(days: Candles) -> None:
    rng = np.random.default_rng(4)
    signs = np.concatenate([tossed(rng, days, 0.5) for _ in range(40)])
    assert abs(signs.mean()) < 4 / np.sqrt(len(signs))


def test_days_that_go_on_follow_the_week_before(days: Candles) -> None:
    found = mirrored(days, tossed(np.random.default_rng(5), days, 1.0))
    assert (moves(found) > 0).all()
