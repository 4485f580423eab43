"""A ratio of profits is given where the baseline's profit is told from nothing, and nowhere else."""

from __future__ import annotations

import numpy as np
import pytest

from forecasting.backtest.performance.chance import chance_of_difference
from forecasting.backtest.performance.uplift import uplift
from forecasting.errors import NotEnoughHistory
from forecasting.types import HOUR_MS
from tests.forecasting.backtest.performance.test_chance import days_of, noise


def test_a_ratio_compares_profits_to_the_size_of_the_baselines() -> None:
    theirs = np.full(100, 0.001) + noise(1, 100) / 100
    found = uplift(days_of(2 * theirs), days_of(theirs), HOUR_MS)
    ours, baseline = np.prod(1 + 2 * theirs) - 1, np.prod(1 + theirs) - 1
    assert found.ratio is not None
    assert found.pnl == found.ratio
    assert found.ratio.value == pytest.approx((ours - baseline) / baseline)
    assert found.ratio.low < found.ratio.value < found.ratio.high


def test_less_loss_than_a_losing_baseline_is_a_positive_uplift() -> None:
    theirs = np.full(100, -0.002) + noise(1, 100) / 100
    found = uplift(days_of(theirs / 2), days_of(theirs), HOUR_MS)
    assert found.ratio is not None
    assert 0 < found.ratio.low < found.ratio.value < 1


@pytest.mark.parametrize("theirs", [np.zeros(100), noise(3, 100)], ids=["flat", "noise"])
def test_a_baseline_near_zero_has_no_ratio_and_the_difference_is_given(theirs: np.ndarray) -> None:
    ours = noise(4, 100)
    found = uplift(days_of(ours), days_of(theirs), HOUR_MS)
    assert found.ratio is None
    assert found.pnl == chance_of_difference(days_of(ours), days_of(theirs), HOUR_MS).pnl


def test_too_few_days_are_told() -> None:
    with pytest.raises(NotEnoughHistory, match="19 days were simulated"):
        uplift(days_of(noise(1, 19)), days_of(noise(2, 19)), HOUR_MS)
