"""A healthy model is followed on, one whose sign is flipped is lost, and each bar counts once."""

import json

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from forecasting.monitoring.following import Bars, Following
from forecasting.types import HOUR_MS
from tests.forecasting.licence.rows_of_noise import noise

LIVE = 300


def bars_of(seed, skill, bars=1_500, symbols=1, flipped_from=None):
    returns, forecasts = noise(seed, bars, symbols, skill)
    if flipped_from is not None:
        forecasts[flipped_from:] *= -1
    return Bars(HOUR_MS * np.arange(1, bars + 1), returns, forecasts, 1, HOUR_MS)


def begun(bars, live=LIVE):
    return Following.begin(
        int(bars.close_ms[0]), int(bars.close_ms[live]), bars.returns.shape[1], bars.horizon_bars
    )


def until(bars, end):
    return Bars(bars.close_ms[:end], bars.returns[:end], bars.forecasts[:end], bars.horizon_bars, HOUR_MS)


def test_none_of_twenty_healthy_models_is_lost_in_a_year_of_hours():
    lost = [begun(b := bars_of(seed, 0.05, 9_060)).take(b).is_lost for seed in range(20)]
    assert not any(lost)


def test_a_model_whose_sign_is_flipped_is_lost_within_a_thousand_bars_in_nineteen_of_twenty():
    lost = []
    for seed in range(20):
        bars = bars_of(seed, 0.2, 2_300, flipped_from=LIVE + 1_000)
        assert not begun(bars).take(until(bars, LIVE + 1_000)).is_lost
        lost.append(begun(bars).take(bars).is_lost)
    assert sum(lost) >= 19


def test_bars_before_it_served_are_not_held_against_it():
    bars = bars_of(3, -0.3)
    assert begun(bars, 1_498).take(bars).bets == 1


def test_without_earlier_bars_the_first_live_ones_tell_the_size_of_bets():
    bars = bars_of(4, 0.0)
    # 30 returns until there is a drift, 30 differences from it, 30 bets, and the bar that all of this follows.
    assert begun(bars, 0).take(bars).bets == 1_500 - 91


def test_a_bar_that_was_counted_is_not_counted_again():
    bars = bars_of(5, -0.1)
    once = begun(bars).take(bars)
    assert once.take(bars).to_document() == once.to_document()


def test_forecasts_of_counted_bars_are_not_read():
    bars = bars_of(6, 0.0)
    half = begun(bars).take(until(bars, 700))
    hidden = bars.forecasts.copy()
    hidden[:700] = np.nan
    later = Bars(bars.close_ms, bars.returns, hidden, 1, HOUR_MS)
    assert half.take(later).to_document() == begun(bars).take(bars).to_document()


@settings(max_examples=25, deadline=None)
@given(st.lists(st.integers(1, 1_500), max_size=4), st.sampled_from([0, 40, LIVE]))
def test_in_any_portions_it_gives_the_bits_of_one_pass(cuts, live):
    bars = bars_of(7, -0.05)
    state = begun(bars, live)
    for cut in [*sorted(cuts), 1_500]:
        state = Following.from_document(json.loads(json.dumps(state.take(until(bars, cut)).to_document())))
    assert state.to_document() == begun(bars, live).take(bars).to_document()


@pytest.mark.parametrize("horizon_bars", [1, 24])
def test_a_loss_is_told_in_words(horizon_bars):
    bars = bars_of(8, -0.3)
    bars = Bars(bars.close_ms, bars.returns, bars.forecasts, horizon_bars, HOUR_MS)
    check = begun(bars).take(bars).check
    assert check.name == "loss of following the model"
    assert check.needed == "below 10,000"
