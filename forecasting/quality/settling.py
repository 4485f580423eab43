"""Rows of a source brought into order: sorted, each moment once, rows without values set aside and counted."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np

from forecasting.candles import PRICE_COLUMNS, VALUE_COLUMNS
from forecasting.errors import AmbiguousInput, InvalidSettings
from forecasting.quality.raw import FaultyRow, RawCandles
from forecasting.types import BoolArray, utc_iso

OnConflict = Literal["error", "first", "last", "neither"]
MISSING_VALUE = "value_missing"
CONFLICT = "conflicting_duplicate"


@dataclass(frozen=True, slots=True, eq=False)
class Settled:
    """Rows in the order of time, each moment once and no value missing; the rest, and what was decided."""

    rows: RawCandles
    faults: tuple[FaultyRow, ...]
    notes: tuple[str, ...]


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
    raise InvalidSettings(f"--on-conflict {policy!r} is unknown: error, first, last or neither is needed")


def settle(raw: RawCandles, on_conflict: OnConflict = "error") -> Settled:
    """Sort the rows, keep each moment once, and set aside what has no values.

    Parameters
    ----------
    raw
        Rows of one market and interval.
    on_conflict
        Which of two rows of the same time and different values stays: the `first` or the `last` in the order
        of the source, or `neither`; those that do not stay are faults. `error` refuses the whole source.

    Raises
    ------
    AmbiguousInput
        Two rows of the same time disagree and `on_conflict` is `error`.
    """
    complete, missing = _complete_rows(raw)
    ordered, sorted_notes = _sorted(complete)
    single, conflicts, repeat_notes = _without_repeats(ordered, on_conflict)
    notes = (*sorted_notes, *repeat_notes)
    return Settled(single, (*missing, *conflicts), notes)


def _complete_rows(raw: RawCandles) -> tuple[RawCandles, list[FaultyRow]]:
    incomplete = raw.incomplete
    if not incomplete.any():
        return raw, []
    faults = [_missing(raw, int(row)) for row in np.flatnonzero(incomplete)]
    return raw.take(~incomplete), faults


def _missing(raw: RawCandles, row: int) -> FaultyRow:
    absent = [name for name, value in zip(VALUE_COLUMNS, raw.values[row], strict=True) if np.isnan(value)]
    what = "no price and no volume" if len(absent) == len(VALUE_COLUMNS) else f"{', '.join(absent)} missing"
    return raw.fault(row, MISSING_VALUE, what)


def _sorted(raw: RawCandles) -> tuple[RawCandles, tuple[str, ...]]:
    steps = np.diff(raw.open_time_ms)
    if (steps >= 0).all():
        return raw, ()
    how = "newest first" if (steps <= 0).all() else "not in the order of time"
    return raw.take(np.argsort(raw.open_time_ms, kind="stable")), (f"rows were {how} and were sorted",)


def _without_repeats(
    raw: RawCandles, on_conflict: OnConflict
) -> tuple[RawCandles, list[FaultyRow], tuple[str, ...]]:
    repeated = raw.open_time_ms[1:] == raw.open_time_ms[:-1]
    if not repeated.any():
        return raw, [], ()
    # Rows of one moment stand together, so they all agree exactly when each agrees with the one before it.
    disagrees = repeated & (raw.values[1:] != raw.values[:-1]).any(axis=1)
    torn_times = np.unique(raw.open_time_ms[1:][disagrees])
    if len(torn_times) and on_conflict == "error":
        raise AmbiguousInput(_conflict_message(raw, disagrees, len(torn_times)))
    torn = np.isin(raw.open_time_ms, torn_times)
    kept = np.r_[~repeated, True] if on_conflict == "last" else np.r_[True, ~repeated]
    if on_conflict == "neither":
        kept &= ~torn
    exact = int((repeated & ~torn[1:]).sum())
    notes = [f"{exact:,} exact duplicate(s) removed"] if exact else []
    if len(torn_times):
        notes.append(_conflict_note(raw, disagrees, len(torn_times), on_conflict))
    return raw.take(kept), list(_losers(raw, torn & ~kept, on_conflict)), tuple(notes)


def _losers(raw: RawCandles, lost: BoolArray, on_conflict: OnConflict) -> Iterator[FaultyRow]:
    for row in np.flatnonzero(lost):
        moment = utc_iso(int(raw.open_time_ms[row]))
        yield raw.fault(
            int(row), CONFLICT, f"{moment} is given with different values, and {on_conflict} was to stay"
        )


def _conflict_note(raw: RawCandles, disagrees: BoolArray, conflicts: int, on_conflict: OnConflict) -> str:
    return (
        f"{conflicts:,} candle(s) given more than once with different values (prices differ by up to "
        f"{_price_spread(raw, disagrees):.2%}): the {on_conflict} of each was kept"
        if on_conflict != "neither"
        else f"{conflicts:,} candle(s) given more than once with different values: none of them was kept"
    )


def _price_spread(raw: RawCandles, disagrees: BoolArray) -> float:
    before = raw.values[:-1][disagrees, : len(PRICE_COLUMNS)]
    after = raw.values[1:][disagrees, : len(PRICE_COLUMNS)]
    return float(np.max(np.abs(after - before) / np.maximum(np.abs(before), np.finfo(np.float64).tiny)))


def _conflict_message(raw: RawCandles, disagrees: BoolArray, conflicts: int) -> str:
    row = int(np.argmax(disagrees))
    before, after = raw.values[row], raw.values[row + 1]
    column = int(np.argmax(before != after))
    return (
        f"{raw.title}: {conflicts:,} candle(s) are given more than once with different values, the first is "
        f"{utc_iso(int(raw.open_time_ms[row]))} ({raw.place(row)}, and {raw.place(row + 1)}: "
        f"{VALUE_COLUMNS[column]} {before[column]:.10g} and {after[column]:.10g}; prices differ by up to "
        f"{_price_spread(raw, disagrees):.2%}): say which stays with --on-conflict first, last or neither"
    )
