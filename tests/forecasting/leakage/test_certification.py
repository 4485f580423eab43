"""The certificate of our own features is clean; one that looks ahead names the feature and its first wrong row."""

from dataclasses import replace

import numpy as np
import pytest

from forecasting.errors import InvalidCandles, NotEnoughHistory
from forecasting.features.table import FeatureTable
from forecasting.leakage.certificate import WHOLE_ROW
from forecasting.leakage.certification import certify
from forecasting.leakage.market import FeatureSet, Market
from forecasting.types import HOUR_MS
from tests.faults.leaks.markets import gappy_market

MARKET = gappy_market(9)
HISTORY_MS = 24 * HOUR_MS


def feature_set(column, kept=None):
    """One column of each symbol's closes, next to an honest one; `kept` says which rows are returned."""

    def table(candles):
        values = np.column_stack([candles.close, column(candles.close)]).reshape(-1, 2)
        rows = np.ones(len(candles), np.bool_) if kept is None else kept(values)
        return FeatureTable(
            candles.symbol, ("close", "mine"), candles.close_time_ms[rows], values[rows], rows[rows]
        )

    return FeatureSet(
        "mine", lambda market, _: {name: table(each) for name, each in market.candles.items()}, HISTORY_MS
    )


def ahead(close, bars=1):
    return np.r_[close[bars:], np.full(min(bars, len(close)), np.nan)]


def named(certificate):
    return {check.name: [leak.feature for leak in check.leaks] for check in certificate.checks}


def test_a_column_of_the_past_passes_every_check():
    certificate = certify(feature_set(np.log), MARKET)
    assert certificate.passed
    assert certificate.leaks == ()
    assert [(check.name, check.cuts) for check in certificate.checks] == [
        ("truncation", 100),
        ("poison", 100),
        ("warm-up", 100),
    ]
    assert all(check.rows >= 100 and check.worst == 0.0 for check in certificate.checks)


def test_the_certificate_says_what_it_is_about():
    certificate = certify(feature_set(np.log), MARKET, seed=3)
    assert certificate.feature_set == "mine"
    assert certificate.features == ("close", "mine")
    assert certificate.symbols == tuple(sorted(MARKET.candles))
    assert (certificate.interval, certificate.history_ms, certificate.seed) == ("1h", HISTORY_MS, 3)
    assert (certificate.first_open_ms, certificate.last_close_ms) == (
        MARKET.first_open_ms,
        MARKET.last_close_ms,
    )


def test_the_same_seed_gives_the_same_certificate():
    assert certify(feature_set(ahead), MARKET, seed=5) == certify(feature_set(ahead), MARKET, seed=5)


def test_the_next_close_is_found_by_truncation_and_by_poison():
    certificate = certify(feature_set(ahead), MARKET)
    assert named(certificate) == {"truncation": ["mine"], "poison": ["mine"], "warm-up": []}


def test_the_first_wrong_row_is_the_last_before_the_first_cut():
    leak = certify(feature_set(ahead), MARKET).leaks[0]
    candles = MARKET.candles[leak.symbol]
    row = int(np.searchsorted(candles.close_time_ms, leak.as_of_ms))
    assert candles.close_time_ms[row] == leak.as_of_ms
    assert leak.with_future == candles.close[row + 1]
    assert leak.without_future is None


def test_a_leak_from_further_away_than_the_margin_is_found():
    assert "mine" in named(certify(feature_set(lambda close: ahead(close, 200)), MARKET))["truncation"]


def test_a_row_that_is_dropped_until_its_future_is_known_is_found():
    features = feature_set(ahead, kept=lambda values: np.isfinite(values[:, 1]))
    found = named(certify(features, MARKET))
    assert found["truncation"] == [WHOLE_ROW]
    assert found["poison"] == ["mine", WHOLE_ROW]


def test_a_tiny_feature_is_held_to_its_own_size():
    features = feature_set(lambda close: 1e-12 * np.nan_to_num(ahead(close) / close))
    assert named(certify(features, MARKET))["truncation"] == ["mine"]


def test_the_rounding_of_a_value_near_zero_is_no_leak():
    # What is left of a difference of equal values depends on where a sum began.
    features = feature_set(lambda close: np.where(np.floor(1e6 * close) % 2 == 0, 1.0, 1e-17 * len(close)))
    assert certify(features, MARKET).passed


def test_more_history_than_declared_is_found_by_the_warm_up_alone():
    features = feature_set(lambda close: np.cumsum(np.log(close)))
    assert named(certify(features, MARKET)) == {"truncation": [], "poison": [], "warm-up": ["mine"]}


def refusing(column, words="are missing"):
    def strict(close):
        if not np.isfinite(close).all():
            raise InvalidCandles(words)
        return column(close)

    return strict


def test_a_function_may_refuse_missing_values_and_the_certificate_says_so():
    certificate = certify(feature_set(refusing(np.log)), MARKET)
    assert certificate.passed
    assert certificate.checks[1].notes == ("missing values were refused at 100 cuts",)


def test_a_leak_is_found_though_missing_values_are_refused():
    assert named(certify(feature_set(refusing(ahead)), MARKET))["poison"] == ["mine"]


def test_a_function_that_refuses_other_values_is_not_certified():
    def strict(close):
        if close.max(initial=0) > 5_000:
            raise InvalidCandles("too dear")
        return close

    with pytest.raises(InvalidCandles, match="too dear"):
        certify(feature_set(strict), MARKET)


def test_a_feature_set_without_rows_does_not_pass():
    nothing = feature_set(np.log, kept=lambda values: np.zeros(len(values), np.bool_))
    assert not certify(nothing, MARKET).passed


def test_a_few_candles_are_cut_at_every_moment_and_too_few_are_refused():
    few, fewer = (Market({"AAA/USDT": MARKET.candles["AAA/USDT"].take(slice(0, rows))}) for rows in (60, 24))
    assert certify(feature_set(np.log), few).checks[0].cuts == 60 - 24
    assert named(certify(feature_set(ahead), few))["truncation"] == ["mine"]
    with pytest.raises(NotEnoughHistory, match="no moment to cut at"):
        certify(feature_set(np.log), fewer)


def test_a_short_market_is_warmed_up_with_what_there_is_and_says_so():
    features = replace(feature_set(np.log), history_ms=400 * HOUR_MS)
    warm_up = certify(features, MARKET).checks[2]
    assert warm_up.passed
    assert "times the history, 4 are wanted" in warm_up.notes[0]


def test_progress_names_each_check_and_counts_its_cuts():
    told = []
    certify(feature_set(np.log), MARKET, cuts=10, on_progress=lambda *step: told.append(step))
    assert told == [(name, cut, 10) for name in ("truncation", "poison", "warm-up") for cut in range(10)]


def test_a_forecast_made_of_another_value_than_training_is_found():
    features = feature_set(np.log)

    def stale(market, moment_ms):
        return features.compute(market.known_at(moment_ms - HOUR_MS), moment_ms)

    def scaled(market, moment_ms):
        tables = features.compute(market.known_at(moment_ms), moment_ms)
        return {name: replace(each, values=each.values * [1.0, 1.001]) for name, each in tables.items()}

    assert named(certify(replace(features, latest=features.compute), MARKET))["serving"] == []
    assert named(certify(replace(features, latest=scaled), MARKET))["serving"] == ["mine"]
    # Rows that are never there are not compared, and nothing compared is not passed.
    assert not certify(replace(features, latest=stale), MARKET).checks[3].passed
