"""The measurement of coherence: its methods on a day whose figures are known."""

import math

import numpy as np
import pytest

from benchmarks import coherence as benchmark
from benchmarks.coherent_days import ForecastDay
from forecasting.candles import Candles
from forecasting.coherence.forecast import Estimate
from forecasting.coherence.steps import StepSpan
from forecasting.types import DAY_MS, HOUR_MS

START_MS = 100 * DAY_MS
NAIVE = Estimate(0.0, 0.01)


def day(coarse=0.02, number=0):
    """A day that rises by one percent an hour."""
    start_ms = START_MS + number * DAY_MS
    opens = start_ms + HOUR_MS * np.arange(-1, 24, dtype=np.int64)
    close = 100 * 1.01 ** np.arange(25.0)
    return ForecastDay(
        span=StepSpan(start_ms, HOUR_MS, 24),
        y=1.01**24 - 1,
        coarse=Estimate(coarse, 0.01 * math.sqrt(24)),
        naive=NAIVE,
        hourly=dict.fromkeys(benchmark.HOURS, NAIVE),
        closed=Candles("AAA/USDT", "1h", opens, close, close, close, close, np.ones(25)),
    )


@pytest.mark.parametrize(
    ("method", "expected"),
    [
        (benchmark.as_forecast, 0.02),
        (benchmark.filled_in, 1.01**6 * 1.02 ** (18 / 24) - 1),
        (benchmark.steps_alone, 1.01**6 - 1),
        # Half of the day's disagreement with the hours, and of that the 18 hours' share.
        (benchmark.reconciled, 1.01**6 * 1.02 ** (18 / 48) - 1),
        # The day's variance is 24 hours' and 18 of them may move.
        (benchmark.facts_first, math.exp((18 * math.log(1.02) + 24 * 6 * math.log(1.01)) / 42) - 1),
    ],
)
def test_six_hours_into_a_day_each_method_says_what_it_should(method, expected):
    assert method(day(), 6) == pytest.approx(expected, rel=1e-12)


def test_at_midnight_facts_first_is_the_same_as_reconciled():
    assert benchmark.facts_first(day(), 0) == pytest.approx(benchmark.reconciled(day(), 0), rel=1e-14)


def test_every_method_is_compared_on_the_same_days():
    days = [day(coarse=0.02 + 0.001 * (number % 3), number=number) for number in range(40)]
    told = {figure.name: figure.value for figure in benchmark.compared(days, 6)}
    expected = [abs(each.y - benchmark.reconciled(each, 6)) for each in days]
    assert told["6 hours after midnight, reconciled: RMSE"] == pytest.approx(
        100 * math.sqrt(np.mean(np.square(expected)))
    )
    change = told["6 hours after midnight, reconciled against facts first: squared error"]
    assert change < 0


def test_closes_of_two_intervals_are_compared_where_both_are():
    days = Candles("AAA/USDT", "1d", np.array([0, DAY_MS]), *(np.array([1.0, 2.0]) for _ in range(5)))
    hours = Candles("AAA/USDT", "1h", np.array([DAY_MS - HOUR_MS]), *(np.array([1.001]) for _ in range(5)))
    figures = benchmark.price_gaps({"AAA/USDT": hours}, {"AAA/USDT": days})
    assert [figure.value for figure in figures] == [1, 1, pytest.approx(10.0)]
