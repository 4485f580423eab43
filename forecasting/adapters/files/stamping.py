"""Whether times mark the open or the close of a candle, and the open times that follow."""

from __future__ import annotations

from typing import Literal, get_args

import numpy as np

from forecasting.errors import InvalidSettings
from forecasting.types import IntArray, interval_ms

Stamp = Literal["open", "close"]
# Some exchanges stamp a close with the last millisecond or second that belongs to the candle.
_LAST_MOMENTS_MS = (1, 1000)


def check_stamp(word: str) -> Stamp:
    """Return the word when it is one of `Stamp`.

    Raises
    ------
    InvalidSettings
        It is not.
    """
    for known in get_args(Stamp):
        if word == known:
            return known  # type: ignore[no-any-return]
    raise InvalidSettings(f"--stamped {word!r} is unknown: open or close is needed")


def to_open_times(
    moment_ms: IntArray, interval: str, said: Stamp | None, named_close: bool
) -> tuple[IntArray, tuple[str, ...]]:
    """Open time of each row, and a note where the times were found to be closes.

    Times on the grid are opens, as all known tools write them, unless the option or the column's name says close;
    times that all lie just before the grid can only be closes.

    Parameters
    ----------
    moment_ms
        Shape (n,): times as the file gives them, epoch milliseconds UTC.
    interval
        Candle interval.
    said
        What the user says; None leaves it to the file.
    named_close
        Whether the column's name says that it is the close.
    """
    step_ms = interval_ms(interval)
    early_ms = _before_grid_ms(moment_ms, step_ms)
    if said == "open" or not (said == "close" or named_close or early_ms):
        return moment_ms, ()
    who = "--stamped says" if said else "the column's name says" if named_close else "the times prove"
    return moment_ms + (early_ms - step_ms), (f"times mark the close of a candle, as {who}",)


def _before_grid_ms(moment_ms: IntArray, step_ms: int) -> int:
    """Milliseconds that every time lies before the grid, where that is the last moment of a candle; else 0."""
    before = np.unique(-moment_ms % step_ms)
    return int(before[0]) if len(before) == 1 and before[0] in _LAST_MOMENTS_MS else 0
