"""Daily candles for a study: of a folder of files, which need not be stored, or of the store."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from forecasting.adapters.folder_candles import candles_of_folder
from forecasting.adapters.workspace import Workspace
from forecasting.candles import Candles
from forecasting.errors import NotEnoughHistory, UnknownSymbol
from forecasting.planning import base_series

DAILY = "1d"
SOURCE_COINS = ("BTC", "ETH", "XMR")


def daily_of_folder(folder: Path, symbols: Sequence[str] = ()) -> dict[str, Candles]:
    """Read the files of a folder; finer candles are resampled to days where no daily ones are there.

    Raises
    ------
    NotEnoughHistory, UnknownSymbol
        No file holds daily candles or finer ones, or not of a symbol that was asked for.
    InputError
        A file cannot be read, or contradicts itself.
    """
    found = candles_of_folder(folder, DAILY)
    return {symbol: found[symbol] for symbol in choose_symbols(tuple(found), symbols, f"in {folder}")}


def daily_of_store(workspace: Workspace, symbols: Sequence[str] = ()) -> dict[str, Candles]:
    """Read what is stored; finer candles are resampled to days where no daily ones are stored.

    Raises
    ------
    NotEnoughHistory, UnknownSymbol
        No daily candles or finer ones are stored, or not of a symbol that was asked for.
    """
    chosen = choose_symbols(tuple(base_series(workspace.candles.series(), DAILY)), symbols, "stored")
    return {symbol: workspace.candles.read_base(symbol, DAILY) for symbol in chosen}


def choose_symbols(found: Sequence[str], asked: Sequence[str], where: str) -> tuple[str, ...]:
    """Symbols that were asked for; else one market each of BTC, ETH and XMR; where none of them is, all.

    Raises
    ------
    NotEnoughHistory
        There is no symbol at all.
    UnknownSymbol
        One that was asked for is not there.

    Examples
    --------
    >>> choose_symbols(("ADA/USD", "BTC/EUR", "BTC/USD", "XMR/USD"), (), "stored")
    ('BTC/EUR', 'XMR/USD')
    """
    if not found:
        raise NotEnoughHistory(
            f"no candles of {DAILY} or finer are {where}: ingest daily candles of BTC, ETH and XMR first, "
            "or name a folder of files with --data"
        )
    unknown = [symbol for symbol in asked if symbol not in found]
    if unknown:
        raise UnknownSymbol(
            f"no candles of {', '.join(unknown)} are {where}: any of {', '.join(sorted(found))} is needed"
        )
    markets = {symbol.split("/")[0]: symbol for symbol in sorted(found, reverse=True)}
    source = tuple(markets[coin] for coin in SOURCE_COINS if coin in markets)
    return tuple(dict.fromkeys(asked)) or source or tuple(sorted(found))
