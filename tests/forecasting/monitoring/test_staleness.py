"""One rule says what is stale: answers are marked by it, and models are barred by it."""

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from forecasting.monitoring.breakers import stale
from forecasting.monitoring.staleness import STALE_CANDLES, is_stale
from forecasting.monitoring.trip import Answered
from forecasting.types import INTERVALS_MS

SOUND = Answered("AAA/USDT", 0, 0, 1, 0.001, 0.5, 0.5)


@given(st.sampled_from(sorted(INTERVALS_MS.values())), st.integers(0, 2**41), st.integers(-3, 3))
def test_candles_are_stale_to_the_millisecond_and_the_breaker_opens_with_it(interval_ms, as_of_ms, beyond):
    asked_ms = as_of_ms + STALE_CANDLES * interval_ms + beyond
    answered = replace(SOUND, as_of_ms=as_of_ms, asked_ms=asked_ms, interval_ms=interval_ms)
    assert is_stale(asked_ms, as_of_ms, interval_ms) is (beyond > 0)
    assert (stale(answered) is not None) is (beyond > 0)
