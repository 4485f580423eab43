"""Made-up news: arrivals of a Poisson process that know nothing of prices.

A model that finds something in it has found noise; the demo shows that none does.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from forecasting.adapters.simulated_process import generators
from forecasting.events import EventRecord
from forecasting.types import HOUR_MS

SOURCES = ("sim-wire", "sim-journal", "sim-desk", "sim-forum", "sim-gazette")
CATEGORIES = ("listing", "market", "regulation", "technology")
EVENTS_A_DAY = 6.0
AI_SHARE = 0.15
_CONCERNS_ALL = 0.4
_CONCERNS_ONE = 0.85


def simulate_news(
    seed: np.random.SeedSequence, start_ms: int, hours: int, symbols: Sequence[str]
) -> tuple[EventRecord, ...]:
    """Draw the news of a span, oldest first; a longer span begins with the shorter one.

    Parameters
    ----------
    seed
        Two streams are spawned from it: how many each hour brings, and what each is.
    start_ms
        First hour of the span, epoch milliseconds UTC.
    hours
        Length of the span.
    symbols
        Of 100 events about 40 concern all of them (and name none), 45 concern one, 15 two.
    """
    arrivals, traits = generators(seed, 2)
    hour = np.repeat(np.arange(hours), arrivals.poisson(EVENTS_A_DAY / 24, hours))
    chances = traits.random((len(hour), 6))
    times = start_ms + HOUR_MS * hour + (chances[:, 0] * HOUR_MS).astype(np.int64)
    order = np.argsort(times, kind="stable")
    return tuple(
        _record(number, moment, row, symbols)
        for number, (moment, row) in enumerate(
            zip(times[order].tolist(), chances[order].tolist(), strict=True), 1
        )
    )


def _record(number: int, moment_ms: int, chances: Sequence[float], symbols: Sequence[str]) -> EventRecord:
    _, source, about, first, ai, kind = chances
    name, category = SOURCES[int(source * len(SOURCES))], CATEGORIES[int(kind * len(CATEGORIES))]
    concerned = _concerned(about, int(first * len(symbols)), symbols)
    title = f"Simulated {category} news {number} on {' and '.join(concerned) or 'all markets'}"
    url = f"https://{name}.invalid/{number}"
    return EventRecord(moment_ms, name, title, url, concerned, ai < AI_SHARE, category)


def _concerned(about: float, first: int, symbols: Sequence[str]) -> tuple[str, ...]:
    if about < _CONCERNS_ALL:
        return ()
    if about < _CONCERNS_ONE or len(symbols) == 1:
        return (symbols[first],)
    return tuple(sorted((symbols[first], symbols[(first + 1) % len(symbols)])))
