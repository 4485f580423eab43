"""Scores of quantiles, intervals and distributions."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.integrate import quad
from scipy.stats import norm
from sklearn.metrics import mean_pinball_loss

from forecasting.metrics import (
    crps_of_normal,
    crps_of_quantiles,
    interval_coverage,
    interval_width,
    pinball,
)

seeds = st.integers(0, 2**32 - 1)


@given(seeds, st.floats(0.01, 0.99))
@settings(max_examples=60, deadline=None)
def test_pinball_is_scikit_learns(seed: int, level: float) -> None:
    y, quantile = np.random.default_rng(seed).normal(size=(2, 30))
    assert pinball(y, quantile, level) == pytest.approx(mean_pinball_loss(y, quantile, alpha=level))


@pytest.mark.parametrize("level", [0.0, 1.0, -0.1, math.nan])
def test_a_level_outside_0_and_1_is_refused(level: float) -> None:
    with pytest.raises(ValueError, match="not between 0 and 1"):
        pinball(np.ones(2), np.ones(2), level)


def test_the_ends_of_an_interval_are_inside() -> None:
    y = np.array([-1.0, 0.0, 1.0, 1.1])
    assert interval_coverage(y, np.full(4, -1.0), np.full(4, 1.0)) == 0.75


def test_width_is_the_mean_distance_of_the_ends() -> None:
    assert interval_width(np.array([0.0, -1.0]), np.array([1.0, 2.0])) == 2.0


def test_an_interval_that_ends_below_its_begin_is_refused() -> None:
    with pytest.raises(ValueError, match="interval of row 1 ends below its begin"):
        interval_coverage(np.zeros(2), np.array([-1.0, 1.0]), np.array([1.0, -1.0]))


@given(seeds, st.integers(1, 25))
@settings(max_examples=60, deadline=None)
def test_crps_of_evenly_spaced_quantiles_is_that_of_the_ensemble(seed: int, members: int) -> None:
    generator = np.random.default_rng(seed)
    y, ensemble = generator.normal(size=8), np.sort(generator.normal(size=(8, members)), axis=1)
    distance = np.abs(ensemble - y[:, None]).mean(axis=1)
    spread = np.abs(ensemble[:, :, None] - ensemble[:, None, :]).mean(axis=(1, 2))
    levels = (np.arange(members) + 0.5) / members
    assert crps_of_quantiles(y, ensemble, levels) == pytest.approx(float(np.mean(distance - spread / 2)))


def test_crps_of_many_quantiles_approaches_the_closed_form_of_a_normal() -> None:
    y = np.random.default_rng(2).normal(0.0, 2.0, size=200)
    levels = (np.arange(400) + 0.5) / 400
    quantiles = np.broadcast_to(norm.ppf(levels, 0.3, 1.5), (len(y), 400))
    closed = crps_of_normal(y, np.full(len(y), 0.3), np.full(len(y), 1.5))
    assert crps_of_quantiles(y, quantiles, levels) == pytest.approx(closed, rel=2e-3)


@pytest.mark.parametrize(("y", "mean", "deviation"), [(0.0, 0.0, 1.0), (2.5, 0.3, 0.7), (-0.01, 0.0, 0.02)])
def test_crps_of_a_normal_is_the_integral_of_its_definition(y: float, mean: float, deviation: float) -> None:
    low = quad(lambda x: norm.cdf(x, mean, deviation) ** 2, mean - 12 * deviation, y)[0]
    high = quad(lambda x: norm.sf(x, mean, deviation) ** 2, y, mean + 12 * deviation)[0]
    found = crps_of_normal(np.array([y]), np.array([mean]), np.array([deviation]))
    assert found == pytest.approx(low + high, rel=1e-6)


@pytest.mark.parametrize(
    ("quantiles", "levels"),
    [
        (np.zeros((2, 2)), [0.5]),
        (np.zeros((2, 2)), [0.6, 0.4]),
        (np.zeros((2, 0)), []),
        (np.zeros((2, 1)), [1.0]),
    ],
)
def test_quantiles_without_fitting_levels_are_refused(quantiles, levels) -> None:
    with pytest.raises(ValueError, match=r"levels were given|not between 0 and 1"):
        crps_of_quantiles(np.zeros(2), quantiles, np.array(levels))


def test_a_normal_without_spread_is_refused() -> None:
    with pytest.raises(ValueError, match="more than 0 is needed"):
        crps_of_normal(np.zeros(1), np.zeros(1), np.zeros(1))


def test_a_missing_quantile_refuses() -> None:
    with pytest.raises(ValueError, match="quantiles is missing or infinite in 1 rows, first in row 1"):
        crps_of_quantiles(np.zeros(2), np.array([[0.0, 1.0], [0.0, np.nan]]), np.array([0.2, 0.8]))
