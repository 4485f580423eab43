"""What was known at each moment of the days that are stepped through, and a scratch workspace that learns of it."""

from __future__ import annotations

import contextlib
import tempfile
from collections.abc import Iterator, Sequence, Set
from dataclasses import dataclass
from pathlib import Path

from forecasting.adapters.files import read_candles_folder
from forecasting.adapters.live.known import KnownCandles
from forecasting.adapters.store.event_store import EventStore
from forecasting.adapters.workspace import Workspace, open_workspace
from forecasting.errors import NotEnoughHistory, UnknownSymbol
from forecasting.quality.settling import settle
from forecasting.settings import Settings

SCRATCH = "live"


@dataclass(frozen=True, slots=True, eq=False)
class World:
    """Candles and news by the moment at which they were known; there may be no news."""

    candles: KnownCandles
    events: EventStore | None = None

    def teach(self, workspace: Workspace, now_ms: int) -> None:
        """Write what is known at a moment, epoch milliseconds UTC, into a workspace that knew less."""
        for candles in self.candles.all_known(now_ms):
            workspace.candles.write(candles, SCRATCH, now_ms)
        if self.events is not None:
            _teach_events(self.events, workspace.events, now_ms)


def world_of_folder(folder: Path, symbols: Sequence[str] = ()) -> World:
    """Candles of a folder of files, each known as soon as it is closed; they bring no news.

    Raises
    ------
    NotEnoughHistory, UnknownSymbol
        No file holds candles, or none of a symbol that was asked for.
    InputError
        A file cannot be read, or contradicts itself.
    """
    found = [settle(report.rows).rows.to_candles() for report in read_candles_folder(folder)]
    _demand({each.symbol for each in found}, symbols, f"in {folder}")
    return World(KnownCandles.as_closed(found))


def world_of_store(workspace: Workspace, symbols: Sequence[str] = ()) -> World:
    """Take what a workspace received, each candle and each item of news as of its receipt.

    Raises
    ------
    NotEnoughHistory, UnknownSymbol
        No candles are stored, or none of a symbol that was asked for.
    """
    _demand({each.symbol for each in workspace.candles.series()}, symbols, "stored")
    return World(KnownCandles.as_received(workspace.candles), workspace.events)


@contextlib.contextmanager
def scratch_workspace(settings: Settings) -> Iterator[tuple[Workspace, Settings]]:
    """Open an empty workspace, with settings of its own, that is gone after the block."""
    settings.home.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="live-", dir=settings.home) as folder:
        own = {
            "workspace": SCRATCH,
            "home": Path(folder),
            "mlruns": Path(folder) / "mlruns",
            "reports": Path(folder) / "reports",
            "mongo_uri": None,
            "mlflow_tracking_uri": None,
        }
        scratch = settings.model_copy(update=own)
        with open_workspace(scratch) as workspace:
            yield workspace, scratch


def _teach_events(known: EventStore, scratch: EventStore, now_ms: int) -> None:
    for span in known.coverage(now_ms):
        records = [each.record for each in known.find(None, span.from_ms, span.until_ms + 1, now_ms)]
        scratch.write(records, span.from_ms, span.until_ms, now_ms, SCRATCH)


def _demand(names: Set[str], symbols: Sequence[str], where: str) -> None:
    if not names:
        raise NotEnoughHistory(f"no candles are {where}: ingest some, or name a folder of files with --data")
    if unknown := [each for each in symbols if each not in names]:
        raise UnknownSymbol(
            f"no candles of {', '.join(unknown)} are {where}: any of {', '.join(sorted(names))} is needed"
        )
