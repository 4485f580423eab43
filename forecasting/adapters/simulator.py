"""A made-up market whose only signal is known, so that a demo on it can be judged.

Prices follow `forecasting.adapters.simulated_process`: volatility clusters, tails are fat, symbols move
together, and one weak signal is planted an hour ahead. Volume follows the size of the move and the time of
day. A few times a year the exchange is out: candles are absent for all symbols while the hidden price moves
on. News (`forecasting.adapters.simulated_news`) is noise.

References
----------
Karpoff (1987), The relation between price changes and trading volume: a survey, Journal of Financial and
    Quantitative Analysis 22, 109-126.
Glasserman (2003), Monte Carlo methods in financial engineering, section 6.4: extremes of a Brownian bridge.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np

from forecasting.adapters.simulated_news import simulate_news
from forecasting.adapters.simulated_process import (
    HOURS_A_YEAR,
    MarketProcess,
    Path,
    generators,
    walk,
)
from forecasting.candles import Candles
from forecasting.errors import InvalidSettings
from forecasting.events import EventRecord
from forecasting.types import HOUR_MS, BoolArray, FloatArray, IntArray, parse_utc, utc_iso

INTERVAL = "1h"
SIGNAL_HORIZON = "1h"
SYMBOLS = ("AAA/SIM", "BBB/SIM", "CCC/SIM", "DDD/SIM")
START_MS = parse_utc("2021-01-01")
FIVE_YEARS_HOURS = 1826 * 24

_FIRST_PRICE = 20_000.0
_PRICE_STEP = 20.0
_QUOTE_TURNOVER = 5e6
_USUAL_MOVE = 0.008
_BUSIEST_HOUR = 15


@dataclass(frozen=True, slots=True, eq=False)
class SimulatedMarket:
    """A simulated market and the truth about it.

    Attributes
    ----------
    seed
        The same seed gives the same bytes.
    signal_horizon
        The only horizon with something to find; None when nothing is planted.
    candles
        Hourly candles by symbol.
    events
        News of the whole span, oldest first.
    start_ms, stop_ms
        The span, [start, stop), epoch milliseconds UTC; the news is complete within it.
    expected_return
        By symbol, shape (n,): at the close of each candle, the true expectation of the next hour's log
        return. No forecast can know more.
    description
        What this is, in plain words.
    """

    seed: int
    signal_horizon: str | None
    candles: Mapping[str, Candles]
    events: tuple[EventRecord, ...]
    start_ms: int
    stop_ms: int
    expected_return: Mapping[str, FloatArray]
    description: str


def simulate_market(
    seed: int,
    *,
    start_ms: int = START_MS,
    hours: int = FIVE_YEARS_HOURS,
    symbols: Sequence[str] = SYMBOLS,
    process: MarketProcess | None = None,
) -> SimulatedMarket:
    """Draw a market; a longer span of the same seed, start and symbols begins with the shorter one.

    Parameters
    ----------
    seed
        Zero or more.
    start_ms
        Open of the first hour, epoch milliseconds UTC.
    hours
        Length of the span, at least 1.
    symbols
        Markets to make up.
    process
        The law; by default the demo's.

    Raises
    ------
    InvalidSettings
        The span is empty or does not start on an hour, there is no symbol, or the seed is negative.
    """
    if hours < 1 or start_ms % HOUR_MS or not symbols or seed < 0:
        raise InvalidSettings(
            f"seed {seed}, {len(symbols)} symbols, {hours} hours from {utc_iso(start_ms)} cannot be drawn: "
            "a seed of 0 or more, one symbol, one hour and a start on the hour are needed"
        )
    law = process or MarketProcess()
    price_seed, candle_seed, news_seed = np.random.SeedSequence(seed).spawn(3)
    paths = dict(zip(symbols, walk(price_seed, hours, len(symbols), law), strict=True))
    whole, absent = _trade(candle_seed, start_ms, paths, law)
    stop_ms = start_ms + hours * HOUR_MS
    return SimulatedMarket(
        seed=seed,
        signal_horizon=SIGNAL_HORIZON if law.continuation else None,
        candles=MappingProxyType({each.symbol: each.take(~absent) for each in whole}),
        events=simulate_news(news_seed, start_ms, hours, symbols),
        start_ms=start_ms,
        stop_ms=stop_ms,
        expected_return=MappingProxyType({name: path.expected_next[~absent] for name, path in paths.items()}),
        description=_describe(seed, start_ms, stop_ms, symbols, law),
    )


def _trade(
    seed: np.random.SeedSequence, start_ms: int, paths: Mapping[str, Path], law: MarketProcess
) -> tuple[list[Candles], BoolArray]:
    """Candles of every hour, and the hours (n,) in which the exchange is out."""
    extremes, moods, outages = generators(seed, 3)
    hours = len(next(iter(paths.values())).log_returns)
    times = start_ms + HOUR_MS * np.arange(hours, dtype=np.int64)
    chances = 1 - extremes.random((hours, len(paths), 2))
    turnovers = _rhythm(times)[:, None] * np.exp(0.3 * moods.standard_normal((hours, len(paths))))
    first_prices = _FIRST_PRICE / _PRICE_STEP ** np.arange(len(paths))
    candles = [
        _candles(symbol, times, path, float(first_prices[column]), chances[:, column], turnovers[:, column])
        for column, (symbol, path) in enumerate(paths.items())
    ]
    return candles, _outages(outages.random((hours, 2)), law)


def _outages(chances: FloatArray, law: MarketProcess) -> BoolArray:
    """Hours without candles; an outage that would touch the one before it is left out."""
    absent = np.zeros(len(chances), dtype=np.bool_)
    free_from = 0
    for hour in np.flatnonzero(chances[:, 0] < law.outages_a_year / HOURS_A_YEAR).tolist():
        if hour >= free_from:
            length = 1 + int(chances[hour, 1] * law.longest_outage_hours)
            absent[hour : hour + length] = True
            free_from = hour + length + 1
    return absent


def _candles(
    symbol: str, times: IntArray, path: Path, first_price: float, chances: FloatArray, turnover: FloatArray
) -> Candles:
    """Each candle opens at the last close and wanders to its own as a Brownian bridge."""
    returns = path.log_returns
    close = first_price * np.exp(np.cumsum(returns))
    opening = np.r_[first_price, close[:-1]]
    reach = np.sqrt(returns[:, None] ** 2 - 2 * path.volatility[:, None] ** 2 * np.log(chances))
    high = opening * np.exp((returns + reach[:, 0]) / 2)
    low = opening * np.exp((returns - reach[:, 1]) / 2)
    # Rounding may put an extreme a hair inside the body.
    high = np.maximum(high, np.maximum(opening, close))
    low = np.minimum(low, np.minimum(opening, close))
    volume = turnover * (0.5 + np.abs(returns) / _USUAL_MOVE) / close
    return Candles(symbol, INTERVAL, times, opening, high, low, close, volume)


def _rhythm(times: IntArray) -> FloatArray:
    """Quote currency traded in a calm hour, by the time of day."""
    daily = 1 + 0.4 * np.cos(2 * np.pi * (times // HOUR_MS % 24 - _BUSIEST_HOUR) / 24)
    return np.asarray(_QUOTE_TURNOVER * daily, dtype=np.float64)


def _describe(seed: int, start_ms: int, stop_ms: int, symbols: Sequence[str], law: MarketProcess) -> str:
    planted = (
        "One weak signal is planted: after an hour that moves more than "
        f"{law.threshold:g} times its expected volatility, the next hour continues by "
        f"{law.continuation:.0%} of that move on average. Only the {SIGNAL_HORIZON} horizon can use it; "
        "longer ones hold nothing to be found."
        if law.continuation
        else "No signal is planted: there is nothing to be found at any horizon."
    )
    return (
        f"A simulated market, seed {seed}: hourly candles of {', '.join(symbols)} "
        f"from {utc_iso(start_ms)[:10]} to {utc_iso(stop_ms)[:10]}, with volatility that clusters, fat "
        f"tails, outages, and news that means nothing. {planted} No real price is in it."
    )
