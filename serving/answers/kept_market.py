"""What was held of the markets, on this machine's disk: a server that starts while the store is away answers from it."""

from __future__ import annotations

import hashlib
import io
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from forecasting.adapters.whole_file import write_whole_bytes
from forecasting.candles import CANDLE_COLUMNS, Candles
from forecasting.events import Events
from forecasting.planning import SeriesSpan

FORMAT = 1
DIGEST_BYTES = hashlib.sha256().digest_size
EVENT_COLUMNS = ("timestamp_ms", "source", "ai_related", "holes_ms")

Arrays = dict[str, np.ndarray[Any, Any]]


@dataclass(frozen=True, slots=True)
class MarketHistory:
    """What was held of one market.

    Attributes
    ----------
    symbol
        The market.
    checked_ms
        When the store was last asked for news of it, epoch milliseconds UTC.
    mark
        Blocks of its candles and their versions then.
    spans
        What was stored of it.
    windows
        Candles by interval, with the moment from which on they are all there, epoch milliseconds UTC.
    events
        Events by span, start and stop in epoch milliseconds UTC.
    """

    symbol: str
    checked_ms: int
    mark: tuple[tuple[str, int], ...]
    spans: tuple[SeriesSpan, ...]
    windows: Mapping[str, tuple[int, Candles]]
    events: Mapping[tuple[int, int], Events | None] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class KeptMarkets:
    """One file for each market, replaced whole: a digest, then numbers alone, so nothing of it is ever run.

    Attributes
    ----------
    folder
        Where the files are.
    """

    folder: Path

    def write(self, history: MarketHistory) -> None:
        """Keep what is held of a market in place of what was kept.

        Raises
        ------
        OSError
            The folder cannot be written.
        """
        told, arrays = _described(history)
        arrays["told"] = np.frombuffer(json.dumps(told).encode(), dtype=np.uint8)
        buffer = io.BytesIO()
        np.savez(buffer, allow_pickle=False, **arrays)
        content = buffer.getvalue()
        write_whole_bytes(self._file(history.symbol), hashlib.sha256(content).digest() + content)

    def read(self, symbol: str) -> MarketHistory | None:
        """Give what was kept of a market; None where nothing was, or nothing whole."""
        try:
            whole = self._file(symbol).read_bytes()
            digest, content = whole[:DIGEST_BYTES], whole[DIGEST_BYTES:]
            if hashlib.sha256(content).digest() != digest:
                return None
            with np.load(io.BytesIO(content), allow_pickle=False) as arrays:
                told = json.loads(arrays["told"].tobytes())
                known = (told["format"], told["symbol"]) == (FORMAT, symbol)
                return _history(told, dict(arrays)) if known else None
        except Exception:  # it is only a memory, and one of another version may raise anything
            return None

    def _file(self, symbol: str) -> Path:
        return self.folder / f"{hashlib.sha256(symbol.encode()).hexdigest()[:32]}.npz"


def _described(history: MarketHistory) -> tuple[dict[str, Any], Arrays]:
    arrays = dict(_columns(history))
    return {
        "format": FORMAT,
        "symbol": history.symbol,
        "checked_ms": history.checked_ms,
        "mark": history.mark,
        "spans": [
            (each.interval, each.first_open_ms, each.last_open_ms, each.rows) for each in history.spans
        ],
        "windows": [(interval, first_ms) for interval, (first_ms, _) in history.windows.items()],
        "events": [
            (*span, None if found is None else (found.covered_from_ms, found.covered_until_ms))
            for span, found in history.events.items()
        ],
    }, arrays


def _columns(history: MarketHistory) -> Iterator[tuple[str, np.ndarray[Any, Any]]]:
    for number, (_, candles) in enumerate(history.windows.values()):
        yield from ((f"candles {number} {name}", getattr(candles, name)) for name in CANDLE_COLUMNS)
    for number, events in enumerate(history.events.values()):
        if events is not None:
            yield from ((f"events {number} {name}", getattr(events, name)) for name in EVENT_COLUMNS)


def _history(told: Mapping[str, Any], arrays: Arrays) -> MarketHistory:
    symbol = str(told["symbol"])
    return MarketHistory(
        symbol,
        int(told["checked_ms"]),
        tuple((str(block), int(version)) for block, version in told["mark"]),
        tuple(SeriesSpan(symbol, *each) for each in told["spans"]),
        {
            interval: (
                first_ms,
                Candles(symbol, interval, *(arrays[f"candles {number} {name}"] for name in CANDLE_COLUMNS)),
            )
            for number, (interval, first_ms) in enumerate(told["windows"])
        },
        {
            (start_ms, stop_ms): _events(number, covered, arrays)
            for number, (start_ms, stop_ms, covered) in enumerate(told["events"])
        },
    )


def _events(number: int, covered: tuple[int, int] | None, arrays: Arrays) -> Events | None:
    if covered is None:
        return None
    times, sources, of_ai, holes = (arrays[f"events {number} {name}"] for name in EVENT_COLUMNS)
    return Events(times, sources, of_ai, *covered, holes)
