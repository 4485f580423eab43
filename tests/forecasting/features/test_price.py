import numpy as np
import pytest

from forecasting.candles import Candles
from forecasting.features.market import MarketData
from forecasting.features.specification import FeatureSpec
from forecasting.features.table import feature_table
from forecasting.types import HOUR_MS

SPEC = FeatureSpec("1h", (), (1, 3, 7, 14, 30))


def features(closes):
    """Features by name at the last of hourly closes; NaN stands for an absent candle."""
    closes = np.asarray(closes, dtype=float)
    times = HOUR_MS * np.arange(len(closes))
    candles = Candles("BTC/USDT", "1h", times, *(closes for _ in range(4)), np.ones(len(closes)))
    values = feature_table(MarketData(candles.take(~np.isnan(closes))), SPEC).values[-1]
    return dict(zip(SPEC.names, values, strict=True))


def closes_of(returns):
    return 100 * np.cumprod(np.r_[1.0, 1 + np.asarray(returns)])


@pytest.fixture
def noise():
    return 0.01 * np.random.default_rng(2).standard_normal(40)


def test_a_return_is_close_over_earlier_close_minus_one():
    row = features([100.0] * 30 + [110.0, 99.0])
    assert row["return_1h"] == 99.0 / 110.0 - 1
    assert row["return_3h"] == 99.0 / 100.0 - 1


def test_a_return_over_an_absent_candle_is_missing_and_its_neighbours_are_not(noise):
    closes = closes_of(noise)
    closes[-4] = np.nan
    row = features(closes)
    assert np.isnan(row["return_3h"])
    assert np.isfinite([row["return_1h"], row["return_7h"]]).all()


def test_a_return_before_the_first_candle_is_missing():
    assert np.isnan(features([1.0, 2.0, 3.0])["return_3h"])


@pytest.mark.parametrize("window", [3, 7, 30])
def test_volatility_is_the_sample_deviation_of_the_one_bar_returns(noise, window):
    assert features(closes_of(noise))[f"volatility_{window}h"] == pytest.approx(
        np.std(noise[-window:], ddof=1)
    )


@pytest.mark.parametrize(("window", "needed"), [(3, 2), (7, 5), (30, 20)])
def test_volatility_needs_two_thirds_of_its_returns(noise, window, needed):
    for absent, known in ((window - needed, True), (window - needed + 1, False)):
        closes = closes_of(noise)
        # k absent candles in a row, the oldest of them at the window's start, take k returns out of it.
        oldest = len(closes) - 1 - window
        closes[oldest : oldest + absent] = np.nan
        assert np.isfinite(features(closes)[f"volatility_{window}h"]) == known


def test_an_isolated_absent_candle_takes_two_returns_out_of_the_window(noise):
    closes = closes_of(noise)
    closes[-6] = np.nan
    present = np.delete(noise[-7:], [1, 2])
    assert features(closes)["volatility_7h"] == pytest.approx(np.std(present, ddof=1))


def test_the_zscore_measures_the_last_return_in_deviations_of_thirty(noise):
    window = noise[-30:]
    expected = (window[-1] - window.mean()) / window.std(ddof=1)
    assert features(closes_of(noise))["zscore_1h"] == pytest.approx(expected)


@pytest.mark.parametrize("growth", [0.0, 0.01, -0.003])
def test_without_variation_there_is_no_zscore(growth):
    assert np.isnan(features(closes_of([growth] * 40))["zscore_1h"])


def test_a_flat_price_has_zero_volatility_and_no_drawdown():
    row = features([5.0] * 40)
    assert row["volatility_30h"] == 0.0
    assert row["max_drawdown_30h"] == 0.0
    assert row["ewma_return_30h"] == 0.0


def test_the_drawdown_is_the_deepest_fall_from_a_running_peak():
    assert features([100, 120, 90, 130, 117] + [125.0] * 20)["max_drawdown_30h"] == 90 / 120 - 1


def test_the_drawdown_sees_thirty_one_closes_and_no_more():
    assert features([200.0] + [100.0] * 30)["max_drawdown_30h"] == -0.5
    assert features([200.0] + [100.0] * 31)["max_drawdown_30h"] == 0.0


def test_the_points_are_the_candles_present_among_the_last_thirty(noise):
    closes = closes_of(noise)
    assert features(closes)["n_points_30h"] == 30
    closes[[-2, -30, -31]] = np.nan
    assert features(closes)["n_points_30h"] == 28


def test_the_weighted_return_weighs_each_older_bar_by_the_decay(noise):
    weights = 0.94 ** np.arange(30)[::-1]
    expected = np.average(noise[-30:], weights=weights)
    assert features(closes_of(noise))["ewma_return_30h"] == pytest.approx(expected)


def test_the_weighted_return_shares_the_weight_of_absent_bars_among_the_rest(noise):
    closes = closes_of(noise)
    closes[-6] = np.nan
    present = np.delete(np.arange(30), [24, 25])
    expected = np.average(noise[-30:][present], weights=0.94 ** (29.0 - present))
    assert features(closes)["ewma_return_30h"] == pytest.approx(expected)


def test_a_lone_candle_after_an_outage_has_points_and_no_returns():
    row = features([1.0, 2.0] + [np.nan] * 40 + [3.0])
    assert row["n_points_30h"] == 1
    assert row["max_drawdown_30h"] == 0.0
    unknown = [name for name in SPEC.price_names if name.startswith(("return", "vol", "zscore", "ewma"))]
    assert np.isnan([row[name] for name in unknown]).all()
