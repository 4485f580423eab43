import math

import numpy as np

from forecasting.licence.passing import first_pass
from forecasting.licence.process import Told
from forecasting.licence.rows import against_no_change
from tests.forecasting.licence.rows_of_noise import noise


def told(*evidence: float) -> Told:
    return Told(np.zeros(len(evidence)), np.log(evidence))


def test_all_baselines_are_beaten_after_the_same_bar() -> None:
    assert first_pass(told(1, 200, 1, 150), told(200, 1, 1, 100.1), alpha=0.01) == 3


def test_beating_one_of_them_is_not_enough() -> None:
    assert first_pass(told(1, 1e9), told(1, 99), alpha=0.01) is None


def test_exactly_enough_is_enough() -> None:
    assert first_pass(Told(np.zeros(1), np.array([-math.log(0.01)])), alpha=0.01) == 0


def test_no_change_is_a_baseline_of_zeros() -> None:
    returns, forecasts = noise(1, bars=10)
    rows = against_no_change(returns, forecasts)
    assert not rows.baseline.any()
    assert not rows.next_bar.any()
