import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from forecasting.coherence.forecast import Estimate, StepSource, coherent_forecast, compounded
from forecasting.coherence.steps import PassedSteps, StepSpan
from forecasting.types import HOUR_MS

EPS = float(np.finfo(np.float64).eps)
DAY = StepSpan(0, HOUR_MS, 24)
COARSE, NAIVE, UPCOMING = Estimate(0.01, 0.04), Estimate(0.0001, 0.008), Estimate(-0.002, 0.0079)

estimates = st.builds(Estimate, st.floats(-0.9, 3.0), st.floats(0.0, 1.0))
# Sixty of these stay within what 1 + r can hold: a step that must undo a growth of 1e16 is -100 %, rounded.
small_estimates = st.builds(Estimate, st.floats(-0.3, 0.4), st.floats(0.0, 1.0))


def passed(log_returns, spread=None):
    known = np.array(log_returns, dtype=np.float64)
    return PassedSteps(known, np.zeros(len(known), dtype=np.bool_) if spread is None else np.array(spread))


@st.composite
def questions(draw):
    """A span, its forecasts, and some steps of it that have passed."""
    span = StepSpan(0, HOUR_MS, draw(st.integers(1, 60)))
    known = draw(st.lists(st.floats(-0.5, 0.5), max_size=span.steps))
    upcoming = draw(st.none() | small_estimates)
    return span, draw(estimates), draw(small_estimates), passed(known), upcoming


@given(questions())
def test_the_steps_compounded_are_the_total_to_the_last_few_bits(question):
    found = coherent_forecast(*question)
    growths = 1 + found.steps
    whole = np.prod(growths)
    # Each 1 + r, each product and the total are rounded once; how much that is worth depends on the other steps.
    rounding = EPS * (1 + whole * np.sum(2 + 1 / growths))
    assert abs(whole - (1 + found.total)) <= 2 * rounding


def test_the_base_steps_do_not_compound_to_the_base_total():
    found = coherent_forecast(DAY, COARSE, NAIVE, passed([]), UPCOMING)
    assert abs(compounded(found.base_steps) - found.base_total) > 0.005


@given(questions())
def test_what_has_passed_is_what_happened_and_the_forecasts_of_it_are_kept(question):
    found, known = coherent_forecast(*question), question[3].log_returns
    assert found.steps[: len(known)].tolist() == np.expm1(known).tolist()
    assert found.base_steps[: len(known)] == pytest.approx(np.full(len(known), question[2].pred_return))


@given(questions(), st.floats(-0.5, 0.5))
def test_what_happened_does_not_move_the_steps_to_come(question, surprise):
    span, coarse, naive, known, upcoming = question
    other = passed(known.log_returns + surprise)
    first = coherent_forecast(span, coarse, naive, known, upcoming)
    second = coherent_forecast(span, coarse, naive, other, upcoming)
    assert first.steps[len(known) :].tolist() == second.steps[len(known) :].tolist()


def test_when_all_steps_have_passed_the_total_is_what_happened():
    known = np.linspace(-0.02, 0.03, 24)
    found = coherent_forecast(DAY, COARSE, NAIVE, passed(known), UPCOMING)
    assert found.total == pytest.approx(np.expm1(known.sum()), rel=1e-14)
    assert found.passed == 24


def test_forecasts_that_agree_already_are_left_as_they_are():
    coarse = Estimate(1.0001**24 - 1, 0.04)
    found = coherent_forecast(DAY, coarse, NAIVE, passed([]))
    assert found.steps == pytest.approx(found.base_steps, rel=1e-12)
    assert found.total == pytest.approx(found.base_total, rel=1e-12)


@given(questions(), st.floats(1e-3, 1e3))
def test_the_unit_of_the_errors_does_not_matter(question, unit):
    span, *forecasts, known, upcoming = question

    def scaled(estimate):
        return None if estimate is None else Estimate(estimate.pred_return, max(estimate.rmse, 0.01) * unit)

    def plain(estimate):
        return None if estimate is None else Estimate(estimate.pred_return, max(estimate.rmse, 0.01))

    one = coherent_forecast(span, *map(plain, forecasts), known, plain(upcoming))
    other = coherent_forecast(span, *map(scaled, forecasts), known, scaled(upcoming))
    assert other.steps == pytest.approx(one.steps, rel=1e-9, abs=1e-12)


def test_a_total_that_is_trusted_blindly_stays_and_the_steps_give_way():
    found = coherent_forecast(DAY, Estimate(0.01, 0.0), NAIVE, passed([]))
    assert found.total == pytest.approx(0.01, abs=1e-6)
    assert found.steps == pytest.approx(np.full(24, 1.01 ** (1 / 24) - 1), abs=1e-7)


def test_a_worthless_total_gives_way_to_the_steps():
    found = coherent_forecast(DAY, Estimate(0.01, 1e3), NAIVE, passed([]))
    assert found.steps == pytest.approx(found.base_steps, abs=1e-9)


def test_prices_that_stood_still_are_no_certainty():
    still = Estimate(0.0, 0.0)
    found = coherent_forecast(DAY, still, still, passed([0.05]))
    assert (found.total, found.steps[1:].tolist()) == (pytest.approx(np.expm1(0.05)), [0.0] * 23)


def test_each_step_says_where_it_comes_from():
    found = coherent_forecast(
        StepSpan(0, HOUR_MS, 5), COARSE, NAIVE, passed([0.1, 0.1], [False, True]), UPCOMING
    )
    assert found.sources == (
        StepSource.REALISED, StepSource.SPREAD, StepSource.FORECAST, StepSource.NAIVE, StepSource.NAIVE,
    )  # fmt: skip
    assert found.base_steps[2] == pytest.approx(UPCOMING.pred_return)
    assert found.passed == 2


def test_without_a_forecast_of_the_next_step_naive_stands_there():
    found = coherent_forecast(DAY, COARSE, NAIVE, passed([0.1]))
    assert set(found.sources[1:]) == {StepSource.NAIVE}


def test_the_mean_of_past_returns_is_an_estimate():
    found = Estimate.of_mean(np.array([0.01, 0.03]))
    assert (found.pred_return, found.rmse) == (pytest.approx(0.02), pytest.approx(0.01))


@pytest.mark.parametrize(("pred_return", "rmse"), [(-1.0, 0.1), (np.nan, 0.1), (np.inf, 0.1), (0.1, -1.0)])
def test_a_return_that_no_price_can_have_is_refused(pred_return, rmse):
    with pytest.raises(ValueError, match="above -1"):
        Estimate(pred_return, rmse)
