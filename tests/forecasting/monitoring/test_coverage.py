"""The breaker over intervals."""

import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from forecasting.monitoring.coverage import MOMENTS, Coverage, needed_share
from forecasting.monitoring.trip import UNCOVERED

NOW_MS = 1_700_000_400_000
SHARES = st.lists(st.sampled_from([0.0, 0.5, 1.0]), max_size=400)
BARS = st.sampled_from([1, 7, 24, 200])


def moments_with(outside, moments=MOMENTS):
    return [0.0] * outside + [1.0] * (moments - outside)


@pytest.mark.parametrize(("outside", "is_open"), [(40, False), (41, True)])
def test_it_opens_under_eighty_percent_of_two_hundred(outside, is_open):
    assert (Coverage().take(moments_with(outside), NOW_MS).trip is not None) is is_open


def test_fewer_moments_say_nothing():
    assert Coverage().take([0.0] * (MOMENTS - 1), NOW_MS).trip is None


def test_the_reason_holds_the_figure():
    trip = Coverage().take(moments_with(60), NOW_MS).trip
    assert trip.breaker == UNCOVERED
    assert trip.reason == (
        "its 90 % interval held 70.0% of the returns of the last 200 moments that are known, 80.0% are needed"
    )


@pytest.mark.parametrize(("horizon_bars", "needed"), [(1, 0.8), (7, 17 / 29), (24, 3 / 9), (30, 2 / 7)])
def test_labels_that_overlap_are_fewer_observations(horizon_bars, needed):
    assert needed_share(horizon_bars) == pytest.approx(needed)


def inside_of_sound_intervals(seed, moments, horizon_bars, markets):
    """Share of correlated markets whose h-bar return of noise lies inside its true 90 % interval, by moment."""
    generator = np.random.default_rng(seed)
    shape = (moments + horizon_bars, markets)
    shocks = np.sqrt(0.6) * generator.standard_normal((shape[0], 1))
    total = np.cumsum(shocks + np.sqrt(0.4) * generator.standard_normal(shape), axis=0)
    labels = total[horizon_bars:] - total[:-horizon_bars]
    return (np.abs(labels) <= 1.6449 * np.sqrt(horizon_bars)).mean(axis=1)


@pytest.mark.parametrize(("horizon_bars", "markets"), [(1, 1), (1, 8), (7, 8), (24, 1)])
def test_over_sound_intervals_it_stays_closed_for_a_year_of_hours(horizon_bars, markets):
    for seed in range(5):
        inside = inside_of_sound_intervals(seed, 8_760, horizon_bars, markets)
        means = np.convolve(inside, np.full(MOMENTS, 1 / MOMENTS), "valid")
        assert means.min() >= needed_share(horizon_bars)


@given(SHARES, st.integers(0, 400), BARS)
def test_in_any_portions_it_opens_at_the_same_moment(shares, cut, bars):
    at_once = Coverage(bars).take(shares, NOW_MS)
    saved = json.loads(json.dumps(Coverage(bars).take(shares[:cut], NOW_MS).to_document()))
    assert Coverage.from_document(saved).take(shares[cut:], NOW_MS) == at_once


@given(SHARES, BARS)
def test_open_means_that_too_few_of_the_last_returns_were_inside(shares, bars):
    state = Coverage(bars).take(shares, NOW_MS)
    few = state.covered is not None and state.covered < needed_share(bars)
    assert (state.trip is not None) == (len(state.inside) == MOMENTS and few)


@given(st.integers(1, 199))
def test_the_longer_the_look_ahead_the_less_is_demanded_never_more_than_eighty_percent(bars):
    assert needed_share(bars) <= 0.8
