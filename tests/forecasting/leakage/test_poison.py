"""Poison spoils all that comes later and nothing that came before."""

import numpy as np
import pytest

from forecasting.candles import VALUE_COLUMNS, resample, validate_candles
from forecasting.events import Events
from forecasting.leakage.market import Market
from forecasting.leakage.poison import MISSING, POISONS, poisoned
from forecasting.types import DAY_MS, HOUR_MS
from tests.faults.leaks.markets import FIRST_MS, gappy_market

MOMENT_MS = FIRST_MS + 20 * DAY_MS + 5 * HOUR_MS
HOURS = gappy_market(4).candles
TIMES = np.arange(FIRST_MS, FIRST_MS + 40 * DAY_MS, HOUR_MS)
EVENTS = Events(TIMES, TIMES % 3, TIMES % 2 == 0, int(TIMES[0]), int(TIMES[-1]))
MARKET = Market(
    HOURS, {"AAA/USDT": EVENTS}, {"1d": {symbol: resample(each, "1d") for symbol, each in HOURS.items()}}
)


def spoil(name):
    return poisoned(MARKET, MOMENT_MS, POISONS[name], np.random.default_rng(1))


def pairs(name):
    other = spoil(name)
    yield from zip(MARKET.candles.values(), other.candles.values(), strict=True)
    yield from zip(MARKET.higher["1d"].values(), other.higher["1d"].values(), strict=True)


@pytest.mark.parametrize("name", POISONS)
def test_what_was_known_stays_bit_for_bit(name):
    for clean, dirty in pairs(name):
        assert clean.closed_by(MOMENT_MS).fingerprint() == dirty.closed_by(MOMENT_MS).fingerprint()


@pytest.mark.parametrize("name", POISONS)
def test_every_later_value_is_another_and_every_time_the_same(name):
    for clean, dirty in pairs(name):
        first = len(clean.closed_by(MOMENT_MS))
        np.testing.assert_array_equal(clean.open_time_ms, dirty.open_time_ms)
        for column in VALUE_COLUMNS:
            assert not (getattr(clean, column)[first:] == getattr(dirty, column)[first:]).any()


@pytest.mark.parametrize("name", [name for name in POISONS if name != MISSING])
def test_poison_without_missing_values_keeps_the_contract_of_candles(name):
    for _, dirty in pairs(name):
        validate_candles(dirty)


def test_later_events_come_in_the_very_moment_from_others_and_on_other_topics():
    events = spoil("times 1000").events["AAA/USDT"]
    late = EVENTS.timestamp_ms >= MOMENT_MS
    assert set(events.timestamp_ms[late].tolist()) == {MOMENT_MS}
    assert not np.isin(events.source[late], EVENTS.source).any()
    assert (events.ai_related[late] != EVENTS.ai_related[late]).all()
    np.testing.assert_array_equal(events.timestamp_ms[~late], EVENTS.timestamp_ms[~late])
    np.testing.assert_array_equal(events.source[~late], EVENTS.source[~late])
