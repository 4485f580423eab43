"""Scores of probabilities, held against scikit-learn."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn import metrics as sklearn

from forecasting.metrics import auc, brier, log_loss

certain = st.lists(st.tuples(st.booleans(), st.floats(0, 1)), min_size=1, max_size=60)
doubting = st.lists(st.tuples(st.booleans(), st.floats(0.001, 0.999)), min_size=1, max_size=60)
coarse = st.lists(st.tuples(st.booleans(), st.sampled_from([0.1, 0.3, 0.5, 0.9])), min_size=2, max_size=60)


def columns(pairs) -> tuple[np.ndarray, np.ndarray]:
    outcome, probability = (np.array(column, dtype=np.float64) for column in zip(*pairs, strict=True))
    return outcome, probability


@given(certain)
def test_brier_is_scikit_learns(pairs) -> None:
    outcome, probability = columns(pairs)
    oracle = sklearn.brier_score_loss(outcome, probability, labels=[0, 1])
    assert brier(outcome, probability) == pytest.approx(oracle, rel=1e-12)


@given(doubting)
def test_log_loss_is_scikit_learns(pairs) -> None:
    outcome, probability = columns(pairs)
    oracle = sklearn.log_loss(outcome, probability, labels=[0, 1])
    assert log_loss(outcome, probability) == pytest.approx(oracle, rel=1e-9)


def test_one_wrong_certainty_makes_the_log_loss_infinite() -> None:
    assert log_loss(np.array([1.0, 0.0]), np.array([0.9, 1.0])) == math.inf


@given(coarse)
def test_auc_is_scikit_learns_with_ties(pairs) -> None:
    outcome, probability = columns(pairs)
    if 0 < outcome.sum() < len(outcome):
        assert auc(outcome, probability) == pytest.approx(sklearn.roc_auc_score(outcome, probability))


@pytest.mark.parametrize("outcome", [np.zeros(3), np.ones(3)])
def test_auc_of_one_outcome_only_is_unknown(outcome) -> None:
    assert math.isnan(auc(outcome, np.array([0.1, 0.2, 0.3])))


@pytest.mark.parametrize("score", [brier, log_loss, auc])
def test_a_missing_probability_refuses(score) -> None:
    with pytest.raises(ValueError, match="probability is missing or infinite in 1 rows, first in row 1"):
        score(np.array([1.0, 0.0]), np.array([0.5, math.nan]))
