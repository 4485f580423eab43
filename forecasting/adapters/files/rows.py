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
from forecasting.adapters.files.partial import without_partial
from forecasting.adapters.files.raw_table import RawTable
from forecasting.adapters.files.report import ImportReport
from forecasting.adapters.files.stamping import Stamp, to_open_times
from forecasting.adapters.files.times import Times
from forecasting.candles import PRICE_COLUMNS
from forecasting.errors import AmbiguousInput, UnreadableFile
from forecasting.quality.raw import RawCandles, SourceFile
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
    stamped
        Whether times mark the open or the close of a candle.
    """

    symbol: str | None = None
    interval: str | None = None
    time_zone: str = "UTC"
    columns: tuple[str, ...] | None = None
    stamped: Stamp | None = None


def table_series(table: RawTable, name: FileName, reading: Reading) -> Iterator[ImportReport]:
    """Rows of each market in the table.

    Raises
    ------
    InputError
        The table does not prove what it means, or a value is not what its column says.
    """
    meaning, order_notes = _meaning(table, reading)
    order_facts = _order_facts(table, reading, meaning)
    times = open_times(table, meaning.times, reading.time_zone)
    prices = np.column_stack([read_numbers(table, place) for place in meaning.prices])
    for each in find_markets(table, meaning.symbol, name, reading.symbol):
        market = without_partial(table, each)
        place, volume_notes = volume_column(table, meaning, base_currency(market.symbol))
        values = np.column_stack([prices, read_numbers(table, place)])
        notes = (*table.notes, *order_notes, *times.notes, *market.notes, *volume_notes)
        rows, timeless_notes = _timed_rows(table, market, times, values, name, reading.interval)
        opens, stamp_notes = to_open_times(
            rows.open_time_ms, rows.interval, reading.stamped, meaning.times_are_closes
        )
        rows = replace(rows, open_time_ms=opens)
        if reading.columns is None:
            _refuse_exchanged(rows)
        yield ImportReport(
            rows, (*notes, *timeless_notes, *stamp_notes), (*order_facts, *filter(None, [times.basis]))
        )


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


def _order_facts(table: RawTable, reading: Reading, meaning: Meaning) -> tuple[str, ...]:
    if reading.columns is not None:
        return ("the option says what the columns mean",)
    if table.header is None:
        return ()  # which the notes tell: it took a proof
    places = (meaning.times[0], *meaning.prices)
    words = ("time", *PRICE_COLUMNS)
    named = (f"{word} {table.header[place]!r}" for word, place in zip(words, places, strict=True))
    return (f"the header says what the columns mean: {', '.join(named)}",)


def _timed_rows(
    table: RawTable,
    market: FileMarket,
    times: Times,
    values: FloatArray,
    name: FileName,
    said_interval: str | None,
) -> tuple[RawCandles, tuple[str, ...]]:
    """Rows of one market that have a time; a row that has nothing at all is left out and counted."""
    mine = np.ones(table.rows, dtype=np.bool_) if market.rows is None else market.rows
    present = ~np.isnan(values)
    _refuse_untimed(table, mine & ~times.known & present.any(axis=1))
    if not (mine & present.all(axis=1)).any():
        raise UnreadableFile(
            f"{table.source}: no row of {market.symbol} has prices and a volume: fetch the file again"
        )
    timed = np.flatnonzero(mine & times.known)
    interval = settle_interval(
        table.source, times.moment_ms[timed], option=said_interval, named=name.interval
    )
    file = SourceFile(table.source, "row" if table.first_line is None else "line")
    rows = RawCandles(
        market.symbol,
        interval,
        times.moment_ms[timed],
        values[timed],
        (file,),
        np.zeros(len(timed), dtype=np.int64),
        timed + (1 if table.first_line is None else table.first_line),
    )
    blank = int((mine & ~times.known).sum())
    return rows, (f"{blank:,} row(s) without a time, a price or a volume left out",) if blank else ()


def _refuse_untimed(table: RawTable, untimed: BoolArray) -> None:
    if untimed.any():
        raise UnreadableFile(
            f"{table.source}, {table.place(int(np.argmax(untimed)))}: prices without a time "
            f"({int(untimed.sum()):,} such rows): correct or remove the row"
        )


def _refuse_exchanged(rows: RawCandles) -> None:
    whole = rows.take(~rows.incomplete)
    opens, closes = (whole.values[:, PRICE_COLUMNS.index(name)] for name in ("open", "close"))
    if opens_near_last_close(whole.open_time_ms, opens, closes) <= -NEEDED_SIGMAS:
        raise AmbiguousInput(
            f"{rows.title}: each close lies near the open before it, so open and close look exchanged: "
            f"say with --columns which is which"
        )
