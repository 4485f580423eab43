from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.special import expit
from sklearn.ensemble import RandomForestClassifier
from sklearn.metrics import roc_auc_score

from forecasting.models.logistic import logistic
from forecasting.models.rise import LightGbmRise, LightGbmUp, RandomForestRise, RandomForestUp, Rise
from tests.forecasting.rows import made_up_rows

ROWS = made_up_rows(800, signal=0.5, seed=31)
LATER = made_up_rows(500, signal=0.5, seed=32)
KINDS = [LightGbmRise, LightGbmUp, RandomForestRise, RandomForestUp]


@settings(deadline=None)
@given(st.floats(-30, 30))
def test_logistic_is_scipys(log_odds: float) -> None:
    assert float(logistic(np.array([log_odds]))[0]) == pytest.approx(float(expit(log_odds)), rel=1e-13)


@settings(deadline=None)
@given(st.floats(allow_nan=False))
def test_logistic_of_anything_is_a_probability(log_odds: float) -> None:
    assert 0 < float(logistic(np.array([log_odds]))[0]) <= 1


@pytest.mark.parametrize("kind", KINDS)
def test_planted_signal_is_found(kind: type[Rise]) -> None:
    member = kind().fit(ROWS)
    assert roc_auc_score(LATER.y > 0, member.probability(LATER.X)) > 0.6


@pytest.mark.parametrize("kind", [LightGbmRise, RandomForestRise])
def test_probability_is_of_a_return_above_the_threshold(kind: type[Rise]) -> None:
    member = kind(threshold=0.01).fit(ROWS)
    assert member.probability(LATER.X).mean() == pytest.approx((LATER.y > 0.01).mean(), abs=0.05)
    assert roc_auc_score(LATER.y > 0.01, member.probability(LATER.X)) > 0.6


@pytest.mark.parametrize("kind", [LightGbmUp, RandomForestUp])
def test_returns_of_zero_count_for_nobody(kind: type[Rise]) -> None:
    still = np.arange(len(ROWS)) % 4 == 0
    rows = replace(ROWS, y=np.where(still, 0.0, ROWS.y))
    assert kind().fit(rows).dump() == kind().fit(rows.take(~still)).dump()


def test_forecast_is_the_mean_of_both_sides_by_their_probability() -> None:
    member = RandomForestRise(threshold=0.001).fit(ROWS)
    p, rose = member.probability(LATER.X), ROWS.y > 0.001
    expected = p * ROWS.y[rose].mean() + (1 - p) * ROWS.y[~rose].mean()
    np.testing.assert_allclose(member.predict(LATER.X), expected, rtol=1e-10)


def test_probability_of_a_forest_is_scikit_learns() -> None:
    member = RandomForestRise().fit(ROWS)
    oracle = RandomForestClassifier(
        150, max_depth=6, min_samples_leaf=20, max_features=1 / 3, max_samples=0.5, random_state=7
    )
    expected = oracle.fit(ROWS.X, ROWS.y > 0).predict_proba(LATER.X)[:, 1]
    np.testing.assert_allclose(member.probability(LATER.X), expected, rtol=1e-10)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("y", [0.0, 0.02, -0.02])
def test_returns_that_are_all_alike_are_forecast(kind: type[Rise], y: float) -> None:
    member = kind().fit(replace(ROWS, y=np.full(len(ROWS), y)))
    assert member.predict(LATER.X) == pytest.approx(np.full(len(LATER), y))


def test_noise_has_the_base_rate() -> None:
    rows = replace(ROWS, X=np.ones_like(ROWS.X))
    p = LightGbmRise().fit(rows).probability(rows.X[:1])[0]
    assert p == pytest.approx(((ROWS.y > 0).sum() + 1) / (len(ROWS) + 2), rel=1e-12)


@pytest.mark.parametrize("kind", KINDS)
def test_weights_change_what_is_learned(kind: type[Rise]) -> None:
    weights = np.where(ROWS.X[:, -1] == 1, 1.0, 0.1)
    assert kind().fit(ROWS, weights).dump() != kind().fit(ROWS).dump()
