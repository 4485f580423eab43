import numpy as np
import pytest
from scipy import stats

from forecasting.adapters.simulated_process import HOURS_A_YEAR
from forecasting.adapters.simulator import SYMBOLS
from tests.forecasting.adapters.simulated.recovering import LAW, log_returns, recovered


def residuals(candles):
    return recovered(candles)[0]


def autocorrelation(values, lag):
    return np.corrcoef(values[:-lag], values[lag:])[0, 1]


# The law of returns


@pytest.mark.parametrize("symbol", ["AAA/SIM", "DDD/SIM"])
def test_shocks_are_student_t_once_garch_and_signal_are_taken_out(unbroken, symbol):
    shocks = residuals(unbroken.candles[symbol])
    scaled = shocks * np.sqrt(LAW.degrees_of_freedom / (LAW.degrees_of_freedom - 2))
    assert stats.kstest(scaled, stats.t(LAW.degrees_of_freedom).cdf).pvalue > 0.01


def test_shocks_have_no_memory_once_garch_and_signal_are_taken_out(unbroken):
    shocks = residuals(unbroken.candles["AAA/SIM"])
    for memory in (shocks, np.abs(shocks)):
        assert abs(autocorrelation(memory, 1)) < 0.02


def test_tails_are_fat(unbroken):
    for candles in unbroken.candles.values():
        assert stats.kurtosis(log_returns(candles)) > 3


def test_volatility_clusters_for_a_day(unbroken):
    for candles in unbroken.candles.values():
        size = np.minimum(np.abs(log_returns(candles)), 0.05)
        assert autocorrelation(size, 1) > 0.08
        assert autocorrelation(size, 24) > 0.04


def test_volatility_is_that_of_a_wild_market(many):
    yearly = [
        log_returns(each).std() * np.sqrt(HOURS_A_YEAR) for one in many for each in one.candles.values()
    ]
    assert np.mean(yearly) == pytest.approx(0.8, abs=0.06)
    assert 0.5 < min(yearly) < max(yearly) < 1.3


def test_symbols_move_together(unbroken):
    shocks = [residuals(unbroken.candles[symbol]) for symbol in ("AAA/SIM", "DDD/SIM")]
    assert np.corrcoef(shocks)[0, 1] == pytest.approx(LAW.correlation, abs=0.03)


def test_there_is_no_drift(many):
    yearly = [HOURS_A_YEAR * log_returns(one.candles[symbol]).mean() for one in many for symbol in SYMBOLS]
    assert abs(np.mean(yearly)) < 3 * 0.8 / np.sqrt(2 * len(many) / (4 / (1 + 3 * 0.6)))
