from __future__ import annotations

import numpy as np
import pytest
from sklearn.isotonic import IsotonicRegression

from forecasting.calibration import IsotonicCalibrator
from tests.forecasting.calibration.test_platt import outcomes

EXCESS, HAPPENED = outcomes(1.0, rows=800)
LATER = np.concatenate([outcomes(1.0, rows=500, seed=2)[0], EXCESS[:50]])


def test_bare_curve_is_scikit_learns() -> None:
    oracle = IsotonicRegression(out_of_bounds="clip").fit(EXCESS, HAPPENED)
    calibrator = IsotonicCalibrator(prior_rows=0).fit(EXCESS, HAPPENED, base_rate=0.5)
    np.testing.assert_allclose(calibrator.probability(LATER), oracle.predict(LATER), atol=1e-12)


def test_curve_and_base_rate_count_alike_at_as_many_independent_rows_as_the_prior_has() -> None:
    bare = IsotonicCalibrator(prior_rows=0).fit(EXCESS, HAPPENED, base_rate=0.4).probability(LATER)
    drawn = IsotonicCalibrator(100).fit(EXCESS, HAPPENED, base_rate=0.4, n_independent=100)
    assert drawn.probability(LATER) == pytest.approx((bare + 0.4) / 2)
