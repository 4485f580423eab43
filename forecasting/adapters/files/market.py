"""The market of a file's rows: from the option, from a column, or from the file's name."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
from pyarrow import compute as pc

from forecasting.adapters.files.names import FileName, market_readings, split_market
from forecasting.adapters.files.numbers import decoded, is_text, plain_text
from forecasting.adapters.files.raw_table import RawTable
from forecasting.errors import AmbiguousInput
from forecasting.types import BoolArray, parse_symbol


@dataclass(frozen=True, slots=True, eq=False)
class FileMarket:
    """One market in a file.

    Attributes
    ----------
    symbol
        Unified market name.
    rows
        Shape (n,): True for its rows; None when all are.
    notes
        What was decided against what the file says.
    """

    symbol: str
    rows: BoolArray | None = None
    notes: tuple[str, ...] = ()


def base_currency(symbol: str) -> str:
    """Currency that is traded, as in BTC of BTC/USDT."""
    return symbol.split("/")[0]


def find_markets(table: RawTable, column: int | None, name: FileName, option: str | None) -> list[FileMarket]:
    """Markets of the table; several only when a column tells them apart.

    Raises
    ------
    AmbiguousInput
        Nothing says the market, or the name and the column contradict each other.
    InputError
        The option is no market.
    """
    wanted = None if option is None else parse_symbol(option)
    words = _words(table, column)
    markets = {word: _market(table, word, (wanted, name.symbol)) for word in words}
    if len(markets) > 1:
        return _chosen(table, column or 0, markets, wanted)
    return [_single(table, next(iter(markets.values()), None), name, wanted)]


def _words(table: RawTable, column: int | None) -> list[str]:
    if column is None or not is_text(decoded(table.columns[column])):
        return []
    words = _texts(table, column).drop_null().unique().to_pylist()
    return [str(word) for word in words]


def _texts(table: RawTable, column: int) -> pa.Array:
    return plain_text(decoded(table.columns[column]))


def _market(table: RawTable, word: str, believed: Sequence[str | None]) -> str | None:
    readings = market_readings(split_market(word))
    agreed = [symbol for symbol in believed if symbol in readings]
    if len(readings) > 1 and not agreed:
        raise AmbiguousInput(
            f"{table.source}: market {word!r} may be {' or '.join(readings)}: "
            f"give --symbol or write the slash"
        )
    return agreed[0] if agreed else next(iter(readings), None)


def _chosen(
    table: RawTable, column: int, markets: Mapping[str, str | None], wanted: str | None
) -> list[FileMarket]:
    unknown = [word for word, market in markets.items() if market is None]
    if unknown:
        raise AmbiguousInput(
            f"{table.source}: {table.title(column)} holds {len(markets)} markets, of which {unknown[0]!r} is "
            f"not of the form BASE/QUOTE: correct the column or keep one market a file"
        )
    texts = _texts(table, column)
    found = [
        FileMarket(str(market), _rows(texts, word))
        for word, market in markets.items()
        if wanted is None or market == wanted
    ]
    if not found:
        raise AmbiguousInput(
            f"{table.source}: {wanted} is none of the {len(markets)} markets in {table.title(column)}, "
            f"as {', '.join(map(str, list(markets.values())[:5]))}: correct --symbol"
        )
    return found


def _rows(texts: pa.Array, word: str) -> BoolArray:
    mine = pc.fill_null(pc.equal(texts, word), fill_value=False)
    return np.asarray(mine.to_numpy(zero_copy_only=False), dtype=np.bool_)


def _single(table: RawTable, written: str | None, name: FileName, wanted: str | None) -> FileMarket:
    said = [symbol for symbol in (written, name.symbol) if symbol is not None]
    if wanted is not None:
        against = [symbol for symbol in said if symbol != wanted]
        notes = (f"taken as {wanted} by option, though the file says {against[0]}",) if against else ()
        return FileMarket(wanted, notes=notes)
    if not said:
        raise AmbiguousInput(f"{table.source}: {_why_unknown(name)}: give --symbol, as in --symbol BTC/USDT")
    if len(set(said)) > 1:
        raise AmbiguousInput(
            f"{table.source}: the name says {said[1]}, the rows say {said[0]}: give --symbol"
        )
    return FileMarket(said[0])


def _why_unknown(name: FileName) -> str:
    if name.readings:
        return f"the market may be {' or '.join(name.readings)}"
    return "neither the name nor a column says the market"
