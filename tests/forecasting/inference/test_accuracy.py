"""Tests of forecasts: what they answer, and how often they are wrong on overlapping labels."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy.stats import norm

from benchmarks.forecast_tests import TESTS, rejections, sample
from forecasting.inference import LabelSpans, clark_west, diebold_mariano, pesaran_timmermann

HONEST = [name for name in TESTS if name != "binomial"]


def apart(moments: int) -> LabelSpans:
    as_of = np.arange(moments, dtype=np.int64)
    return LabelSpans(as_of, as_of + 1)


@pytest.mark.parametrize("name", HONEST)
def test_a_forecast_that_knows_nothing_is_rejected_at_the_level(name: str) -> None:
    """400 histories of 730 days of 7-day labels: 4 standard errors at 5 % are 4.4 points."""
    assert 0.006 < rejections(TESTS[name], samples=400) < 0.094


@pytest.mark.parametrize("name", HONEST)
def test_a_correlation_of_035_is_found(name: str) -> None:
    """100 histories; 88 to 99 % was measured with 400, 4 standard errors are 13 points."""
    assert rejections(TESTS[name], samples=100, known=0.35) > 0.75


def test_counting_each_day_as_news_rejects_four_times_too_often() -> None:
    assert rejections(TESTS["binomial"], samples=400) > 0.12


def test_clark_west_is_the_squared_error_difference_freed_of_the_forecasts_noise() -> None:
    generator = np.random.default_rng(4)
    y, forecast, baseline = generator.normal(size=(3, 90))
    freed = np.square(y - baseline) - (np.square(y - forecast) - np.square(forecast - baseline))
    spans = apart(90)
    assert clark_west(spans, y, forecast, baseline).statistic == pytest.approx(
        diebold_mariano(spans, np.zeros(90), freed).statistic
    )


def test_pesaran_timmermann_agrees_with_the_published_statistic_on_independent_rows() -> None:
    generator = np.random.default_rng(6)
    y = generator.normal(0.1, 1.0, size=4_000)
    forecast = 0.1 * y + generator.normal(0.05, 1.0, size=4_000)
    up, named, right = (float(np.mean(each)) for each in (y > 0, forecast > 0, y * forecast > 0))
    chance = up * named + (1 - up) * (1 - named)
    chance_variance = ((2 * up - 1) ** 2 * named * (1 - named) + (2 * named - 1) ** 2 * up * (1 - up)) / 4_000
    published = (right - chance) / math.sqrt(chance * (1 - chance) / 4_000 - chance_variance)
    found = pesaran_timmermann(apart(4_000), y, forecast, "fixed-b")
    assert found.statistic == pytest.approx(published, rel=0.1)
    assert found.p_value == pytest.approx(norm.sf(published), abs=0.01)


def test_always_naming_the_commoner_direction_knows_nothing() -> None:
    y = np.random.default_rng(8).normal(1.0, 1.0, size=200)
    assert pesaran_timmermann(apart(200), y, np.ones(200)).p_value is None


def test_returns_of_zero_count_for_nobody() -> None:
    y, forecast = np.random.default_rng(9).normal(size=(2, 100))
    still = np.append(y, np.zeros(20))
    found = pesaran_timmermann(apart(120), still, np.append(forecast, np.ones(20)))
    assert found == pesaran_timmermann(apart(100), y, forecast)


def test_returns_that_never_move_say_nothing() -> None:
    found = pesaran_timmermann(apart(20), np.zeros(20), np.ones(20))
    assert (found.statistic, found.p_value, found.moments, found.labels) == (None, None, 0, 0)


def test_a_worse_forecast_has_a_p_value_near_one() -> None:
    loss = np.random.default_rng(3).random(100)
    found = diebold_mariano(apart(100), loss + 1 + 0.1 * loss[::-1], loss)
    assert found.p_value is not None
    assert found.p_value > 0.99


def test_symbols_that_repeat_each_other_prove_nothing_more() -> None:
    each = sample(1, known=0.2)
    alone = diebold_mariano(each.spans, np.square(each.y - each.forecast), np.square(each.y))
    spans = LabelSpans(np.repeat(each.spans.as_of_ms, 5), np.repeat(each.spans.label_end_ms, 5))
    y, forecast = np.repeat(each.y, 5), np.repeat(each.forecast, 5)
    assert diebold_mariano(spans, np.square(y - forecast), np.square(y)).p_value == pytest.approx(
        alone.p_value
    )


def test_fewer_than_ten_labels_that_do_not_overlap_give_no_p_value() -> None:
    as_of = np.arange(60, dtype=np.int64)
    y, forecast = np.random.default_rng(5).normal(size=(2, 60))
    found = clark_west(LabelSpans(as_of, as_of + 7), y, forecast, np.zeros(60))
    assert (found.labels, found.p_value) == (9, None)
    assert str(found) == "Clark-West: knowledge beyond the baseline, p not known (9 independent labels)"


def test_a_p_value_is_printed_with_its_labels() -> None:
    each = sample(3)
    found = pesaran_timmermann(each.spans, each.y, each.forecast)
    assert str(found).endswith(f"p = {found.p_value:.3f} (105 independent labels)")


@pytest.mark.parametrize("test", [clark_west, diebold_mariano, pesaran_timmermann])
def test_a_missing_number_refuses(test) -> None:
    whole, broken = np.ones(20), np.append(np.ones(19), np.nan)
    others = [whole] if test is clark_west else []
    with pytest.raises(ValueError, match="missing or infinite in 1 rows, first in row 19"):
        test(apart(20), whole, broken, *others)
