import numpy as np
import pytest

from forecasting.errors import InvalidEvidence
from forecasting.licence.rows import Rows, against_drift, against_echo, baseline_forecasts, constant_part
from forecasting.licence.stakes import HOURLY
from forecasting.types import FloatArray
from tests.forecasting.licence.oracle import known_variance
from tests.forecasting.licence.rows_of_noise import noise


def said_of(returns: FloatArray, horizon_bars: int, *, echo: bool) -> FloatArray:
    """What a baseline says before anything of the recipe counts to it."""
    return baseline_forecasts(returns, horizon_bars, echo, HOURLY.volatility_decay)


def test_drift_weighs_bars_by_their_variance() -> None:
    returns, forecasts = noise(1, bars=400, symbols=2)
    rows = against_drift(returns, forecasts, 7)
    variance = [known_variance(returns[:seen, 1]) for seen in range(1, 400)]
    later = slice(30, 301)
    weights = 1 / np.array(variance)[29:300]
    assert rows.next_bar[300, 1] == pytest.approx(np.average(returns[later, 1], weights=weights))
    np.testing.assert_allclose(said_of(returns, 7, echo=False)[0], 7 * rows.next_bar)


def test_a_constant_is_no_knowledge_beyond_drift() -> None:
    returns, _ = noise(6, bars=20_000)
    rows = against_drift(returns + 0.001, np.full_like(returns, 0.02), 1)
    left = (rows.forecasts - rows.baseline)[10_000:]
    assert np.abs(left).max() < 0.0002


def test_of_forecasts_that_vary_only_their_mean_counts_to_the_baseline_and_hardly() -> None:
    differences = np.random.default_rng(7).normal(0.1, 1.0, (50_000, 1))
    differences[5] = np.nan
    mean, square = np.nanmean(differences), np.nanmean(differences**2)
    found = constant_part(differences)
    assert found[-1, 0] == pytest.approx(mean**3 / square, rel=1e-3)
    assert found[0, 0] == 0.0


def test_a_still_market_does_not_outweigh_all_others() -> None:
    returns, forecasts = noise(2, bars=600)
    returns[300:500] = 1e-9
    rows = against_drift(returns, forecasts, 1)
    assert abs(rows.next_bar[599, 0] - returns.mean()) < 0.002


def test_echo_forecasts_the_bounce_of_a_thin_book() -> None:
    rng = np.random.default_rng(2)
    prices = np.cumsum(rng.normal(0, 0.01, 20_000)) + rng.choice([-0.01, 0.01], 20_000)
    returns = np.diff(prices)[:, None]
    rows = against_echo(returns, np.zeros_like(returns), 1)
    assert np.polyfit(returns[15_000:, 0], rows.next_bar[15_000:, 0], 1)[0] == pytest.approx(-1 / 3, abs=0.03)


def test_echo_of_several_bars_is_the_sum_of_its_steps() -> None:
    returns, forecasts = noise(3, bars=200)
    rows, one = said_of(returns, 3, echo=True), against_echo(returns, forecasts, 1)
    mean = against_drift(returns, forecasts, 1).next_bar[-1, 0]
    step = one.next_bar[-1, 0] - mean
    phi = step / (returns[-1, 0] - mean)
    assert rows[0][-1, 0] == pytest.approx(3 * mean + step * (1 + phi + phi**2))


def test_baselines_do_not_know_later_bars() -> None:
    returns, forecasts = noise(4, bars=100)
    changed = returns.copy()
    changed[60:] = 5.0
    for against in (against_drift, against_echo):
        first, second = against(returns, forecasts, 2), against(changed, forecasts, 2)
        assert np.array_equal(first.baseline[:60], second.baseline[:60], equal_nan=True)
        assert np.isfinite(first.baseline[30:]).all()


def test_a_missing_bar_has_no_baseline_and_breaks_no_pair() -> None:
    returns, forecasts = noise(5, bars=100)
    returns[50] = np.nan
    rows = against_echo(returns, forecasts, 1)
    assert np.isnan(rows.baseline[50, 0])
    assert np.isfinite(rows.baseline[51:]).all()


def test_arrays_of_other_shapes_are_refused() -> None:
    one = np.zeros((3, 1))
    with pytest.raises(InvalidEvidence, match="give four of one"):
        Rows(one, one, one, np.zeros((3, 2)))


def test_infinity_is_refused() -> None:
    one = np.zeros((3, 1))
    with pytest.raises(InvalidEvidence, match="infinite"):
        Rows(one, one, one, np.full((3, 1), np.inf))
