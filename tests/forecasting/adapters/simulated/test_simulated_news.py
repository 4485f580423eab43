import numpy as np
import pytest
from scipy import stats

from forecasting.adapters.simulated_news import AI_SHARE, EVENTS_A_DAY, SOURCES
from forecasting.adapters.simulator import SYMBOLS
from forecasting.types import DAY_MS, HOUR_MS
from tests.forecasting.adapters.simulated.recovering import log_returns

# News


def test_news_comes_about_six_times_a_day(market):
    days = (market.stop_ms - market.start_ms) / DAY_MS
    assert len(market.events) / days == pytest.approx(EVENTS_A_DAY, abs=4 * np.sqrt(EVENTS_A_DAY / days))


def test_news_lies_in_the_span_oldest_first(market):
    times = [event.timestamp_ms for event in market.events]
    assert times == sorted(times)
    assert market.start_ms <= times[0]
    assert times[-1] < market.stop_ms


def test_gaps_between_news_are_those_of_a_poisson_process(market):
    gaps = np.diff([event.timestamp_ms for event in market.events]) / DAY_MS
    assert stats.kstest(gaps, stats.expon(scale=1 / EVENTS_A_DAY).cdf).pvalue > 0.01


def test_news_has_five_sources_and_some_of_it_is_about_ai(market):
    assert {event.source for event in market.events} == set(SOURCES)
    assert len(SOURCES) == 5
    assert np.mean([event.ai_related for event in market.events]) == pytest.approx(AI_SHARE, abs=0.02)


def test_news_concerns_none_one_or_two_of_the_symbols(market):
    counts = np.bincount([len(event.symbols) for event in market.events]) / len(market.events)
    assert counts == pytest.approx([0.40, 0.45, 0.15], abs=0.02)
    assert {name for event in market.events for name in event.symbols} == set(SYMBOLS)


def test_no_two_news_are_the_same(market):
    assert len({event.url for event in market.events}) == len(market.events)


def test_news_leads_nowhere(unbroken):
    hours = (unbroken.stop_ms - unbroken.start_ms) // HOUR_MS
    hour = [(event.timestamp_ms - unbroken.start_ms) // HOUR_MS for event in unbroken.events]
    counts = np.bincount(hour, minlength=hours)
    for values in (
        log_returns(unbroken.candles["AAA/SIM"]),
        np.abs(log_returns(unbroken.candles["AAA/SIM"])),
    ):
        assert abs(np.corrcoef(counts[:-1], values[1:])[0, 1]) < 0.02
        assert abs(np.corrcoef(counts, values)[0, 1]) < 0.02
