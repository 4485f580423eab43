"""t statistics of a mean whose neighbours are alike: variances against statsmodels, distributions against the papers."""

from __future__ import annotations

import math

import numpy as np
import pytest
import statsmodels.api as sm
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import t as student
from scipy.stats import ttest_1samp

from forecasting.inference.smoothing import (
    bandwidth_for,
    fixed_b_sizes,
    fixed_b_tail,
    frequencies_for,
    periodogram_variance,
    upper_tail,
    weighted_variance,
)

seeds = st.integers(0, 2**32 - 1)


def alike(seed: int, moments: int = 120) -> np.ndarray:
    """Sums of five neighbours."""
    return np.convolve(np.random.default_rng(seed).standard_normal(moments + 4), np.ones(5), "valid")


@given(seeds, st.integers(1, 30), st.booleans())
@settings(max_examples=40, deadline=None)
def test_weighted_variance_is_statsmodels(seed: int, bandwidth: int, falling: bool) -> None:
    values = alike(seed)
    kernel = {
        "maxlags": bandwidth - 1,
        "kernel": "bartlett" if falling else "uniform",
        "use_correction": False,
    }
    fitted = sm.OLS(values, np.ones(len(values))).fit(cov_type="HAC", cov_kwds=kernel)
    oracle = float(fitted.cov_params()[0, 0]) * len(values)
    assert weighted_variance(values, bandwidth, falling=falling) == pytest.approx(oracle, rel=1e-9, abs=1e-9)


def test_periodogram_variance_is_the_mean_of_its_definition() -> None:
    values, moments = alike(3), np.arange(120)
    powers = [
        abs(np.sum((values - values.mean()) * np.exp(-2j * np.pi * j * moments / 120))) ** 2 / 120
        for j in (1, 2, 3)
    ]
    assert periodogram_variance(values, 3) == pytest.approx(np.mean(powers))


def test_the_long_run_variance_of_sums_of_five_is_twenty_five() -> None:
    values = alike(1, 200_000)
    assert periodogram_variance(values, 400) == pytest.approx(25, rel=0.2)
    assert weighted_variance(values, 400, falling=True) == pytest.approx(25, rel=0.2)


@pytest.mark.parametrize("share", [0.02, 0.1, 0.3, 0.5, 1.0])
@pytest.mark.parametrize(
    ("level", "polynomial"),
    [
        (0.95, (1.6449, 2.1859, 0.3142, -0.3427)),
        (0.975, (1.9600, 2.9694, 0.4160, -0.5324)),
        (0.99, (2.3263, 4.1618, 0.5368, -0.9060)),
    ],
)
def test_fixed_b_quantiles_are_those_of_kiefer_and_vogelsang(share, level, polynomial) -> None:
    """20,000 draws put the quantiles within 4 % of the published polynomials."""
    critical = sum(factor * share**power for power, factor in enumerate(polynomial))
    found = float(np.quantile(fixed_b_sizes(round(share * 400)), 2 * level - 1))
    assert found == pytest.approx(critical, rel=0.04)


def test_fixed_b_tails_of_both_sides_sum_to_one() -> None:
    assert fixed_b_tail(1.3, 0.2) + fixed_b_tail(-1.3, 0.2) == pytest.approx(1)
    assert fixed_b_tail(0.0, 0.2) == pytest.approx(0.5)


def test_harveys_test_without_overlap_is_students() -> None:
    values = np.random.default_rng(2).normal(0.1, 1.0, size=60)
    statistic, p_value = upper_tail(values, 1, 60, "harvey")
    oracle = ttest_1samp(values, 0.0, alternative="greater")
    assert (statistic, p_value) == pytest.approx((oracle.statistic, oracle.pvalue))


def test_harveys_correction_shrinks_the_statistic_as_published() -> None:
    values = alike(7, 100) + 1.0
    plain = values.mean() / math.sqrt(weighted_variance(values, 5, falling=False) / 100)
    statistic, p_value = upper_tail(values, 5, 20, "harvey")
    assert statistic == pytest.approx(plain * math.sqrt((100 + 1 - 10 + 5 * 4 / 100) / 100))
    assert p_value == pytest.approx(student.sf(statistic, 99))


def test_a_variance_below_zero_says_nothing() -> None:
    swinging = np.tile([1.0, -1.0], 20)
    assert upper_tail(swinging, 2, 20, "harvey") == (None, None)


@pytest.mark.parametrize("smoothing", ["periodogram", "fixed-b", "harvey"])
@pytest.mark.parametrize("values", [np.full(40, 0.1), np.zeros(40), np.ones(1), np.empty(0)])
def test_values_that_do_not_differ_say_nothing(smoothing, values) -> None:
    assert upper_tail(values, 3, 14, smoothing) == (None, None)


@pytest.mark.parametrize(("moments", "labels", "frequencies"), [(730, 105, 9), (730, 24, 3), (100, 3, 1)])
def test_frequencies_are_few_where_labels_are(moments: int, labels: int, frequencies: int) -> None:
    assert frequencies_for(moments, labels) == frequencies


@pytest.mark.parametrize(("moments", "overlap", "bandwidth"), [(730, 7, 27), (730, 30, 60), (40, 30, 40)])
def test_bandwidth_spans_two_labels(moments: int, overlap: int, bandwidth: int) -> None:
    assert bandwidth_for(moments, overlap) == bandwidth


def test_each_frequency_gives_two_degrees_of_freedom() -> None:
    statistic, p_value = upper_tail(alike(5) + 0.5, 5, 24, "periodogram")
    assert p_value == pytest.approx(student.sf(statistic, 6))
    assert statistic == pytest.approx(
        (alike(5) + 0.5).mean() * math.sqrt(120 / periodogram_variance(alike(5), 3))
    )
