"""From a source to the store: files of a folder, an exchange, or the simulated market."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from forecasting.adapters.files import ImportReport, read_candles_folder
from forecasting.adapters.files.stamping import check_stamp
from forecasting.adapters.intake import Inspection, IntakeRules, TakenIn, inspect, take_in
from forecasting.adapters.simulator import SYMBOLS, simulate_market
from forecasting.adapters.source import Source
from forecasting.adapters.store.candle_blocks import CandleStore
from forecasting.adapters.workspace import Workspace
from forecasting.candles import Candles, find_gaps
from forecasting.errors import InvalidSettings, UnreadableFile
from forecasting.quality.raw import RawCandles, SourceFile
from forecasting.types import DAY_MS, parse_utc, utc_iso

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
        Candles that the source gave; of an exchange, all that are stored.
    first, last
        Open times of the first and last of them, ISO 8601 UTC.
    added, unchanged, revised
        How they compare with what was stored.
    quarantined
        Rows that were kept out and were not in quarantine yet.
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
    quarantined: int
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
            f"use another workspace, which FORETICK_WORKSPACE names"
        )


def ingest_folder(workspace: Workspace, source: Source, rules: IntakeRules) -> list[IngestedSeries]:
    """Store every candle file of a folder; all files are read and inspected before the first is stored."""
    inspections = inspect_reports(workspace, read_folder(source), rules)
    return [store_inspected(workspace, each, rules.now_ms) for each in inspections]


def read_folder(source: Source) -> list[ImportReport]:
    """Read every candle file of a folder; nothing is known of its values.

    Raises
    ------
    InputError
        A file cannot be read or does not prove what it means.
    """
    _log.info("reading the files of %s", source.folder)
    return read_candles_folder(
        Path(str(source.folder)),
        symbol=next(iter(source.symbols), None),
        interval=next(iter(source.intervals), None),
        time_zone=source.time_zone,
        columns=source.columns or None,
        stamped=None if source.stamped is None else check_stamp(source.stamped),
    )


def inspect_reports(
    workspace: Workspace, reports: Sequence[ImportReport], rules: IntakeRules
) -> list[Inspection]:
    """Inspect what an importer read; nothing is stored.

    A series is compared with those before it too, so that one with shifted times among others is found.

    Raises
    ------
    InputError
        The rows of a series cannot be trusted, or none of them can be used.
    """
    inspections: list[Inspection] = []
    for report in reports:
        _log.info("inspecting %s %s", report.symbol, report.interval)
        accepted = {
            each.origin.symbol: each.candles
            for each in inspections
            if each.origin.interval == report.interval and each.origin.symbol != report.symbol
        }
        found = inspect(workspace, report.rows, report.source, rules, accepted)
        if not len(found.candles):
            raise UnreadableFile(f"{report.source}: not one row can be used: {'; '.join(found.notes)}")
        inspections.append(replace(found, notes=(*report.notes, *found.notes)))
    return inspections


def ingest_simulated(workspace: Workspace, seed: int, rules: IntakeRules) -> list[IngestedSeries]:
    """Store the simulated market and its news."""
    _log.info("simulating a market")
    market = simulate_market(seed)
    workspace.events.write(market.events, market.start_ms, market.stop_ms)
    return [_ingest_simulated(workspace, candles, rules) for candles in market.candles.values()]


def _ingest_simulated(workspace: Workspace, candles: Candles, rules: IntakeRules) -> IngestedSeries:
    raw = RawCandles.of(candles, SourceFile("the simulator", "candle"))
    found = inspect(workspace, raw, "simulator", rules)
    return store_inspected(workspace, replace(found, notes=("simulated", *found.notes)), rules.now_ms)


def store_inspected(workspace: Workspace, inspection: Inspection, now_ms: int) -> IngestedSeries:
    """Store one inspected series and say what became of it."""
    taken = take_in(workspace, inspection, now_ms)
    candles = inspection.candles
    _log.info("%s %s: %d candles stored", candles.symbol, candles.interval, len(candles))
    return describe_series(candles, taken, inspection.notes)


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


def describe_series(candles: Candles, taken: TakenIn, notes: tuple[str, ...]) -> IngestedSeries:
    """Count what is there and what taking it in changed."""
    gaps, changes = find_gaps(candles), taken.changes
    return IngestedSeries(
        candles.symbol,
        candles.interval,
        len(candles),
        utc_iso(int(candles.open_time_ms[0])),
        utc_iso(int(candles.open_time_ms[-1])),
        changes.added,
        changes.unchanged,
        changes.revised,
        taken.quarantined,
        len(gaps),
        sum(gap.bars for gap in gaps),
        notes,
    )
