from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.isotonic import IsotonicRegression

from forecasting.calibration import VennAbersCalibrator
from tests.forecasting.calibration.test_platt import outcomes


def bare(scores: list[float], happened: list[bool]) -> VennAbersCalibrator:
    return VennAbersCalibrator(prior_rows=0).fit(np.array(scores), np.array(happened), base_rate=0.5)


def redrawn(scores: list[float], happened: list[bool], asked: float) -> float:
    """The definition: scikit-learn's curve with the asked score as one more row, of either outcome."""
    answers = []
    for outcome in (False, True):
        curve = IsotonicRegression().fit([*scores, asked], [*happened, outcome])
        answers.append(float(curve.predict([asked])[0]))
    p0, p1 = answers
    return p1 / (1 - p0 + p1)


@settings(max_examples=150, deadline=None)
@given(
    st.lists(st.tuples(st.integers(-6, 6), st.booleans()), min_size=1, max_size=25),
    st.integers(-15, 15),
)
def test_probability_is_that_of_curves_redrawn_for_each_asked_score(rows, twice: int) -> None:
    scores, happened = [float(score) for score, _ in rows], [came for _, came in rows]
    found = bare(scores, happened).probability(np.array([twice / 2]))[0]
    assert found == pytest.approx(redrawn(scores, happened, twice / 2), abs=1e-12)


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        (-1.0, (1 / 2) / (1 + 1 / 2)),  # p0 = 0; a rise here is pooled with the fall at 0
        (0.0, (1 / 2) / (1 + 1 / 2)),
        (0.5, 1 / (1 - 0 + 1)),
        (1.0, 1 / (1 - 1 / 2 + 1)),
        (2.0, 1 / (1 - 1 / 2 + 1)),
    ],
)
def test_one_fall_and_one_rise_by_hand(asked: float, expected: float) -> None:
    assert bare([0.0, 1.0], [False, True]).probability(np.array([asked]))[0] == pytest.approx(expected)


def test_single_row_is_hardly_believed() -> None:
    assert bare([0.0], [True]).probability(np.zeros(1))[0] == pytest.approx(1 / (1 - 1 / 2 + 1))


def test_one_of_the_two_curves_is_calibrated_on_average() -> None:
    excess, happened = outcomes(1.0, rows=1000)
    asked, later = outcomes(1.0, rows=4000, seed=3)
    calibrator = bare(excess.tolist(), happened.tolist())
    p0 = calibrator.low_[np.searchsorted(calibrator.low_scores_, asked, side="right")]
    p1 = calibrator.high_[np.searchsorted(calibrator.high_scores_, asked, side="left")]
    assert (p0 <= p1).all()
    assert p0.mean() - 0.02 < later.mean() < p1.mean() + 0.02


def test_only_the_scores_at_which_an_answer_changes_are_kept() -> None:
    excess, happened = outcomes(1.0, rows=1000)
    calibrator = bare(excess.tolist(), happened.tolist())
    assert len(calibrator.low_scores_) < 800
    assert (np.diff(calibrator.low_) != 0).all()
