"""What every kind of calibrator promises."""

from __future__ import annotations

import json
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from forecasting.calibration import CALIBRATORS, calibrator_from_document
from tests.forecasting.calibration.test_platt import outcomes

KINDS = list(CALIBRATORS)
EXCESS, HAPPENED = outcomes(1.0, rows=600)


def fitted(kind: str, **changes):
    return CALIBRATORS[kind]().fit(EXCESS, HAPPENED, **{"base_rate": 0.5, **changes})


@pytest.mark.parametrize("kind", KINDS)
def test_document_reads_back_to_the_same_bits(kind: str) -> None:
    calibrator = fitted(kind)
    again = calibrator_from_document(json.loads(json.dumps(calibrator.to_document())))
    asked = np.concatenate([EXCESS, [-1.0, 0.0, 1.0]])
    assert type(again) is type(calibrator)
    assert again.probability(asked).tobytes() == calibrator.probability(asked).tobytes()
    assert again.to_document() == calibrator.to_document()


def test_document_of_a_bundle_without_a_kind_is_platts() -> None:
    assert "kind" not in fitted("platt").to_document()


@pytest.mark.parametrize("kind", KINDS)
def test_row_alone_has_the_same_bits_as_in_a_batch(kind: str) -> None:
    calibrator = fitted(kind)
    alone = np.concatenate([calibrator.probability(EXCESS[row : row + 1]) for row in range(300)])
    assert alone.tobytes() == calibrator.probability(EXCESS[:300]).tobytes()


@pytest.mark.parametrize("kind", KINDS)
def test_probabilities_of_an_informed_forecast_are_calibrated(kind: str) -> None:
    excess, happened = outcomes(1.0, rows=4000)
    later_excess, later = outcomes(1.0, rows=20_000, seed=2)
    probability = CALIBRATORS[kind]().fit(excess, happened, base_rate=0.5).probability(later_excess)
    for low in (0.2, 0.4, 0.6):
        rows = (probability >= low) & (probability < low + 0.2)
        assert later[rows].mean() == pytest.approx(probability[rows].mean(), abs=0.05)


@pytest.mark.parametrize("kind", KINDS)
def test_without_information_the_answers_stay_near_the_base_rate(kind: str) -> None:
    strayed = []
    for seed in range(20):
        generator = np.random.default_rng(seed)
        excess, happened = generator.normal(size=200), generator.random(200) < 0.6
        probability = CALIBRATORS[kind]().fit(excess, happened, base_rate=0.6).probability(excess)
        strayed.append(float(np.abs(probability - 0.6).mean()))
    assert np.mean(strayed) < 0.03


@pytest.mark.parametrize("kind", KINDS)
def test_labels_that_overlap_move_the_answer_less(kind: str) -> None:
    every_row = fitted(kind).probability(EXCESS)
    overlapping = fitted(kind, n_independent=len(EXCESS) / 24).probability(EXCESS)
    assert np.std(overlapping) < 0.5 * np.std(every_row)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("happened", [True, False])
def test_outcome_that_never_changed_is_not_certain(kind: str, happened: bool) -> None:
    excess = np.linspace(-0.01, 0.01, 50)
    probability = CALIBRATORS[kind]().fit(excess, np.full(50, happened), base_rate=0.5).probability(excess)
    assert ((probability > 0) & (probability < 1)).all()


@pytest.mark.parametrize("kind", KINDS)
def test_forecast_that_points_the_wrong_way_is_disregarded(kind: str) -> None:
    excess, happened = outcomes(-1.0, rows=1000)
    probability = CALIBRATORS[kind]().fit(excess, happened, base_rate=0.5).probability(excess)
    assert np.std(probability) < 0.02


@pytest.mark.parametrize("kind", KINDS)
def test_no_rows_give_the_base_rate(kind: str) -> None:
    calibrator = CALIBRATORS[kind]().fit(np.empty(0), np.empty(0, dtype=bool), base_rate=0.3)
    assert calibrator.probability(np.array([-0.5, 0.5])) == pytest.approx([0.3, 0.3])


@pytest.mark.parametrize("kind", KINDS)
@settings(max_examples=40, deadline=None)
@given(
    excess=arrays(np.float64, 30, elements=st.floats(-1e6, 1e6)),
    happened=arrays(np.bool_, 30),
    asked=arrays(np.float64, 10, elements=st.floats(-1e7, 1e7)),
)
def test_any_rows_give_probabilities_that_rise_with_the_forecast(kind: str, excess, happened, asked) -> None:
    calibrator = CALIBRATORS[kind]().fit(excess, happened, base_rate=0.5)
    probability = calibrator.probability(np.sort(np.concatenate([asked, excess])))
    assert ((probability >= 0) & (probability <= 1)).all()
    assert (np.diff(probability) >= -1e-12).all()


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(
    ("excess", "base_rate", "independent", "message"),
    [
        (np.zeros(3), 0.5, None, "as many"),
        (np.array([0.0, math.nan]), 0.5, None, "finite"),
        (np.zeros(2), 1.0, None, "base rate 1.0 is not between 0 and 1"),
        (np.zeros(2), 0.5, 0, "more than 0"),
    ],
)
def test_unusable_rows_are_refused(kind: str, excess, base_rate, independent, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        CALIBRATORS[kind]().fit(
            excess, np.ones(2, dtype=bool), base_rate=base_rate, n_independent=independent
        )
