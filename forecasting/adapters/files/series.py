"""Rows of one market from one or several files, joined into candles: in order, once each, closed, checked."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np

from forecasting.candles import PRICE_COLUMNS, VALUE_COLUMNS, Candles, validate_candles
from forecasting.errors import AmbiguousInput, InvalidCandles, InvalidSettings, UnreadableFile
from forecasting.types import BoolArray, FloatArray, IntArray, utc_iso

OnConflict = Literal["error", "first", "last"]


def check_on_conflict(policy: str) -> OnConflict:
    """Return the policy when it is one of `OnConflict`.

    Raises
    ------
    InvalidSettings
        It is not.
    """
    for known in get_args(OnConflict):
        if policy == known:
            return known  # type: ignore[no-any-return]
    raise InvalidSettings(f"--on-conflict {policy!r} is unknown: error, first or last is needed")


@dataclass(frozen=True, slots=True, eq=False)
class Series:
    """Rows of one market and interval as one file gives them.

    Attributes
    ----------
    source
        Name of the file.
    symbol, interval
        As in `Candles`.
    open_time_ms
        Shape (n,): open of each candle, epoch milliseconds UTC, in the order of the file.
    values
        Shape (n, 5): open, high, low, close, volume; no value is missing.
    places
        Shape (n,): row of the file (from 0), or its line where `counts_lines`.
    counts_lines
        Whether `places` are lines of a text file.
    notes
        What was decided and left out so far.
    """

    source: str
    symbol: str
    interval: str
    open_time_ms: IntArray
    values: FloatArray
    places: IntArray
    counts_lines: bool
    notes: tuple[str, ...] = ()

    def place(self, row: int) -> str:
        """Where a row stands in its file, in words for a person."""
        return f"{self.source}, {'line' if self.counts_lines else 'row'} {int(self.places[row])}"


@dataclass(frozen=True, slots=True, eq=False)
class _Joined:
    """Rows of all files, oldest first; `file` and `row` say where each stood."""

    parts: Sequence[Series]
    open_time_ms: IntArray
    values: FloatArray
    file: IntArray
    row: IntArray

    def take(self, chosen: IntArray | BoolArray) -> _Joined:
        times, values = self.open_time_ms[chosen], self.values[chosen]
        return _Joined(self.parts, times, values, self.file[chosen], self.row[chosen])

    def place(self, row: int) -> str:
        return self.parts[int(self.file[row])].place(int(self.row[row]))


def join_series(
    parts: Sequence[Series], source: str, on_conflict: OnConflict, now_ms: int
) -> tuple[Candles, tuple[str, ...]]:
    """Make candles of the rows of one market and interval.

    Parameters
    ----------
    parts
        At least one file's rows, of the same symbol and interval, in the order of the files' names.
    source
        What the parts are called together.
    on_conflict
        Which of two rows of the same time and different values stays: the `first` or the `last` in the order
        of the files and their rows; `error` refuses both.
    now_ms
        Candles that are not closed at this moment, epoch milliseconds UTC, are left out.

    Returns
    -------
    tuple
        The candles and the notes of what was decided.

    Raises
    ------
    AmbiguousInput
        Two rows of the same time disagree and `on_conflict` is `error`.
    InvalidCandles
        A row breaks the contract of `Candles`; the file and the row are named.
    UnreadableFile
        No closed candle is left.
    """
    joined, sorted_notes = _sorted(_concatenated(parts))
    joined, repeat_notes = _without_repeats(joined, source, on_conflict)
    candles = _checked(joined)
    closed = candles.closed_by(now_ms)
    if not len(closed):
        raise UnreadableFile(f"{source}: no candle is closed by {utc_iso(now_ms)}: fetch a longer history")
    left_out = len(candles) - len(closed)
    open_notes = (f"{left_out:,} candle(s) not closed by {utc_iso(now_ms)} left out",) if left_out else ()
    return closed, (*sorted_notes, *repeat_notes, *open_notes)


def _concatenated(parts: Sequence[Series]) -> _Joined:
    sizes = [len(part.open_time_ms) for part in parts]
    return _Joined(
        parts,
        np.concatenate([part.open_time_ms for part in parts]),
        np.concatenate([part.values for part in parts]),
        np.repeat(np.arange(len(parts)), sizes),
        np.concatenate([np.arange(size) for size in sizes]),
    )


def _sorted(joined: _Joined) -> tuple[_Joined, tuple[str, ...]]:
    steps = np.diff(joined.open_time_ms)
    if (steps >= 0).all():
        return joined, ()
    how = "newest first" if (steps <= 0).all() else "not in the order of time"
    return joined.take(np.argsort(joined.open_time_ms, kind="stable")), (f"rows were {how} and were sorted",)


def _without_repeats(
    joined: _Joined, source: str, on_conflict: OnConflict
) -> tuple[_Joined, tuple[str, ...]]:
    repeated = joined.open_time_ms[1:] == joined.open_time_ms[:-1]
    if not repeated.any():
        return joined, ()
    # Rows of one moment stand together, so they all agree exactly when each agrees with the one before it.
    disagrees = repeated & (joined.values[1:] != joined.values[:-1]).any(axis=1)
    conflicts = len(np.unique(joined.open_time_ms[1:][disagrees]))
    if conflicts and on_conflict == "error":
        raise AmbiguousInput(_conflict_message(joined, disagrees, source, conflicts))
    torn = np.isin(joined.open_time_ms[1:], joined.open_time_ms[1:][disagrees])
    exact = int((repeated & ~torn).sum())
    notes = [f"{exact:,} exact duplicate(s) removed"] if exact else []
    if conflicts:
        spread = _price_spread(joined, disagrees)
        notes.append(
            f"{conflicts:,} candle(s) given more than once with different values (prices differ by up to "
            f"{spread:.2%}): the {on_conflict} of each was kept"
        )
    keep = np.r_[~repeated, True] if on_conflict == "last" else np.r_[True, ~repeated]
    return joined.take(keep), tuple(notes)


def _price_spread(joined: _Joined, disagrees: BoolArray) -> float:
    before = joined.values[:-1][disagrees, : len(PRICE_COLUMNS)]
    after = joined.values[1:][disagrees, : len(PRICE_COLUMNS)]
    return float(np.max(np.abs(after - before) / np.maximum(np.abs(before), np.finfo(np.float64).tiny)))


def _conflict_message(joined: _Joined, disagrees: BoolArray, source: str, conflicts: int) -> str:
    row = int(np.argmax(disagrees))
    before, after = joined.values[row], joined.values[row + 1]
    column = int(np.argmax(before != after))
    return (
        f"{source}: {conflicts:,} candle(s) are given more than once with different values, the first is "
        f"{utc_iso(int(joined.open_time_ms[row]))} ({joined.place(row)}, and {joined.place(row + 1)}: "
        f"{VALUE_COLUMNS[column]} {before[column]:.10g} and {after[column]:.10g}; prices differ by up to "
        f"{_price_spread(joined, disagrees):.2%}): say which stays with --on-conflict first or last"
    )


def _checked(joined: _Joined) -> Candles:
    symbol, interval = joined.parts[0].symbol, joined.parts[0].interval
    candles = Candles(symbol, interval, joined.open_time_ms, *np.ascontiguousarray(joined.values.T))
    if _complaint(candles):
        row = _first_invalid(candles)
        complaint = _complaint(candles.take(slice(0, row + 1)))
        raise InvalidCandles(f"{joined.place(row)}: {complaint}: correct or remove the row")
    return candles


def _first_invalid(candles: Candles) -> int:
    """First row that breaks the contract: the shortest head of the table that is refused ends with it."""
    valid, refused = 0, len(candles)
    while refused - valid > 1:
        middle = (valid + refused) // 2
        if _complaint(candles.take(slice(0, middle))):
            refused = middle
        else:
            valid = middle
    return refused - 1


def _complaint(candles: Candles) -> str:
    try:
        validate_candles(candles)
    except InvalidCandles as error:
        return str(error)
    return ""
