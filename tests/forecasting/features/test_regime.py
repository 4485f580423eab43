"""The rule of the regimes: its laws, its size on noise, and that it knows nothing later or older than its window."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import t as student_t
from scipy.stats import ttest_1samp

from forecasting.candles import VALUE_COLUMNS, Candles
from forecasting.features import regime
from forecasting.features.regime import (
    REGIME_BARS,
    TREND_SCORE,
    Regime,
    RegimeTag,
    fill_regime_features,
    latest_regime,
    one_bar_log_returns,
    regime_of,
    regime_scores,
)
from forecasting.types import HOUR_MS
from tests.forecasting.features.markets import markets, same_bits, walk

law = settings(max_examples=40, deadline=None)
LEAST = 20


def hourly(log_returns):
    """Candles whose one-bar log returns are these; NaN leaves out the candle that the return would end at."""
    present = np.r_[True, ~np.isnan(log_returns)]
    close = 100 * np.exp(np.cumsum(np.r_[0.0, np.nan_to_num(log_returns)]))
    times = HOUR_MS * np.arange(len(close))
    whole = Candles("BTC/USDT", "1h", times, *(close for _ in range(4)), np.ones(len(close)))
    return whole.take(present)


def last_score(log_returns):
    return regime_scores(hourly(np.asarray(log_returns, dtype=float)))[-1]


@pytest.fixture
def noise():
    return 0.01 * np.random.default_rng(2).standard_normal(60)


def test_the_score_is_the_sum_over_the_root_of_thirty_times_the_squares(noise):
    window = noise[-30:]
    expected = window.sum() / np.sqrt(30 * (window**2).sum())
    assert last_score(noise) == pytest.approx(expected, rel=1e-12)


def test_the_score_is_a_squeezed_student_t_of_the_mean_return(noise):
    t = ttest_1samp(noise[-30:], 0.0).statistic
    assert last_score(noise) == pytest.approx(t / np.sqrt(29 + t**2), rel=1e-9)


def test_the_threshold_is_the_ninety_percent_quantile_of_students_t():
    t = student_t.ppf(0.9, REGIME_BARS - 1)
    assert pytest.approx(t / np.sqrt(REGIME_BARS - 1 + t**2), abs=5e-6) == TREND_SCORE


@pytest.mark.parametrize(("growth", "score"), [(0.01, 1.0), (-0.003, -1.0), (0.0, 0.0)])
def test_a_steady_price_scores_one_at_most_and_a_still_one_zero(growth, score):
    assert last_score([growth] * 40) == pytest.approx(score, abs=1e-12)
    assert abs(last_score([growth] * 40)) <= 1.0


@pytest.mark.parametrize(
    ("score", "label"),
    [
        (1.0, Regime.UPTREND),
        (np.nextafter(TREND_SCORE, 1), Regime.UPTREND),
        (TREND_SCORE, Regime.CHOP),
        (0.0, Regime.CHOP),
        (-TREND_SCORE, Regime.CHOP),
        (np.nextafter(-TREND_SCORE, -1), Regime.DOWNTREND),
        (float("nan"), Regime.UNKNOWN),
    ],
)
def test_a_trend_begins_beyond_the_threshold(score, label):
    assert regime_of(float(score)) is label


def test_one_jump_is_never_a_trend_however_large(noise):
    for size in (0.5, -3.0, 100.0):
        calm = 1e-6 * noise
        calm[-7] = size
        assert regime_of(last_score(calm)) is Regime.CHOP


@law
@given(markets(), st.floats(1e-6, 1e6))
def test_the_unit_of_the_price_does_not_matter(market, factor):
    candles = market[0]
    scaled = replace(candles, **{name: getattr(candles, name) * factor for name in VALUE_COLUMNS})
    np.testing.assert_allclose(regime_scores(scaled), regime_scores(candles), rtol=0, atol=1e-9)


@law
@given(markets())
def test_the_price_quoted_the_other_way_round_has_the_opposite_score(market):
    candles = market[0]
    turned = replace(candles, close=1 / candles.close)
    np.testing.assert_allclose(regime_scores(turned), -regime_scores(candles), rtol=0, atol=1e-9)


@law
@given(markets())
def test_scores_lie_between_minus_one_and_one_or_are_missing(market):
    scores = regime_scores(market[0])
    assert (np.isnan(scores) | (np.abs(scores) <= 1)).all()


def test_the_window_holds_thirty_one_closes_and_no_more():
    candles = walk(np.ones(90, dtype=bool), 8)

    def score_with_other_prices_before(row):
        close = np.r_[7.0 * candles.close[:row], candles.close[row:]]
        return regime_scores(replace(candles, close=close))[-1]

    assert score_with_other_prices_before(-31) == regime_scores(candles)[-1]
    assert score_with_other_prices_before(-30) != regime_scores(candles)[-1]


def test_fewer_than_two_thirds_of_the_returns_are_unknown(noise):
    scores = regime_scores(hourly(noise[:LEAST]))
    assert np.isnan(scores[:LEAST]).all()
    assert np.isfinite(scores[LEAST])


def test_an_outage_takes_its_returns_out_of_the_window(noise):
    noise[-12:-7] = np.nan
    # The return after the outage has an absent begin.
    window = np.delete(noise[-30:], np.arange(18, 24))
    expected = window.sum() / np.sqrt(30 * (window**2).sum())
    assert last_score(noise) == pytest.approx(expected, rel=1e-12)


def test_after_a_long_outage_the_regime_is_unknown(noise):
    noise[-20:-3] = np.nan
    assert np.isnan(last_score(noise))
    assert latest_regime(hourly(noise)) == RegimeTag(Regime.UNKNOWN, None)


def test_of_no_candles_the_regime_is_unknown():
    assert latest_regime(Candles.empty("BTC/USDT", "1h")) == RegimeTag(Regime.UNKNOWN, None)
    assert len(regime_scores(Candles.empty("BTC/USDT", "1h"))) == 0


@law
@given(markets(), st.data())
def test_a_score_is_the_same_with_and_without_later_candles(market, data):
    candles = market[0]
    cut = data.draw(st.integers(0, len(candles)))
    assert same_bits(regime_scores(candles.take(slice(0, cut))), regime_scores(candles)[:cut])


@law
@given(markets(), st.data(), st.sampled_from([1000.0, np.nan]))
def test_poison_in_later_candles_changes_no_bit_of_earlier_scores(market, data, factor):
    candles = market[0]
    cut = data.draw(st.integers(1, len(candles)))
    poison = np.where(np.arange(len(candles)) < cut, 1.0, factor)
    poisoned = replace(candles, **{name: getattr(candles, name) * poison for name in VALUE_COLUMNS})
    assert same_bits(regime_scores(poisoned)[:cut], regime_scores(candles)[:cut])


@law
@given(markets())
def test_the_latest_regime_equals_its_batch_score_bit_for_bit(market):
    candles = market[0]
    scores = regime_scores(candles)
    for stop in range(1, len(candles) + 1, 3):
        tag = latest_regime(candles.take(slice(0, stop)))
        assert tag.label is regime_of(scores[stop - 1])
        assert same_bits(
            np.array(np.nan if tag.score is None else tag.score), scores[stop - 1 : stop].reshape(())
        )


def test_the_feature_columns_are_the_score_and_the_number_of_its_label():
    candles = hourly(np.random.default_rng(3).standard_normal(400) / 100)
    bar = candles.open_time_ms // HOUR_MS
    out = np.full((301, 5), 7.0)
    fill_regime_features(bar, one_bar_log_returns(bar, candles.close.copy()), 100, 401, 2, out)
    assert same_bits(out[:, 2], regime_scores(candles)[100:])
    numbers = {Regime.UPTREND: 1.0, Regime.CHOP: 0.0, Regime.DOWNTREND: -1.0}
    assert out[:, 3].tolist() == [numbers[regime_of(score)] for score in out[:, 2]]
    assert set(out[:, 3]) == {-1.0, 0.0, 1.0}
    assert (out[:, [0, 1, 4]] == 7.0).all()


def test_the_number_of_an_unknown_regime_is_missing(noise):
    candles = hourly(noise)
    bar = candles.open_time_ms // HOUR_MS
    out = np.zeros((1, 2))
    fill_regime_features(bar, one_bar_log_returns(bar, candles.close.copy()), 5, 6, 0, out)
    assert np.isnan(out).all()


def test_compiled_and_interpreted_kernels_agree(monkeypatch):
    candles = walk(np.random.default_rng(9).random(300) < 0.9, 9)
    expected = regime_scores(candles)
    for name, member in list(vars(regime).items()):
        if hasattr(member, "py_func"):
            monkeypatch.setattr(regime, name, member.py_func)
    np.testing.assert_allclose(regime_scores(candles), expected, rtol=1e-12, atol=1e-15)
    assert np.isfinite(expected).any()
