"""The order of columns that no header names, taken from the data where they prove it and never guessed.

Of the four prices of a candle one is the highest and one the lowest in every row. Which of the other two
opens is told by continuity: a candle opens near the close of the one before it. Volume is the column that
remains; where several remain it is the one that, multiplied by the prices, brackets the quote volume.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from itertools import combinations
from typing import TypeVar

import numpy as np

from forecasting.adapters.files.columns import Meaning
from forecasting.adapters.files.names import market_readings, split_market
from forecasting.adapters.files.numbers import decoded, is_text, plain_text, read_numbers
from forecasting.adapters.files.raw_table import RawTable
from forecasting.adapters.files.times import Times, read_times
from forecasting.errors import AmbiguousInput, InputError
from forecasting.types import INTERVALS_MS, MINUTE_MS, BoolArray, FloatArray, IntArray

_Read = TypeVar("_Read")

# Steps won against steps lost must differ by this many standard deviations of a fair coin.
NEEDED_SIGMAS = 4.0
_LARGEST_USUAL_RANGE = 2.0
_ROUNDING = 1e-3
_OPTION = "name the columns from the left, as in --columns time,open,high,low,close,volume"


@dataclass(frozen=True, slots=True, eq=False)
class _Prices:
    block: tuple[int, ...]
    high: int
    low: int


def meaning_by_data(table: RawTable) -> Meaning:
    """Find what each column means from the values alone.

    Raises
    ------
    AmbiguousInput
        The values allow no meaning, or more than one; `--columns` has to say it.
    """
    times = _time_columns(table)
    numbers = _number_columns(table, set(times))
    symbol = _symbol_column(table, set(times) | set(numbers))
    if _is_public_layout(times, numbers):
        return Meaning((0,), (1, 2, 3, 4), 5)
    time, rows = _open_time(table, times)
    found = _price_columns(table, numbers)
    middle = [place for place in found.block if place not in (found.high, found.low)]
    opens, closes = _open_and_close(table, middle, rows, numbers)
    rest = [place for place in numbers if place not in found.block]
    volume = _volume(table, rest, numbers, found)
    return Meaning((time,), (opens, found.high, found.low, closes), volume, symbol)


def opens_near_last_close(moment_ms: IntArray, opens: FloatArray, closes: FloatArray) -> float:
    """How many standard deviations of a fair coin say that candles open near the close before them.

    Counted over the steps in time: one is won when open lies nearer to the close before it than close lies to
    the open before it. Negative when the two look exchanged.

    Examples
    --------
    >>> walk = np.arange(1.0, 19.0)
    >>> opens_near_last_close(np.arange(17), walk[:-1], walk[1:])
    4.0
    """
    _, first = np.unique(moment_ms, return_index=True)
    opened, closed = opens[first], closes[first]
    as_named = np.abs(opened[1:] - closed[:-1])
    exchanged = np.abs(closed[1:] - opened[:-1])
    won, lost = int((as_named < exchanged).sum()), int((as_named > exchanged).sum())
    return float((won - lost) / np.sqrt(won + lost)) if won + lost else 0.0


def _time_columns(table: RawTable) -> Mapping[int, Times]:
    found = {place: _attempt(read_times, table, place) for place in range(len(table.columns))}
    return {place: times for place, times in found.items() if times is not None and _on_minutes(times)}


def _number_columns(table: RawTable, taken: set[int]) -> Mapping[int, FloatArray]:
    places = [place for place in range(len(table.columns)) if place not in taken]
    found = {place: _attempt(read_numbers, table, place) for place in places}
    return {place: values for place, values in found.items() if values is not None}


def _attempt(read: Callable[[RawTable, int], _Read], table: RawTable, place: int) -> _Read | None:
    """Try a reading of a column; that it fails says what the column is not."""
    try:
        return read(table, place)
    except InputError:
        return None


def _on_minutes(times: Times) -> bool:
    moments = times.moment_ms[times.known]
    # A close time may be the last millisecond of the candle.
    whole = ((moments % MINUTE_MS == 0) | (moments % MINUTE_MS == MINUTE_MS - 1)).all()
    return bool(len(moments) and whole and 2 * len(np.unique(moments)) >= len(moments))


def _symbol_column(table: RawTable, taken: set[int]) -> int | None:
    texts = [
        place for place in range(len(table.columns)) if place not in taken and _names_markets(table, place)
    ]
    return texts[0] if len(texts) == 1 else None


def _names_markets(table: RawTable, place: int) -> bool:
    column = decoded(table.columns[place])
    if not is_text(column):
        return False
    words = plain_text(column).drop_null().unique().to_pylist()
    return bool(words) and all(market_readings(split_market(word)) for word in words)


def _is_public_layout(times: Mapping[int, Times], numbers: Mapping[int, FloatArray]) -> bool:
    """Whether these are the twelve columns of Binance's public files, which fix the order by themselves."""
    if set(times) != {0, 6} or set(numbers) != set(range(12)) - {0, 6}:
        return False
    lengths = times[6].moment_ms - times[0].moment_ms + 1
    known_length = len(np.unique(lengths)) == 1 and int(lengths[0]) in INTERVALS_MS.values()
    return known_length and bool(_brackets(numbers[5], numbers[7], numbers[3], numbers[2]))


def _open_time(table: RawTable, times: Mapping[int, Times]) -> tuple[int, Times]:
    if not times:
        raise AmbiguousInput(f"{table.source}: no column holds times on whole minutes: {_OPTION}")
    # A date without a zone may be local time: it proves no moment beside an epoch.
    proven = {place: each for place, each in times.items() if each.zoned} or times
    earliest = np.min([each.moment_ms for each in proven.values()], axis=0)
    first = [place for place, each in proven.items() if np.array_equal(each.moment_ms, earliest)]
    if not first:
        names = " and ".join(table.title(place) for place in proven)
        raise AmbiguousInput(f"{table.source}: {names} hold times and neither is always first: {_OPTION}")
    return first[0], times[first[0]]


def _price_columns(table: RawTable, numbers: Mapping[int, FloatArray]) -> _Prices:
    places = list(numbers)
    if len(places) < 5:
        raise AmbiguousInput(
            f"{table.source}: {len(places)} columns of numbers beside the time: "
            f"four prices and a volume are needed"
        )
    runs = [tuple(places[start : start + 4]) for start in range(len(places) - 3)]
    blocks = list(combinations(places, 4)) if len(places) == 5 else runs
    found = [prices for block in blocks if (prices := _extremes(block, numbers)) is not None]
    if len(found) != 1:
        reason = "in several sets of four columns" if found else "in no four columns"
        raise AmbiguousInput(
            f"{table.source}: no header, and {reason} one is the highest and one the lowest of every row: "
            f"{_OPTION}"
        )
    return found[0]


def _extremes(block: tuple[int, ...], numbers: Mapping[int, FloatArray]) -> _Prices | None:
    prices = np.column_stack([numbers[place] for place in block])
    prices = prices[np.isfinite(prices).all(axis=1)]
    if not len(prices) or (prices <= 0).any():
        return None
    top, bottom = prices.max(axis=1), prices.min(axis=1)
    highs = [place for place, column in zip(block, prices.T, strict=True) if (column == top).all()]
    lows = [place for place, column in zip(block, prices.T, strict=True) if (column == bottom).all()]
    if len(highs) != 1 or len(lows) != 1 or np.median(top / bottom) >= _LARGEST_USUAL_RANGE:
        return None
    return _Prices(block, highs[0], lows[0])


def _open_and_close(
    table: RawTable, middle: list[int], times: Times, numbers: Mapping[int, FloatArray]
) -> tuple[int, int]:
    first, second = middle
    rows = times.known & np.isfinite(numbers[first]) & np.isfinite(numbers[second])
    sigmas = opens_near_last_close(times.moment_ms[rows], numbers[first][rows], numbers[second][rows])
    if abs(sigmas) < NEEDED_SIGMAS:
        raise AmbiguousInput(
            f"{table.source}: {int(rows.sum())} candles without a header do not prove which of "
            f"{table.title(first)} and {table.title(second)} is open and which close: {_OPTION}"
        )
    return (first, second) if sigmas > 0 else (second, first)


def _volume(table: RawTable, rest: list[int], numbers: Mapping[int, FloatArray], prices: _Prices) -> int:
    if len(rest) == 1:
        return rest[0]
    low, high = numbers[prices.low], numbers[prices.high]
    pairs = [(base, quote) for base in rest for quote in rest if base != quote]
    bases = {base for base, quote in pairs if _brackets(numbers[base], numbers[quote], low, high)}
    # The bought part of the volume brackets the bought part of the quote volume: the whole is the larger.
    whole = [
        base for base in bases if all(_all(numbers[base], numbers[base] >= numbers[part]) for part in bases)
    ]
    if not whole:
        names = " and ".join(table.title(place) for place in rest)
        raise AmbiguousInput(f"{table.source}: no header proves which of {names} is the volume: {_OPTION}")
    return min(whole)


def _brackets(base: FloatArray, quote: FloatArray, low: FloatArray, high: FloatArray) -> bool:
    """Whether quote volume over base volume is a price inside the candle, in every row."""
    least, most = low * base * (1 - _ROUNDING) - _ROUNDING, high * base * (1 + _ROUNDING) + _ROUNDING
    return bool((base > 0).any()) and _all(base, (quote >= least) & (quote <= most))


def _all(values: FloatArray, holds: BoolArray) -> bool:
    present = np.isfinite(values)
    return bool(present.any()) and bool(holds[present].all())
