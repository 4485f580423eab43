from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from sklearn.linear_model import Ridge as Oracle
from sklearn.preprocessing import StandardScaler

from forecasting.models.ridge import Ridge
from tests.forecasting.rows import made_up_rows

ROWS = made_up_rows(800, signal=0.5, seed=11)
LATER = made_up_rows(500, signal=0.5, seed=12)
FULL = replace(ROWS, X=np.nan_to_num(ROWS.X))


@pytest.mark.parametrize("penalty", [1e-6, 0.05, 3.0])
@pytest.mark.parametrize("weighted", [False, True])
def test_forecasts_are_scikit_learns_on_standardised_features(penalty: float, weighted: bool) -> None:
    weights = np.random.default_rng(1).uniform(0.1, 1.0, len(FULL)) if weighted else np.ones(len(FULL))
    scaler = StandardScaler().fit(FULL.X, sample_weight=weights)
    oracle = Oracle(penalty * weights.sum()).fit(scaler.transform(FULL.X), FULL.y, sample_weight=weights)
    member = Ridge(penalty).fit(FULL, weights if weighted else None)
    X = np.nan_to_num(LATER.X)
    np.testing.assert_allclose(member.predict(X), oracle.predict(scaler.transform(X)), rtol=1e-6, atol=1e-10)


def test_missing_value_adds_nothing() -> None:
    member = Ridge().fit(ROWS)
    assert member.predict(np.full((1, len(ROWS.feature_names)), np.nan)) == pytest.approx(ROWS.y.mean())


def test_row_with_one_value_missing_gets_that_features_mean() -> None:
    member, X = Ridge().fit(ROWS), LATER.X[:50].copy()
    X[:, 3] = np.nan
    filled = X.copy()
    filled[:, 3] = np.nanmean(ROWS.X[:, 3])
    np.testing.assert_allclose(member.predict(X), member.predict(filled), rtol=1e-12)


def test_wild_value_is_held_at_eight_deviations() -> None:
    member, X = Ridge().fit(ROWS), np.tile(np.nanmean(ROWS.X, axis=0), (2, 1))
    X[:, 1] += np.array([8.0, 1e9]) * np.nanstd(ROWS.X[:, 1])
    forecast = member.predict(X)
    assert forecast[0] == pytest.approx(forecast[1], rel=1e-9)


def test_planted_signal_is_found_and_most_important() -> None:
    member = Ridge().fit(ROWS)
    assert np.corrcoef(member.predict(LATER.X), LATER.y)[0, 1] > 0.3
    assert ROWS.feature_names[int(np.argmax(member.importances()))] == "return_1h"


def test_feature_that_never_varies_has_no_slope() -> None:
    X = ROWS.X.copy()
    X[:, 2] = 0.1
    assert Ridge().fit(replace(ROWS, X=X)).slopes_[2] == 0


def test_scale_of_a_feature_does_not_matter() -> None:
    wide = replace(ROWS, X=ROWS.X * 1e6)
    np.testing.assert_allclose(
        Ridge().fit(wide).predict(LATER.X * 1e6), Ridge().fit(ROWS).predict(LATER.X), rtol=1e-9, atol=1e-15
    )


@pytest.mark.parametrize("penalty", [0.0, -1.0, float("nan")])
def test_penalty_that_is_not_positive_is_refused(penalty: float) -> None:
    with pytest.raises(ValueError, match="more than 0 is needed"):
        Ridge(penalty).fit(ROWS)
