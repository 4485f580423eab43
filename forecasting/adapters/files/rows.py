"""One file's table turned into rows of its markets: times read, numbers read, empty rows left out."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np

from forecasting.adapters.files.columns import Meaning, meaning_by_header, meaning_by_option, volume_column
from forecasting.adapters.files.interval import settle_interval
from forecasting.adapters.files.market import FileMarket, base_currency, find_markets
from forecasting.adapters.files.names import FileName
from forecasting.adapters.files.numbers import read_numbers
from forecasting.adapters.files.open_times import open_times
from forecasting.adapters.files.order import NEEDED_SIGMAS, meaning_by_data, opens_near_last_close
from forecasting.adapters.files.raw_table import RawTable
from forecasting.adapters.files.series import Series
from forecasting.adapters.files.times import Times
from forecasting.candles import PRICE_COLUMNS
from forecasting.errors import AmbiguousInput, UnreadableFile
from forecasting.types import BoolArray, FloatArray


@dataclass(frozen=True, slots=True)
class Reading:
    """What the user says about the files; None leaves it to the file.

    Attributes
    ----------
    symbol, interval
        Market and candle interval.
    time_zone
        Zone of dates that carry none.
    columns
        Meaning of the columns from the left.
    """

    symbol: str | None = None
    interval: str | None = None
    time_zone: str = "UTC"
    columns: tuple[str, ...] | None = None


def table_series(table: RawTable, name: FileName, reading: Reading) -> Iterator[Series]:
    """Rows of each market in the table.

    Raises
    ------
    InputError
        The table does not prove what it means, or a value is not what its column says.
    """
    meaning, order_notes = _meaning(table, reading)
    times = open_times(table, meaning.times, reading.time_zone)
    prices = np.column_stack([read_numbers(table, place) for place in meaning.prices])
    for market in find_markets(table, meaning.symbol, name, reading.symbol):
        place, volume_notes = volume_column(table, meaning, base_currency(market.symbol))
        values = np.column_stack([prices, read_numbers(table, place)])
        notes = (*table.notes, *order_notes, *times.notes, *market.notes, *volume_notes)
        series = _filled_rows(table, market, times, values, name, reading)
        if reading.columns is None:
            _refuse_exchanged(series)
        yield replace(series, notes=(*notes, *series.notes))


def _meaning(table: RawTable, reading: Reading) -> tuple[Meaning, tuple[str, ...]]:
    if reading.columns is not None:
        return meaning_by_option(table, reading.columns), ()
    if table.header is not None:
        return meaning_by_header(table, table.header), ()
    meaning = meaning_by_data(table)
    words = ("time", *PRICE_COLUMNS, "volume")
    places = (meaning.times[0], *meaning.prices, meaning.volume or 0)
    order = ",".join(word for _, word in sorted(zip(places, words, strict=True)))
    return meaning, (f"no header; the values prove the order {order}",)


def _filled_rows(
    table: RawTable, market: FileMarket, times: Times, values: FloatArray, name: FileName, reading: Reading
) -> Series:
    """Rows of one market that have a time and all five values; what is left out is counted."""
    mine = np.ones(table.rows, dtype=np.bool_) if market.rows is None else market.rows
    present = ~np.isnan(values)
    _refuse_untimed(table, mine & ~times.known & present.any(axis=1))
    empty, partial = mine & ~present.any(axis=1), mine & present.any(axis=1) & ~present.all(axis=1)
    full = np.flatnonzero(mine & present.all(axis=1))
    if not len(full):
        raise UnreadableFile(
            f"{table.source}: no row of {market.symbol} has prices and a volume: fetch the file again"
        )
    interval = settle_interval(
        table.source, times.moment_ms[mine & times.known], option=reading.interval, named=name.interval
    )
    return Series(
        table.source,
        market.symbol,
        interval,
        times.moment_ms[full],
        values[full],
        full + (1 if table.first_line is None else table.first_line),
        table.first_line is not None,
        _left_out(table, empty, partial),
    )


def _left_out(table: RawTable, empty: BoolArray, partial: BoolArray) -> tuple[str, ...]:
    notes = []
    if empty.any():
        notes.append(f"{int(empty.sum()):,} row(s) without prices and volume left out")
    if partial.any():
        first = table.place(int(np.argmax(partial)))
        notes.append(
            f"{int(partial.sum()):,} row(s) with a price or the volume missing left out, first {first}"
        )
    return tuple(notes)


def _refuse_untimed(table: RawTable, untimed: BoolArray) -> None:
    if untimed.any():
        raise UnreadableFile(
            f"{table.source}, {table.place(int(np.argmax(untimed)))}: prices without a time "
            f"({int(untimed.sum()):,} such rows): correct or remove the row"
        )


def _refuse_exchanged(series: Series) -> None:
    opens, closes = (
        series.values[:, PRICE_COLUMNS.index("open")],
        series.values[:, PRICE_COLUMNS.index("close")],
    )
    if opens_near_last_close(series.open_time_ms, opens, closes) <= -NEEDED_SIGMAS:
        raise AmbiguousInput(
            f"{series.source}: each close lies near the open before it, so open and close look exchanged: "
            f"say with --columns which is which"
        )
