"""The one door into the candle store: rows of a source are inspected, faulty ones kept out, the rest stored."""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from forecasting.adapters.expectations.candles import CheckedRows, check_rows
from forecasting.adapters.expectations.validation_report import ValidationReport
from forecasting.adapters.store.alerts import AlertBook
from forecasting.adapters.store.candle_blocks import WriteReport
from forecasting.adapters.store.quarantine import CANDLE, Origin, row_id
from forecasting.adapters.workspace import Workspace
from forecasting.candles import Candles
from forecasting.errors import InvalidCandles, UnreadableFile
from forecasting.quality.raw import FaultyRow, RawCandles
from forecasting.quality.settling import OnConflict, check_on_conflict, settle
from forecasting.types import BoolArray, utc_iso

CONTEXT_BARS = 1500
MOST_REFERENCES = 2
MOST_FAULTY_SHARE = 0.2
FEW_ROWS = 20
QUARANTINED = "quarantine"
# What every report of an ingestion counts anyway.
COUNTED = ("no_gap", "no_revision")

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class IntakeRules:
    """How rows of a source are judged.

    Attributes
    ----------
    suite
        JSON file of the candles' suite.
    now_ms
        The moment of the ingestion, epoch milliseconds UTC: candles still open then are not used.
    on_conflict
        What becomes of two rows of one time and different values, as `settle` takes it.
    live
        Whether the source is one that is up to date, so that an old last candle is worth a warning.
    """

    suite: Path
    now_ms: int
    on_conflict: OnConflict = "error"
    live: bool = False


@dataclass(frozen=True, slots=True, eq=False)
class Inspection:
    """Rows of one series after inspection; nothing is stored yet.

    Attributes
    ----------
    candles
        What may be stored, oldest first.
    origin
        What the rows were meant to be.
    faults
        Rows that are kept out.
    notes
        Everything that was decided or left out, with counts.
    report
        What the suite found.
    """

    candles: Candles
    origin: Origin
    faults: tuple[FaultyRow, ...]
    notes: tuple[str, ...]
    report: ValidationReport


@dataclass(frozen=True, slots=True)
class TakenIn:
    """What a write changed, and how many rows were put into quarantine that were not there."""

    changes: WriteReport = field(default_factory=WriteReport)
    quarantined: int = 0

    def __add__(self, other: TakenIn) -> TakenIn:
        return TakenIn(self.changes + other.changes, self.quarantined + other.quarantined)


def inspect(
    workspace: Workspace,
    raw: RawCandles,
    source: str,
    rules: IntakeRules,
    accepted: Mapping[str, Candles] | None = None,
) -> Inspection:
    """Sort, remove repeats, leave open candles out, and hold the rest against the suite.

    Parameters
    ----------
    workspace
        Its stored candles are what the rows are compared with: those just before, and those of the same time.
    raw
        Rows of one market and interval.
    source
        Name of the source, as in `binance` or a file's name.
    rules
        How the rows are judged.
    accepted
        By symbol: candles of the same interval that were inspected before in the same ingestion.

    Raises
    ------
    AmbiguousInput
        Two rows of one time disagree and the rules do not say which stays.
    InvalidCandles
        A check of the whole series failed, or so many rows are faulty that the rest cannot be trusted.
    UnreadableFile
        No closed candle is left.
    """
    settled = settle(raw, rules.on_conflict)
    rows, open_notes = _without_open(settled.rows, rules.now_ms)
    if not len(rows):
        raise UnreadableFile(
            f"{raw.title}: no candle is closed by {utc_iso(rules.now_ms)}: fetch a longer history"
        )
    origin = Origin(CANDLE, raw.symbol, raw.interval, source)
    context, references = _context(workspace, rows), _references(workspace, rows, accepted or {})
    checked = check_rows(rows, rules.suite, rules.now_ms, context, references, live=rules.live)
    _refuse_series(rows, checked.report)
    faults = {int(row): fault for row, fault in _row_faults(rows, checked)}
    released = workspace.quarantine.released_ids(origin)
    faults = {row: fault for row, fault in faults.items() if row_id(origin, fault) not in released}
    kept = np.ones(len(rows), dtype=np.bool_)
    kept[list(faults)] = False
    _refuse_too_faulty(rows, kept, faults)
    all_faults = (*settled.faults, *faults.values())
    notes = (*settled.notes, *open_notes, *_fault_notes(all_faults), *_warnings(checked.report))
    return Inspection(rows.take(kept).to_candles(), origin, all_faults, notes, checked.report)


def intake_rules(
    expectations_folder: Path, now_ms: int, on_conflict: str = "error", *, live: bool = False
) -> IntakeRules:
    """Rules of the installation's candle suite.

    Raises
    ------
    InvalidSettings
        The policy is unknown.
    """
    return IntakeRules(expectations_folder / "candles.json", now_ms, check_on_conflict(on_conflict), live)


def take_in(workspace: Workspace, inspection: Inspection, now_ms: int) -> TakenIn:
    """Store what was inspected: faulty rows first, so that none is lost if the process ends in between."""
    quarantined = workspace.quarantine.hold(inspection.origin, inspection.faults, now_ms)
    if quarantined:
        _alert(workspace, inspection, quarantined)
    changes = workspace.candles.write(inspection.candles, inspection.origin.source, now_ms)
    return TakenIn(changes, quarantined)


def _alert(workspace: Workspace, inspection: Inspection, quarantined: int) -> None:
    origin = inspection.origin
    checks = dict(Counter(fault.check for fault in inspection.faults))
    facts = {
        "symbol": origin.symbol,
        "interval": origin.interval,
        "source": origin.source,
        "rows": quarantined,
    }
    AlertBook(workspace.store).raise_alert(QUARANTINED, {**facts, "checks": checks})


def _without_open(rows: RawCandles, now_ms: int) -> tuple[RawCandles, tuple[str, ...]]:
    """Leave out the candle that is open at the moment; what opens later is for the suite to refuse."""
    still_open = (rows.open_time_ms <= now_ms) & (rows.open_time_ms + rows.interval_ms > now_ms)
    count = int(still_open.sum())
    notes = (f"{count:,} candle(s) not closed by {utc_iso(now_ms)} left out",) if count else ()
    return rows.take(~still_open), notes


def _context(workspace: Workspace, rows: RawCandles) -> Candles:
    """Return the stored candles just before the rows."""
    first_ms = int(rows.open_time_ms[0])
    start_ms = first_ms - CONTEXT_BARS * rows.interval_ms
    return workspace.candles.read_candles(rows.symbol, rows.interval, start_ms, first_ms)


def _references(
    workspace: Workspace, rows: RawCandles, accepted: Mapping[str, Candles]
) -> dict[str, Candles]:
    """Return candles that are believed already and overlap the rows in time: the same market's, and others'."""
    start_ms, stop_ms = int(rows.open_time_ms[0]), int(rows.open_time_ms[-1]) + rows.interval_ms
    spans = [span for span in workspace.candles.series() if span.interval == rows.interval]
    overlapping = [span for span in spans if span.first_open_ms < stop_ms and span.end_ms > start_ms]
    others = [span.symbol for span in overlapping if span.symbol != rows.symbol][:MOST_REFERENCES]
    own = [span.symbol for span in overlapping if span.symbol == rows.symbol]
    stored = {
        symbol: workspace.candles.read_candles(symbol, rows.interval, start_ms, stop_ms)
        for symbol in (*own, *others)
    }
    more = list(accepted.items())[: MOST_REFERENCES - len(others)]
    return {**{symbol: candles.between(start_ms, stop_ms) for symbol, candles in more}, **stored}


def _row_faults(rows: RawCandles, checked: CheckedRows) -> Iterator[tuple[int, FaultyRow]]:
    """Each failing row once, with the first check that it fails."""
    seen: set[int] = set()
    for check, failing in checked.failing.items():
        for row in map(int, failing):
            if row not in seen:
                seen.add(row)
                yield row, rows.fault(row, check, checked.reason(check, row))


def _refuse_series(rows: RawCandles, report: ValidationReport) -> None:
    """Refuse the whole series for a check that no single row is to blame for."""
    broken = [check for check in report.failed("stop") if check.scope == "table"]
    if broken:
        raise InvalidCandles(
            f"{rows.title}: {rows.symbol} {rows.interval} is refused, nothing of it was stored: "
            + "; ".join(f"{check.name}: {check.briefly}" for check in broken)
        )


def _refuse_too_faulty(rows: RawCandles, kept: BoolArray, faults: Mapping[int, FaultyRow]) -> None:
    count = int((~kept).sum())
    if count > FEW_ROWS and count > MOST_FAULTY_SHARE * len(rows):
        first = faults[min(faults)]
        raise InvalidCandles(
            f"{rows.title}: {count:,} of {len(rows):,} rows fail, the first is {first.place} ({first.check}: "
            f"{first.reason}): so many that the rest cannot be trusted; check columns, time zone and interval"
        )


def _fault_notes(faults: Sequence[FaultyRow]) -> Iterator[str]:
    for check, count in Counter(fault.check for fault in faults).items():
        first = next(fault for fault in faults if fault.check == check)
        yield f"{count:,} row(s) kept out ({check}), the first is {first.place}: {first.reason}"


def _warnings(report: ValidationReport) -> Iterator[str]:
    for check in report.failed("warn"):
        if check.name not in COUNTED:
            yield f"{check.name}: {check.briefly}"
