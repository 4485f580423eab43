"""Which candles to ask an exchange for: new ones, absent ones between those that are stored, older ones."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from forecasting.candles import Gap
from forecasting.types import DAY_MS, HOUR_MS, IntArray, interval_ms

OVERLAP_BARS = 3
NEAR_BARS = 100
_NEVER = (1 << 62, 1 << 62)

Reason = Literal["new", "gap", "history"]


@dataclass(frozen=True, slots=True)
class Absence:
    """Candles that a source was asked for and does not have.

    Attributes
    ----------
    start_ms
        Open time of the first of them, epoch milliseconds UTC.
    bars
        How many there are, one after the other.
    asked_ms
        When the source was asked last, epoch milliseconds UTC.
    """

    start_ms: int
    bars: int
    asked_ms: int

    def stop_ms(self, step_ms: int) -> int:
        """Close time of the last of them, epoch milliseconds UTC."""
        return self.start_ms + self.bars * step_ms

    def is_believed(self, now_ms: int, step_ms: int) -> bool:
        """Whether asking again is of no use: it was asked a day after, or within the last hour.

        Exchanges fill in what an outage of theirs left out, most within hours.
        """
        return self.asked_ms >= self.stop_ms(step_ms) + DAY_MS or self.asked_ms > now_ms - HOUR_MS


@dataclass(frozen=True, slots=True)
class Wanted:
    """A span of candles to ask for, and why.

    Attributes
    ----------
    reason
        `new` from the end of what is stored, `gap` inside it, `history` before it.
    start_ms, stop_ms
        Span [start, stop) of open times, epoch milliseconds UTC.
    absent
        Runs of candles in it that are not stored.
    """

    reason: Reason
    start_ms: int
    stop_ms: int
    absent: tuple[Gap, ...]

    @property
    def bars(self) -> int:
        """How many candles are not stored."""
        return _bars(self.absent)


@dataclass(frozen=True, slots=True)
class DownloadPlan:
    """The spans to ask for, and how many absent candles are left out because the source is known not to have them."""

    spans: tuple[Wanted, ...]
    left_out: int = 0

    def asked(self, reason: Reason) -> int:
        """How many absent candles are asked for."""
        return sum(span.bars for span in self.spans if span.reason == reason)


def plan_download(
    stored_ms: IntArray, interval: str, since_ms: int, now_ms: int, known: Iterable[Absence] = ()
) -> DownloadPlan:
    """Return what to ask for: new candles first, then gaps, then history, each oldest first.

    The newest `OVERLAP_BARS` stored candles are asked for again, so that a revision of them is seen. Gaps with at
    most `NEAR_BARS` stored candles between them are one span, for a page costs the same however full it is.

    Parameters
    ----------
    stored_ms
        Shape (n,): open times that are stored, epoch milliseconds UTC, strictly increasing, on the grid.
    interval
        Candle length, as in `1h`.
    since_ms
        Where history is wanted from, epoch milliseconds UTC.
    now_ms
        The present, epoch milliseconds UTC: candles that are not closed by then are not asked for.
    known
        Absences of this source; those that are believed are not asked for.
    """
    step = interval_ms(interval)
    first_ms, stop_ms = -(-since_ms // step) * step, now_ms // step * step
    if not len(stored_ms):
        return DownloadPlan(tuple(_spans("new", absent_runs(stored_ms, step, first_ms, stop_ms), step)))
    believed = [Gap(each.start_ms, each.bars) for each in known if each.is_believed(now_ms, step)]
    oldest, newest = int(stored_ms[0]), int(stored_ms[-1])
    gaps = absent_runs(stored_ms, step, oldest, newest)
    history = absent_runs(stored_ms, step, first_ms, oldest)
    asked = without_runs(gaps, believed, step), without_runs(history, believed, step)
    new = Wanted(
        "new",
        max(oldest, newest - (OVERLAP_BARS - 1) * step),
        max(stop_ms, newest + step),
        tuple(absent_runs(stored_ms, step, newest + step, stop_ms)),
    )
    spans = (new, *_spans("gap", asked[0], step), *_spans("history", asked[1], step))
    return DownloadPlan(spans, _bars([*gaps, *history]) - _bars([*asked[0], *asked[1]]))


def absent_runs(stored_ms: IntArray, step_ms: int, start_ms: int, stop_ms: int) -> list[Gap]:
    """Return the runs of candles in [start, stop) that are not among the stored ones, oldest first.

    Examples
    --------
    >>> absent_runs(np.array([20, 30, 60]), 10, 0, 80)
    [Gap(start_ms=0, bars=2), Gap(start_ms=40, bars=2), Gap(start_ms=70, bars=1)]
    """
    if stop_ms <= start_ms:
        return []
    first, last = np.searchsorted(stored_ms, (start_ms, stop_ms))
    edges = np.concatenate([[start_ms - step_ms], stored_ms[first:last], [stop_ms]])
    bars = np.diff(edges) // step_ms - 1
    return [Gap(int(edges[row]) + step_ms, int(bars[row])) for row in np.flatnonzero(bars > 0)]


def without_runs(runs: Sequence[Gap], others: Sequence[Gap], step_ms: int) -> list[Gap]:
    """Return what remains of the runs when the others are taken away, oldest first.

    Examples
    --------
    >>> without_runs([Gap(0, 9)], [Gap(20, 3), Gap(70, 9)], 10)
    [Gap(start_ms=0, bars=2), Gap(start_ms=50, bars=2)]
    """
    taken = iter(sorted((run.start_ms, run.start_ms + run.bars * step_ms) for run in others))
    start, stop = next(taken, _NEVER)
    rest: list[Gap] = []
    for run in sorted(runs, key=lambda each: each.start_ms):
        first, last = run.start_ms, run.start_ms + run.bars * step_ms
        while start < last:
            if start > first:
                rest.append(Gap(first, (start - first) // step_ms))
            first = max(first, stop)
            if stop > last:
                break
            start, stop = next(taken, _NEVER)
        if first < last:
            rest.append(Gap(first, (last - first) // step_ms))
    return rest


def _spans(reason: Reason, runs: Sequence[Gap], step_ms: int) -> list[Wanted]:
    """Spans that hold the runs, neighbours together."""
    groups: list[list[Gap]] = []
    for run in runs:
        last = groups[-1][-1] if groups else None
        if last and run.start_ms - (last.start_ms + last.bars * step_ms) <= NEAR_BARS * step_ms:
            groups[-1].append(run)
        else:
            groups.append([run])
    return [
        Wanted(reason, group[0].start_ms, group[-1].start_ms + group[-1].bars * step_ms, tuple(group))
        for group in groups
    ]


def _bars(runs: Iterable[Gap]) -> int:
    return sum(run.bars for run in runs)
