"""Compiled event features: counts in windows that end just before the moment of the forecast.

A window that the collection does not cover whole gives a missing value, whether it lies outside or touches a hole:
that nobody looked does not mean that nothing happened.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from forecasting.events import Events
from forecasting.features.compilation import compiled
from forecasting.types import HOUR_MS, BoolArray, FloatArray, IntArray


@dataclass(frozen=True, slots=True, eq=False)
class EventColumns:
    """Events as the kernel reads them, publishers numbered from zero.

    Attributes
    ----------
    timestamp_ms, source, ai_related
        Shape (n,), as in `Events`, with `source` in 0..sources-1.
    sources
        How many publishers there are.
    covered_from_ms, covered_until_ms
        Shape (s,): ends of the spans in which the collection is complete, oldest first.
    """

    timestamp_ms: IntArray
    source: IntArray
    ai_related: BoolArray
    sources: int
    covered_from_ms: IntArray
    covered_until_ms: IntArray

    @classmethod
    def of(cls, events: Events, start_ms: int, stop_ms: int) -> EventColumns:
        """Columns of the events in [start_ms, stop_ms)."""
        first, last = np.searchsorted(events.timestamp_ms, (start_ms, stop_ms))
        names, source = np.unique(events.source[first:last], return_inverse=True)
        return cls(
            np.array(events.timestamp_ms[first:last], dtype=np.int64),
            source.astype(np.int64),
            np.array(events.ai_related[first:last], dtype=np.bool_),
            len(names),
            np.array([events.covered_from_ms, *events.holes_ms[:, 1]], dtype=np.int64),
            np.array([*events.holes_ms[:, 0], events.covered_until_ms], dtype=np.int64),
        )


@compiled
def fill_event_features(
    as_of_ms: IntArray,
    timestamp_ms: IntArray,
    source: IntArray,
    ai_related: BoolArray,
    sources: int,
    covered_from_ms: IntArray,
    covered_until_ms: IntArray,
    windows_ms: IntArray,
    look_back_ms: int,
    column: int,
    out: FloatArray,
) -> None:
    """Write the event columns of consecutive rows, beginning at `column` of `out`.

    The counters that run on from row to row are whole numbers, so they are exact and carry nothing over.

    Parameters
    ----------
    as_of_ms
        Shape (rows,): moment of each row, strictly increasing, epoch milliseconds UTC.
    timestamp_ms, source, ai_related, sources, covered_from_ms, covered_until_ms
        See `EventColumns`.
    windows_ms
        Shape (w,): lengths of the windows, shortest first; sources and AI share are counted over the last.
    look_back_ms
        The last event is looked for in [as_of - look_back_ms, as_of).
    column, out
        Columns column..column+w+2 of `out`, shape (rows, k), are written.
    """
    begin = np.full(len(windows_ms), np.searchsorted(timestamp_ms, as_of_ms[0] - windows_ms[-1]))
    counts = np.zeros(sources, dtype=np.int64)
    end, distinct, ai, span = begin[-1], 0, 0, 0
    for row in range(len(as_of_ms)):
        now = as_of_ms[row]
        while end < len(timestamp_ms) and timestamp_ms[end] < now:
            distinct += counts[source[end]] == 0
            counts[source[end]] += 1
            ai += ai_related[end]
            end += 1
        while begin[-1] < end and timestamp_ms[begin[-1]] < now - windows_ms[-1]:
            counts[source[begin[-1]]] -= 1
            distinct -= counts[source[begin[-1]]] == 0
            ai -= ai_related[begin[-1]]
            begin[-1] += 1
        while span + 1 < len(covered_from_ms) and covered_until_ms[span] < now:
            span += 1
        known_from, known_until = covered_from_ms[span], covered_until_ms[span]
        target = out[row, column:]
        for number, length in enumerate(windows_ms):
            while begin[number] < end and timestamp_ms[begin[number]] < now - length:
                begin[number] += 1
            covered = known_from <= now - length and now <= known_until
            target[number] = end - begin[number] if covered else math.nan
        rest = target[len(windows_ms) :]
        total = target[len(windows_ms) - 1]
        rest[0] = math.nan if math.isnan(total) else distinct
        rest[1] = ai / total if total > 0 else math.nan
        oldest = max(now - look_back_ms, known_from)
        recent = end > 0 and timestamp_ms[end - 1] >= oldest and now <= known_until
        rest[2] = (now - timestamp_ms[end - 1]) / HOUR_MS if recent else math.nan
