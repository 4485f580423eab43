"""What an ingestion would do: read, inspected and compared with what is stored; nothing is kept."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from forecasting.adapters.exchange.downloading import plan_series
from forecasting.adapters.exchange.plan import OVERLAP_BARS, Reason
from forecasting.adapters.files import ImportReport
from forecasting.adapters.ingestion import (
    IngestedSeries,
    demand_one_world,
    describe_series,
    inspect_reports,
    read_folder,
)
from forecasting.adapters.intake import Inspection, IntakeRules, TakenIn
from forecasting.adapters.simulator import simulate_market
from forecasting.adapters.source import Source
from forecasting.adapters.store.candle_blocks import WriteReport
from forecasting.adapters.store.quarantine import row_id
from forecasting.adapters.workspace import Workspace
from forecasting.candles import VALUE_COLUMNS, Candles
from forecasting.quality.raw import RawCandles, SourceFile
from forecasting.types import DAY_MS, utc_iso


@dataclass(frozen=True, slots=True)
class PlannedSpan:
    """Candles that an exchange would be asked for.

    Attributes
    ----------
    symbol, interval
        The series.
    reason
        `new` from the end of what is stored, `gap` inside it, `history` before it.
    start, stop
        Span [start, stop) of open times, ISO 8601 UTC.
    bars
        Candles in it that are not stored.
    """

    symbol: str
    interval: str
    reason: Reason
    start: str
    stop: str
    bars: int


@dataclass(frozen=True, slots=True)
class Rehearsal:
    """What would become of each series of a source, and what an exchange would be asked for."""

    series: tuple[IngestedSeries, ...] = ()
    spans: tuple[PlannedSpan, ...] = ()
    notes: tuple[str, ...] = ()


def rehearse(
    workspace: Workspace, source: Source, rules: IntakeRules, seed: int, server: str | None
) -> Rehearsal:
    """Read and inspect a folder, a collection or the simulator, and compare it with what is stored.

    Raises
    ------
    InputError
        Whatever would keep the source from being stored.
    MachineError
        The source or the store cannot be read.
    """
    demand_one_world(workspace.candles, source.simulated)
    reports = _reports(source, seed, server)
    inspections = inspect_reports(workspace, reports, rules)
    series = (_series(workspace, report, each) for report, each in zip(reports, inspections, strict=True))
    return Rehearsal(series=tuple(series))


def rehearse_download(
    workspace: Workspace, source: Source, now_ms: int, *, refill: bool = False
) -> Rehearsal:
    """Say what an exchange would be asked for; it is not asked.

    Raises
    ------
    InvalidSettings
        The workspace holds simulated candles.
    """
    demand_one_world(workspace.candles, simulated=False)
    exchange, since_ms = str(source.exchange), now_ms - source.days * DAY_MS
    spans: list[PlannedSpan] = []
    notes = [
        f"{exchange} was not asked whether it has these markets and intervals",
        f"the newest {OVERLAP_BARS} stored candles of a series are asked for again, so that revisions are seen",
    ]
    for symbol, interval in source.downloads:
        plan = plan_series(workspace, exchange, symbol, interval, since_ms, now_ms, refill=refill)
        spans += [
            PlannedSpan(
                symbol, interval, each.reason, utc_iso(each.start_ms), utc_iso(each.stop_ms), each.bars
            )
            for each in plan.spans
        ]
        if plan.left_out:
            notes.append(
                f"{symbol} {interval}: {plan.left_out:,} absent candle(s) would not be asked for, {exchange} did not have "
                f"them or they were kept out: --refill asks again"
            )
    return Rehearsal(spans=tuple(spans), notes=tuple(notes))


def compare_with_stored(given: Candles, stored: Candles) -> WriteReport:
    """Return what writing candles over stored ones of the same series would change.

    Both are oldest first, each time once.
    """
    _, mine, theirs = np.intersect1d(
        given.open_time_ms, stored.open_time_ms, assume_unique=True, return_indices=True
    )
    pairs = ((getattr(given, name)[mine], getattr(stored, name)[theirs]) for name in VALUE_COLUMNS)
    revised = int(np.any([ours != known for ours, known in pairs], axis=0).sum())
    return WriteReport(len(given) - len(mine), len(mine) - revised, revised)


def _reports(source: Source, seed: int, server: str | None) -> Sequence[ImportReport]:
    if source.simulated:
        market, name = simulate_market(seed), SourceFile("the simulator", "candle")
        return [ImportReport(RawCandles.of(each, name), ("simulated",)) for each in market.candles.values()]
    if source.collection is not None:
        from forecasting.adapters.collection.source import read_collection

        return read_collection(source, server)
    return read_folder(source)


def _series(workspace: Workspace, report: ImportReport, inspection: Inspection) -> IngestedSeries:
    candles = inspection.candles
    first_ms, stop_ms = int(candles.open_time_ms[0]), int(candles.open_time_ms[-1]) + 1
    stored = workspace.candles.read_candles(candles.symbol, candles.interval, first_ms, stop_ms)
    taken = TakenIn(compare_with_stored(candles, stored), len(set(_new_rows(workspace, inspection))))
    return describe_series(candles, taken, (*report.facts, *inspection.notes))


def _new_rows(workspace: Workspace, inspection: Inspection) -> Iterator[str]:
    """Ids of the rows that would go to quarantine and are not there."""
    origin = inspection.origin
    known = {row.row_id for row in workspace.quarantine.find(origin.kind, origin.symbol, origin.interval)}
    for fault in inspection.faults:
        if (name := row_id(origin, fault)) not in known:
            yield name
