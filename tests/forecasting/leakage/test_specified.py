"""The project's own features, and decorated ones of a user, before the certificate."""

import numpy as np
import pytest

from forecasting.features.own import OwnFeatures, feature
from forecasting.features.specification import FeatureSpec
from forecasting.leakage.certification import certify
from forecasting.leakage.specified import specified_features
from forecasting.types import HOUR_MS
from tests.faults.leaks.markets import gappy_market

MARKET = gappy_market(12)
SYMBOLS = tuple(MARKET.candles)
PERIODS = (1, 3, 7, 14, 30)


def certificate(own=None, sets=("base",), symbols=SYMBOLS):
    spec = FeatureSpec("1h", symbols, PERIODS, sets, own)
    return certify(specified_features(spec, symbols), MARKET, look_ahead_ms=HOUR_MS)


def own(function, bars):
    return OwnFeatures("0" * 64, (feature(unit="number", formula="made up", bars=bars)(function),))


@pytest.mark.parametrize("sets", [("base",), ("base", "extended")], ids=" ".join)
def test_the_projects_own_features_know_nothing_of_what_comes_later(sets):
    found = certificate(sets=sets)
    assert found.reasons == ()
    assert [check.name for check in found.checks] == ["truncation", "poison", "warm-up", "serving"]
    assert found.checks[0].worst == found.checks[1].worst == found.checks[3].worst == 0.0


def test_only_the_symbols_that_are_trained_have_rows():
    assert certificate(sets=("base", "extended"), symbols=SYMBOLS[:1]).symbols == SYMBOLS[:1]


def test_a_users_honest_feature_is_clean():
    def body(bars):
        return bars.close / bars.open - 1

    found = certificate(own(body, 1))
    assert found.reasons == ()
    assert "body" in found.features
    assert found.feature_set == "base + own of 1h candles"


def test_a_users_feature_that_counts_rows_and_so_stretches_over_gaps_is_named():
    def move(bars):
        return np.r_[[np.nan] * min(len(bars), 2), bars.close[2:] / bars.open[: max(len(bars) - 2, 0)] - 1]

    found = certificate(own(move, 3))
    assert [(leak.check, leak.feature) for leak in found.leaks] == [("serving", "move")]


def test_a_users_feature_that_looks_ahead_is_named():
    def tomorrow(bars):
        return np.r_[bars.close[1:] / bars.close[:-1] - 1, [np.nan] * min(len(bars), 1)]

    (reason,) = certificate(own(tomorrow, 2)).reasons
    assert reason.startswith("tomorrow leaks, first at ")
    assert "found by truncation, poison, serving" in reason


def test_a_users_feature_that_uses_more_bars_than_it_declares_is_named():
    def long_mean(bars):
        means = [bars.close[max(0, row - 19) : row + 1].mean() for row in range(len(bars))]
        return bars.close / np.array(means)

    found = certificate(own(long_mean, 3))
    assert {leak.feature for leak in found.leaks} == {"long_mean"}
    assert [check.name for check in found.checks if not check.passed] == ["serving"]
