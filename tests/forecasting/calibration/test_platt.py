from __future__ import annotations

import json
import math
import os
import platform
import subprocess
import sys

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy.optimize import minimize_scalar
from sklearn.linear_model import LogisticRegression

from forecasting.calibration import Calibrator


def outcomes(slope: float, rows: int = 2000, seed: int = 1) -> tuple[np.ndarray, np.ndarray]:
    generator = np.random.default_rng(seed)
    excess = generator.normal(size=rows) * 0.002
    happened = generator.random(rows) < 1 / (1 + np.exp(-slope * excess / 0.002))
    return excess, happened


@pytest.mark.parametrize(("slope", "ridge"), [(0.8, 100.0), (0.2, 10.0), (3.0, 1.0)])
def test_slope_around_even_odds_is_scikit_learns_logistic_regression(slope: float, ridge: float) -> None:
    excess, happened = outcomes(slope)
    calibrator = Calibrator(ridge).fit(excess, happened, base_rate=0.5)
    columns = (excess / np.sqrt(np.mean(excess**2)))[:, None]
    oracle = LogisticRegression(C=1 / ridge, fit_intercept=False, tol=1e-10, max_iter=1000)
    expected = oracle.fit(columns, happened).coef_[0]
    assert calibrator.intercept_ == 0
    assert calibrator.slope_ == pytest.approx(expected[0], rel=1e-5)


@pytest.mark.parametrize("base_rate", [0.1, 0.55])
def test_slope_around_a_base_rate_is_scipys_minimum(base_rate: float) -> None:
    excess, happened = outcomes(0.5)
    calibrator = Calibrator(50.0).fit(excess, happened, base_rate=base_rate)
    x, base = excess / np.sqrt(np.mean(excess**2)), math.log(base_rate / (1 - base_rate))

    def loss(slope: float) -> float:
        log_odds = base + slope * x
        return float(np.sum(np.logaddexp(0, log_odds) - happened * log_odds) + 25.0 * slope**2)

    expected = minimize_scalar(loss, bounds=(0.0, 5.0), method="bounded", options={"xatol": 1e-8}).x
    assert calibrator.slope_ == pytest.approx(expected, abs=1e-5)


def test_rows_that_calibrate_leave_the_base_rate_where_it_was() -> None:
    excess, happened = np.zeros(1800), np.arange(1800) < 600
    calibrator = Calibrator().fit(excess, happened, base_rate=0.55)
    assert calibrator.probability(np.zeros(1))[0] == pytest.approx(0.55, abs=1e-12)


def test_without_information_the_answers_stay_near_the_base_rate() -> None:
    strayed = {0.01: 0.0, 100.0: 0.0}
    for seed in range(50):
        generator = np.random.default_rng(seed)
        excess, happened = generator.normal(size=200), generator.random(200) < 0.6
        for ridge in strayed:
            probability = Calibrator(ridge).fit(excess, happened, base_rate=0.6).probability(excess)
            strayed[ridge] += float(np.abs(probability - 0.6).mean()) / 50
    assert strayed[100.0] < 0.015
    assert strayed[100.0] < 0.5 * strayed[0.01]


def test_forecast_that_points_the_wrong_way_is_disregarded() -> None:
    excess, happened = outcomes(-1.0)
    calibrator = Calibrator(1.0).fit(excess, happened, base_rate=0.5)
    assert calibrator.slope_ == 0
    assert calibrator.probability(excess) == pytest.approx(0.5, abs=1e-12)


def test_probabilities_of_an_informed_forecast_are_calibrated() -> None:
    excess, happened = outcomes(1.0, rows=20_000)
    later_excess, later = outcomes(1.0, rows=20_000, seed=2)
    probability = Calibrator().fit(excess, happened, base_rate=0.5).probability(later_excess)
    for low in (0.2, 0.4, 0.6, 0.8):
        rows = (probability >= low) & (probability < low + 0.2)
        assert later[rows].mean() == pytest.approx(probability[rows].mean(), abs=0.03)


def test_labels_that_overlap_move_the_answer_less() -> None:
    excess, happened = outcomes(0.5)
    every_row = Calibrator().fit(excess, happened, base_rate=0.5)
    overlapping = Calibrator().fit(excess, happened, base_rate=0.5, n_independent=len(excess) / 24)
    assert 0 < overlapping.slope_ < every_row.slope_ / 2


def test_repeating_every_row_changes_little_when_independence_is_told() -> None:
    excess, happened = outcomes(0.5)
    once = Calibrator().fit(excess, happened, base_rate=0.5)
    repeated = Calibrator().fit(
        np.repeat(excess, 10), np.repeat(happened, 10), base_rate=0.5, n_independent=len(excess)
    )
    assert repeated.slope_ == pytest.approx(once.slope_, rel=1e-6)
    assert repeated.intercept_ == pytest.approx(once.intercept_, rel=1e-6)


@pytest.mark.parametrize("happened", [True, False])
def test_outcome_that_never_changed_is_not_certain(happened: bool) -> None:
    excess = np.linspace(-0.01, 0.01, 50)
    probability = Calibrator().fit(excess, np.full(50, happened), base_rate=0.5).probability(excess)
    assert ((probability > 0) & (probability < 1)).all()


def test_a_score_beyond_all_that_was_fitted_is_sure_not_refused() -> None:
    tiny = np.full(30, 2e-309)
    calibrator = Calibrator().fit(tiny, np.ones(30, dtype=bool), base_rate=0.5)
    assert calibrator.probability(np.array([1.0, -1.0])).tolist() == [1.0, 0.0]


def test_no_rows_give_the_base_rate() -> None:
    calibrator = Calibrator().fit(np.empty(0), np.empty(0, dtype=bool), base_rate=0.3)
    assert calibrator.probability(np.array([0.5])) == pytest.approx([0.3])


@settings(max_examples=80, deadline=None)
@given(
    arrays(np.float64, 40, elements=st.floats(-1e6, 1e6)),
    arrays(np.bool_, 40),
    st.sampled_from([1e-6, 1.0, 100.0]),
)
def test_any_rows_give_probabilities_that_rise_with_the_forecast(excess, happened, ridge: float) -> None:
    calibrator = Calibrator(ridge).fit(excess, happened, base_rate=0.5)
    probability = calibrator.probability(np.sort(excess))
    assert ((probability >= 0) & (probability <= 1)).all()
    assert (np.diff(probability) >= 0).all()


def test_row_alone_has_the_same_bits_as_in_a_batch() -> None:
    excess, happened = outcomes(1.0)
    calibrator = Calibrator().fit(excess, happened, base_rate=0.5)
    alone = np.concatenate([calibrator.probability(excess[row : row + 1]) for row in range(500)])
    assert alone.tobytes() == calibrator.probability(excess[:500]).tobytes()


def test_document_reads_back_to_the_same_bits() -> None:
    excess, happened = outcomes(1.0)
    calibrator = Calibrator().fit(excess, happened, base_rate=0.5)
    again = Calibrator.from_document(json.loads(json.dumps(calibrator.to_document())))
    assert again.probability(excess).tobytes() == calibrator.probability(excess).tobytes()


@pytest.mark.parametrize(
    ("excess", "base_rate", "independent", "message"),
    [
        (np.zeros(3), 0.5, None, "as many"),
        (np.array([0.0, math.nan]), 0.5, None, "finite"),
        (np.zeros(2), 1.0, None, "base rate 1.0 is not between 0 and 1"),
        (np.zeros(2), 0.5, 0, "more than 0"),
    ],
)
def test_unusable_rows_are_refused(excess, base_rate, independent, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        Calibrator().fit(excess, np.ones(2, dtype=bool), base_rate=base_rate, n_independent=independent)


FITS = """
import numpy as np
from forecasting.calibration import Calibrator
for seed in range(40):
    generator = np.random.default_rng(seed)
    excess = generator.normal(scale=0.01, size=900)
    fitted = Calibrator().fit(excess, excess + generator.normal(scale=0.03, size=900) > 0, base_rate=0.51)
    print(fitted.intercept_.hex(), fitted.slope_.hex())
"""


@pytest.mark.skipif(platform.machine() != "x86_64", reason="the kernels named here are those of x86")
def test_the_bits_do_not_depend_on_the_kernels_of_the_linear_algebra_library():
    fits = [
        subprocess.run(
            [sys.executable, "-c", FITS],
            env={**os.environ, "OPENBLAS_CORETYPE": kernel},
            capture_output=True,
            check=True,
        ).stdout
        for kernel in ("Haswell", "Prescott", "")
    ]
    assert fits[0].count(b"\n") == 40
    assert fits[0] == fits[1] == fits[2]
