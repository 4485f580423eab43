"""Adaptive intervals: what they promise, what moves them, and what they remember."""

import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from forecasting.documents import canonical_json
from forecasting.errors import NotEnoughHistory
from forecasting.intervals.adaptive import AdaptiveIntervals
from forecasting.intervals.scores import conformal_quantile
from tests.forecasting.intervals.bars import forecast_rows, taken

SYMBOLS = ("BBB/SIM", "AAA/SIM")


def learned(seed=1, bars=300, look_ahead=1, symbols=SYMBOLS, **settings):
    y = np.random.default_rng(seed).standard_t(4, (bars, len(symbols)))
    rows = forecast_rows(y, symbols=symbols, look_ahead=look_ahead)
    return AdaptiveIntervals(look_ahead, **settings).learn(rows)


def state(intervals):
    return canonical_json(intervals.to_document())


def own(intervals, symbol=SYMBOLS[0]):
    return intervals.to_document()["symbols"][symbol]


def test_a_miss_widens_the_share_and_a_hit_narrows_it():
    intervals = learned(levels=(0.9,))
    (before,) = own(intervals)["shares"]
    intervals.learn_label(SYMBOLS[0], 1000, score=1e6)
    (missed,) = own(intervals)["shares"]
    assert missed == pytest.approx(before - 0.01 * 0.9)
    intervals.learn_label(SYMBOLS[0], 1001, score=0.0)
    assert own(intervals)["shares"] == [pytest.approx(missed + 0.01 * 0.1)]


def test_overlapping_labels_together_move_the_share_as_one_would():
    intervals = learned(look_ahead=10, levels=(0.9,))
    (before,) = own(intervals)["shares"]
    for bar in range(10):
        intervals.learn_label(SYMBOLS[0], 1000 + bar, score=1e6)
    assert own(intervals)["shares"] == [pytest.approx(before - 0.01 * 0.9)]


def test_a_label_of_one_symbol_moves_no_other():
    intervals = learned()
    before = own(intervals, SYMBOLS[1])
    intervals.learn_label(SYMBOLS[0], 1000, score=1e6)
    assert own(intervals, SYMBOLS[1]) == before


def test_of_overlapping_labels_four_a_look_ahead_are_kept():
    assert len(own(learned(bars=160, look_ahead=40))["scores"]) == 16
    assert len(own(learned(bars=160))["scores"]) == 160


def test_a_window_forgets_the_oldest_scores():
    assert len(own(learned(bars=160, window=50))["scores"]) == 50


def test_few_labels_are_judged_by_all_symbols_and_many_by_their_own():
    intervals = AdaptiveIntervals(1, step=0.0)
    for bar in range(99):
        intervals.learn_label("WILD/SIM", bar, score=10.0)
        intervals.learn_label("CALM/SIM", bar, score=1.0)
    assert intervals.thresholds("CALM/SIM") == (10.0, 10.0)
    intervals.learn_label("CALM/SIM", 99, score=1.0)
    assert intervals.thresholds("CALM/SIM") == (1.0, 1.0)
    assert intervals.thresholds("NEW/SIM") == (10.0, 10.0)


def test_thirty_scores_are_needed():
    intervals = learned(bars=15, symbols=SYMBOLS[:1])
    with pytest.raises(NotEnoughHistory, match="15 scores of labels are known, 30 are needed"):
        intervals.intervals(SYMBOLS[0], 1000, 0.0, 1.0)
    assert not intervals.ready
    assert intervals.learned_until_ms == 15


def test_a_forecast_before_a_label_that_was_learned_is_refused():
    intervals = learned()
    assert intervals.learned_until_ms == 300
    assert intervals.intervals(SYMBOLS[0], 300, 0.0, 1.0)
    with pytest.raises(ValueError, match="cannot know it"):
        intervals.intervals(SYMBOLS[0], 299, 0.0, 1.0)


def test_a_label_is_learned_once_and_in_order_of_time():
    intervals = learned()
    with pytest.raises(ValueError, match="each once, in order of time"):
        intervals.learn_label(SYMBOLS[0], 300, score=1.0)


@pytest.mark.parametrize("wrong", [np.nan, np.inf])
def test_what_is_not_finite_is_refused(wrong):
    intervals = learned()
    with pytest.raises(ValueError, match="finite"):
        intervals.learn_label(SYMBOLS[0], 1000, score=wrong)
    for numbers in ((wrong, 1.0), (0.0, wrong)):
        with pytest.raises(ValueError, match="finite is needed"):
            intervals.intervals(SYMBOLS[0], 1000, *numbers)


def test_the_interval_lies_around_its_forecast_and_grows_with_volatility():
    intervals = learned()
    calm, wild = (intervals.intervals(SYMBOLS[0], 300, 0.02, each)[1] for each in (0.01, 0.03))
    assert calm.low + calm.high == pytest.approx(0.04)
    assert wild.high - wild.low == pytest.approx(3 * (calm.high - calm.low))


@given(
    scores=st.lists(st.sampled_from([0.0, 1e-9, 0.5, 1.0, 3.0, 1e9]), min_size=30, max_size=400),
    look_ahead=st.sampled_from([1, 7]),
    step=st.sampled_from([0.0, 0.01, 0.5]),
    volatility=st.sampled_from([0.0, 1e-12, 0.01, 2.0]),
)
def test_whatever_comes_no_interval_is_infinite_empty_or_wider_than_a_higher_level(
    scores, look_ahead, step, volatility
):
    intervals = AdaptiveIntervals(look_ahead, step=step)
    for bar, score in enumerate(scores):
        intervals.learn_label(f"{'AB'[bar % 2]}/SIM", bar, score)
        for shares in (each["shares"] for each in intervals.to_document()["symbols"].values()):
            assert 0.02 - 1e-12 <= shares[0] <= 0.6 + 1e-12
            assert 0.01 - 1e-12 <= shares[1] <= 0.3 + 1e-12
        if intervals.ready:
            eighty, ninety = intervals.intervals("A/SIM", bar, 0.01, volatility)
            assert np.isfinite(ninety.high)
            assert ninety.low <= eighty.low < 0.01 < eighty.high <= ninety.high


@given(seed=st.integers(0, 100), look_ahead=st.sampled_from([1, 5, 12]), cuts=st.sets(st.integers(0, 120)))
def test_labels_learned_at_once_or_step_by_step_leave_the_same_bits(seed, look_ahead, cuts):
    y = np.random.default_rng(seed).standard_t(3, (60, 2))
    rows = forecast_rows(y, symbols=SYMBOLS, look_ahead=look_ahead)
    order = rows.label_order()
    at_once = AdaptiveIntervals(look_ahead).learn(rows)
    by_steps = AdaptiveIntervals(look_ahead)
    for part in np.split(order, sorted(cuts)):
        by_steps.learn(taken(rows, part))
    assert state(at_once) == state(by_steps)


def test_the_order_of_the_rows_given_does_not_matter():
    y = np.random.default_rng(5).standard_t(3, (80, 2))
    rows = forecast_rows(y, symbols=SYMBOLS)
    shuffled = taken(rows, np.random.default_rng(6).permutation(len(rows)))
    assert state(AdaptiveIntervals(1).learn(rows)) == state(AdaptiveIntervals(1).learn(shuffled))


@given(seed=st.integers(0, 100), look_ahead=st.sampled_from([1, 9]), window=st.sampled_from([40, 2000]))
def test_what_is_read_back_goes_on_to_the_same_bits(seed, look_ahead, window):
    intervals = learned(seed, 120, look_ahead, window=window)
    restored = AdaptiveIntervals.from_document(json.loads(state(intervals)))
    assert restored.learned_until_ms == intervals.learned_until_ms
    for bar, score in enumerate(np.random.default_rng(seed + 1).exponential(size=60).tolist()):
        for each in (intervals, restored):
            each.learn_label(SYMBOLS[bar % 2], 1000 + bar, score)
    assert state(restored) == state(intervals)
    assert restored.thresholds(SYMBOLS[0]) == intervals.thresholds(SYMBOLS[0])


def test_the_order_in_which_symbols_are_numbered_does_not_matter():
    # Fewer than 100 labels: symbols share their scores, so which of one moment comes first would show.
    y = np.random.default_rng(5).standard_t(3, (80, 2))
    one = forecast_rows(y, symbols=SYMBOLS)
    other = forecast_rows(y[:, ::-1], symbols=SYMBOLS[::-1])
    assert state(AdaptiveIntervals(1).learn(one)) == state(AdaptiveIntervals(1).learn(other))


def test_a_return_at_the_end_of_its_interval_is_a_hit():
    intervals = learned(levels=(0.9,))
    (before,) = own(intervals)["shares"]
    intervals.learn_label(SYMBOLS[0], 1000, score=intervals.thresholds(SYMBOLS[0])[0])
    assert own(intervals)["shares"][0] > before


def test_prices_that_stand_still_are_scored_and_held_at_the_least_volatility():
    rows = forecast_rows(np.full(40, 3e-6), volatility=0.0, symbols=SYMBOLS[:1])
    assert rows.scores().tolist() == pytest.approx([3.0] * 40)
    eighty, _ = AdaptiveIntervals(1).learn(rows).intervals(SYMBOLS[0], 40, 0.0, 0.0)
    assert eighty.high == pytest.approx(3e-6)


def test_without_steps_the_threshold_is_the_conformal_quantile():
    intervals = learned(symbols=SYMBOLS[:1], step=0.0)
    scores = sorted(own(intervals)["scores"])
    expected = [conformal_quantile(scores, 1.0 - (1.0 - level)) for level in (0.8, 0.9)]
    assert intervals.thresholds(SYMBOLS[0]) == tuple(expected)
