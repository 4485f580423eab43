"""Options that several commands share, and how their words are read."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer

from forecasting.adapters.source import Source
from forecasting.gate.evidence import Policy

EXIT_CODES = "Exit codes: 0 done, 1 the machine failed, 2 the input is wrong, 130 interrupted."

Json = Annotated[bool, typer.Option("--json", help="Print one JSON document for machines.")]
Workspace = Annotated[
    str | None,
    typer.Option(help="Separate set of candles and models, as in simulated; FORETICK_WORKSPACE or default."),
]
Symbols = Annotated[
    list[str] | None,
    typer.Option(
        "--symbol", "--symbols", help="Markets, as in BTC/USDT; several with commas or by repetition."
    ),
]
Intervals = Annotated[
    list[str] | None,
    typer.Option("--interval", "--intervals", help="Candle intervals, as in 1m,1h."),
]
Exchange = Annotated[str | None, typer.Option(help="Download from this ccxt exchange, as in binance.")]
TimeZone = Annotated[str, typer.Option(help="Zone of times in files that carry none, as in Europe/Berlin.")]
Columns = Annotated[
    str | None, typer.Option(help="Names of the columns of files without a header, in order, with commas.")
]
OnConflict = Annotated[
    str,
    typer.Option(help="Two different candles of one time: error, first or last wins, or neither is used."),
]
Collection = Annotated[
    str | None,
    typer.Option(
        help="DATABASE.COLLECTION with a document a candle; its server is FORETICK_SOURCE_MONGO_URI or MONGO_URI."
    ),
]
Fields = Annotated[
    list[str] | None,
    typer.Option(help="What fields of the collection hold, as in time=ts,open=o,symbol=pair."),
]
Stamped = Annotated[
    str | None, typer.Option(help="What times in files mark, where they do not prove it: open or close.")
]
GatePolicy = Annotated[
    Policy | None,
    typer.Option(
        "--policy",
        help="strict asks the recipe for its licence, classic promotes on one backtest and marks that as unproven; "
        "the horizon's own by default, or FORETICK_GATE_POLICY.",
    ),
]


def workspace_words(workspace: str) -> str:
    """Words to add to a command that a message names, so that it means this workspace.

    Examples
    --------
    >>> workspace_words("simulated"), workspace_words("default")
    (' --workspace simulated', '')
    """
    return "" if workspace == "default" else f" --workspace {workspace}"


def split(words: Sequence[str] | None) -> list[str]:
    """Words of an option that was repeated or given with commas.

    Examples
    --------
    >>> split(["BTC/USDT,ETH/USDT", "SOL/USDT"])
    ['BTC/USDT', 'ETH/USDT', 'SOL/USDT']
    """
    parts = (part.strip() for word in words or () for part in word.split(","))
    return [part for part in parts if part]


def given_source(
    *,
    folder: Path | None,
    exchange: str | None,
    simulated: bool,
    symbol: Sequence[str] | None,
    interval: Sequence[str] | None,
    days: int,
    time_zone: str,
    columns: str | None,
    on_conflict: str,
    stamped: str | None,
    collection: str | None = None,
    fields: Sequence[str] | None = None,
) -> Source:
    """Return the source that options name, as they were given; nothing about it is checked."""
    return Source(
        folder=None if folder is None else str(folder),
        exchange=exchange,
        simulated=simulated,
        symbols=tuple(split(symbol)),
        intervals=tuple(split(interval)),
        days=days,
        time_zone=time_zone,
        columns=tuple(split([columns or ""])),
        on_conflict=on_conflict,
        stamped=stamped,
        collection=collection,
        fields=tuple(split(fields)),
    )
