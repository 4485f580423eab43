"""From a source to the store: files of a folder, an exchange, or the simulated market."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from forecasting.adapters.exchange import download
from forecasting.adapters.files import check_on_conflict, read_candles_folder
from forecasting.adapters.simulator import SYMBOLS, simulate_market
from forecasting.adapters.source import Source
from forecasting.adapters.store.candle_blocks import CandleStore, WriteReport
from forecasting.adapters.workspace import Workspace
from forecasting.candles import Candles, find_gaps
from forecasting.errors import InvalidSettings, SourceUnavailable
from forecasting.types import DAY_MS, interval_ms, parse_utc, utc_iso

EARLY_END_MS = 7 * DAY_MS

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class IngestedSeries:
    """What became of one symbol and interval.

    Attributes
    ----------
    symbol, interval
        The series.
    rows
        Candles that the source gave.
    first, last
        Open times of the first and last of them, ISO 8601 UTC.
    added, unchanged, revised
        How they compare with what was stored.
    gaps, absent
        Runs of absent candles between them, and how many candles those are.
    notes
        Everything that was decided or left out on the way.
    """

    symbol: str
    interval: str
    rows: int
    first: str
    last: str
    added: int
    unchanged: int
    revised: int
    gaps: int
    absent: int
    notes: tuple[str, ...] = ()


def demand_one_world(candles: CandleStore, simulated: bool) -> None:
    """Keep simulated and real candles apart: a model of both would be a model of neither.

    Raises
    ------
    InvalidSettings
        The store holds candles of the other kind.
    """
    foreign = [span.symbol for span in candles.series() if (span.symbol in SYMBOLS) != simulated]
    if foreign:
        kinds = ("real", "simulated") if simulated else ("simulated", "real")
        raise InvalidSettings(
            f"the workspace holds {kinds[0]} candles ({foreign[0]}) and {kinds[1]} ones were to be added: "
            f"name another workspace (--workspace or FORETICK_WORKSPACE)"
        )


def ingest_folder(workspace: Workspace, source: Source) -> list[IngestedSeries]:
    """Store every candle file of a folder; all files are read before the first is stored."""
    _log.info("reading the files of %s", source.folder)
    reports = read_candles_folder(
        Path(str(source.folder)),
        symbol=next(iter(source.symbols), None),
        interval=next(iter(source.intervals), None),
        time_zone=source.time_zone,
        columns=source.columns or None,
        on_conflict=check_on_conflict(source.on_conflict),
    )
    return [_stored(workspace, report.candles, report.notes) for report in reports]


def ingest_simulated(workspace: Workspace, seed: int) -> list[IngestedSeries]:
    """Store the simulated market and its news."""
    _log.info("simulating a market")
    market = simulate_market(seed)
    workspace.events.write(market.events, market.start_ms, market.stop_ms)
    return [_stored(workspace, candles, ("simulated",)) for candles in market.candles.values()]


def ingest_exchange(
    workspace: Workspace, exchange: str, symbol: str, interval: str, since_ms: int, now_ms: int
) -> IngestedSeries:
    """Download one series from where the store ends, page by page, each stored before the next is asked for.

    Raises
    ------
    SourceUnavailable
        The exchange does not answer or has no candles in that span; what was stored stays.
    """
    start_ms = _continue_from(workspace.candles, symbol, interval, since_ms)
    _log.info("asking %s for %s %s since %s", exchange, symbol, interval, utc_iso(start_ms))
    changes, first_ms, rows = WriteReport(), None, 0
    for page in download(exchange, symbol, interval, start_ms, now_ms, now_ms):
        changes += workspace.candles.write(page)
        first_ms = int(page.open_time_ms[0]) if first_ms is None else first_ms
        rows += len(page)
        _log.info("%s %s: %d candles, until %s", symbol, interval, rows, utc_iso(int(page.open_time_ms[-1])))
    stored = workspace.candles.read_candles(symbol, interval, first_ms if first_ms is not None else since_ms)
    if not len(stored):
        raise SourceUnavailable(f"{exchange} has no {interval} candles of {symbol} since {utc_iso(since_ms)}")
    return _series(stored, changes, ())


def note_early_ends(ingested: Sequence[IngestedSeries]) -> list[IngestedSeries]:
    """Add a note to each series that ends more than a week before the newest of the same source."""
    newest = max(ingested, key=lambda each: parse_utc(each.last), default=None)
    if newest is None:
        return []
    return [_with_note(each, newest) for each in ingested]


def _with_note(series: IngestedSeries, newest: IngestedSeries) -> IngestedSeries:
    late_ms = parse_utc(newest.last) - parse_utc(series.last)
    if late_ms <= EARLY_END_MS:
        return series
    note = (
        f"ends {series.last[:10]}, {late_ms / DAY_MS:.0f} days before the newest of its source "
        f"({newest.symbol}, {newest.last[:10]})"
    )
    return replace(series, notes=(*series.notes, note))


def _continue_from(candles: CandleStore, symbol: str, interval: str, since_ms: int) -> int:
    spans = [span for span in candles.series() if (span.symbol, span.interval) == (symbol, interval)]
    return max((span.last_open_ms + interval_ms(interval) for span in spans), default=since_ms)


def _stored(workspace: Workspace, candles: Candles, notes: Sequence[str]) -> IngestedSeries:
    changes = workspace.candles.write(candles)
    _log.info("%s %s: %d candles stored", candles.symbol, candles.interval, len(candles))
    return _series(candles, changes, tuple(notes))


def _series(candles: Candles, changes: WriteReport, notes: tuple[str, ...]) -> IngestedSeries:
    gaps = find_gaps(candles)
    return IngestedSeries(
        candles.symbol,
        candles.interval,
        len(candles),
        utc_iso(int(candles.open_time_ms[0])),
        utc_iso(int(candles.open_time_ms[-1])),
        changes.added,
        changes.unchanged,
        changes.revised,
        len(gaps),
        sum(gap.bars for gap in gaps),
        notes,
    )
