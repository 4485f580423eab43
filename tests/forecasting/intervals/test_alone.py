"""Labels of one symbol learned at once, against the same labels learned one after the other."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from forecasting.documents import canonical_json
from forecasting.intervals.adaptive import AdaptiveIntervals
from tests.forecasting.intervals.bars import forecast_rows, taken

SYMBOL = "AAA/SIM"


def one_by_one(rows, intervals):
    """The slow, plain way."""
    scores = rows.scores().tolist()
    for row in rows.label_order().tolist():
        intervals.learn_label(rows.symbols[rows.symbol[row]], int(rows.label_end_ms[row]), scores[row])
    return intervals


def state(intervals):
    return canonical_json(intervals.to_document())


@settings(max_examples=60, deadline=None)
@given(
    labels=st.integers(1, 400),
    look_ahead=st.sampled_from((1, 3, 7, 40)),
    step=st.sampled_from((0.0, 0.01, 0.5)),
    ties=st.booleans(),
    seed=st.integers(0, 10_000),
)
def test_what_is_learned_at_once_is_what_is_learned_one_by_one(labels, look_ahead, step, ties, seed):
    y = np.random.default_rng(seed).standard_t(3, labels)
    rows = forecast_rows(np.round(y) if ties else y, look_ahead=look_ahead)

    def fresh():
        return AdaptiveIntervals(look_ahead, step=step, window=400)

    assert state(fresh().learn(rows)) == state(one_by_one(rows, fresh()))


def test_where_scores_would_be_forgotten_they_are():
    rows = forecast_rows(np.random.default_rng(1).standard_t(3, 101))
    learned = AdaptiveIntervals(1, window=100).learn(rows)
    assert state(learned) == state(one_by_one(rows, AdaptiveIntervals(1, window=100)))


def test_what_was_learned_before_stays():
    rows = forecast_rows(np.random.default_rng(2).standard_t(3, 300))
    early, late = taken(rows, slice(0, 120)), taken(rows, slice(120, None))
    assert state(AdaptiveIntervals(1).learn(early).learn(late)) == state(AdaptiveIntervals(1).learn(rows))


def test_a_score_that_is_no_number_is_refused():
    with pytest.raises(ValueError, match="a finite one is needed"):
        AdaptiveIntervals(1).learn(forecast_rows([0.1, np.nan, 0.2]))


def test_no_labels_teach_nothing():
    assert not AdaptiveIntervals(1).learn(forecast_rows([])).ready
