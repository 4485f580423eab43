"""CORP: the parts of a Brier score."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.isotonic import IsotonicRegression

from forecasting.metrics import brier, corp

rows = st.lists(st.tuples(st.booleans(), st.integers(0, 20)), min_size=2, max_size=80)


def columns(pairs) -> tuple[np.ndarray, np.ndarray]:
    outcome, twentieths = (np.array(column, dtype=np.float64) for column in zip(*pairs, strict=True))
    return outcome, twentieths / 20


@given(rows)
@settings(max_examples=80, deadline=None)
def test_the_recalibration_is_scikit_learns_isotonic_regression(pairs) -> None:
    outcome, probability = columns(pairs)
    oracle = IsotonicRegression().fit(probability, outcome)
    found = corp(outcome, probability)
    assert found.recalibrated == pytest.approx(oracle.predict(found.probability), abs=1e-9)


@given(rows)
@settings(max_examples=80, deadline=None)
def test_the_parts_sum_to_the_brier_score_and_are_not_negative(pairs) -> None:
    outcome, probability = columns(pairs)
    found = corp(outcome, probability)
    whole = found.miscalibration - found.discrimination + found.uncertainty
    assert whole == pytest.approx(brier(outcome, probability), abs=1e-12)
    assert min(found.miscalibration, found.discrimination, found.uncertainty) >= -1e-12
    assert found.rows.sum() == len(outcome)


@given(rows)
@settings(max_examples=60, deadline=None)
def test_what_keeps_the_order_changes_miscalibration_only(pairs) -> None:
    outcome, probability = columns(pairs)
    bent = corp(outcome, probability**3)
    assert bent.discrimination == pytest.approx(corp(outcome, probability).discrimination, abs=1e-9)


def test_an_honest_probability_is_miscalibrated_by_little_and_an_exaggerated_one_by_its_error() -> None:
    generator = np.random.default_rng(11)
    truth = generator.uniform(0.3, 0.7, size=20_000)
    outcome = (generator.random(len(truth)) < truth).astype(np.float64)
    exaggerated = 0.5 + 2 * (truth - 0.5)
    assert corp(outcome, truth).miscalibration < 0.001
    # E (2(p - 1/2) - (p - 1/2))^2 = var(p) = 0.4^2 / 12
    assert corp(outcome, exaggerated).miscalibration == pytest.approx(0.4**2 / 12, abs=0.002)


def test_a_constant_probability_knows_nothing() -> None:
    found = corp(np.array([1.0, 0.0, 0.0, 0.0]), np.full(4, 0.5))
    assert (found.discrimination, found.uncertainty) == (0.0, 0.1875)
    assert found.skill == pytest.approx(1 - 0.25 / 0.1875)


def test_skill_is_unknown_where_only_one_thing_happens() -> None:
    assert math.isnan(corp(np.ones(3), np.full(3, 0.9)).skill)


def test_a_missing_probability_refuses() -> None:
    with pytest.raises(ValueError, match="probability is missing or infinite"):
        corp(np.ones(2), np.array([0.5, math.nan]))
