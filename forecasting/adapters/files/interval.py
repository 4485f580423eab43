"""The interval of candles: from the option, the file's name, or the spacing of the rows if it proves one."""

from __future__ import annotations

import numpy as np

from forecasting.adapters.files.names import known_interval
from forecasting.errors import AmbiguousInput, UnknownInterval
from forecasting.types import INTERVALS_MS, IntArray, interval_ms

FEWEST_SPACINGS = 3
# A stray row off the grid lies oddly from both its neighbours; it is a fault of its own, found later.
MOST_ODD_SHARE = 0.05


def check_interval(source: str, text: str) -> str:
    """Foretick's name of an interval.

    Raises
    ------
    UnknownInterval
        It has none; `source` is who said it.
    """
    interval = known_interval(text)
    if interval is None:
        raise UnknownInterval(
            f"{source}: interval {text!r} is unknown: one of {', '.join(INTERVALS_MS)} is needed"
        )
    return interval


def settle_interval(source: str, moment_ms: IntArray, *, option: str | None, named: str | None) -> str:
    """Interval of the rows of one market.

    Parameters
    ----------
    source
        Name of the file, for messages.
    moment_ms
        Shape (n,): times of the rows, epoch milliseconds UTC, in any order.
    option
        What the user says, as Foretick names it; believed over the name.
    named
        What the file's name says.

    Raises
    ------
    UnknownInterval
        The name or the spacing is an interval that Foretick does not have.
    AmbiguousInput
        The rows contradict what was said, or prove no interval by themselves.
    """
    spacings: IntArray = np.diff(np.unique(moment_ms)).astype(np.int64)
    if option is not None:
        return _agreeing(source, spacings, option, "--interval")
    if named is not None:
        return _usual(source, spacings, check_interval(source, named))
    return _proven(source, spacings)


def _agreeing(source: str, spacings: IntArray, interval: str, who: str) -> str:
    wrong = spacings[spacings % interval_ms(interval) > 0]
    if len(wrong) > MOST_ODD_SHARE * len(spacings):
        raise AmbiguousInput(
            f"{source}: {who} says {interval}, but rows lie {_span(int(wrong[0]))} apart: "
            f"name the interval with --interval"
        )
    return interval


def _usual(source: str, spacings: IntArray, interval: str) -> str:
    if len(spacings) >= FEWEST_SPACINGS and _mode(spacings) != interval_ms(interval):
        raise AmbiguousInput(
            f"{source}: the name says {interval}, but most rows lie {_span(_mode(spacings))} apart: "
            f"name the interval with --interval"
        )
    return _agreeing(source, spacings, interval, "the name")


def _proven(source: str, spacings: IntArray) -> str:
    if len(spacings) < FEWEST_SPACINGS:
        raise AmbiguousInput(
            f"{source}: {len(spacings) + 1} row(s) and a name without an interval prove none: give --interval"
        )
    smallest = int(spacings.min())
    if smallest != _mode(spacings) or (spacings % smallest).any():
        raise AmbiguousInput(
            f"{source}: rows lie {_span(smallest)} and more often {_span(_mode(spacings))} apart, "
            f"which proves no interval: give --interval"
        )
    found = [name for name, length in INTERVALS_MS.items() if length == smallest]
    if not found:
        raise UnknownInterval(
            f"{source}: rows lie {_span(smallest)} apart: one of {', '.join(INTERVALS_MS)} is needed"
        )
    return found[0]


def _mode(spacings: IntArray) -> int:
    lengths, counts = np.unique(spacings, return_counts=True)
    return int(lengths[np.argmax(counts)])


def _span(length_ms: int) -> str:
    for unit, unit_ms in (("d", 86_400_000), ("h", 3_600_000), ("min", 60_000), ("s", 1000)):
        if length_ms % unit_ms == 0:
            return f"{length_ms // unit_ms} {unit}"
    return f"{length_ms} ms"
