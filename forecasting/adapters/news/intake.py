"""The one door into the event store for files: every row is stored, known already, or in quarantine."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from forecasting.adapters.expectations.checked_rows import CheckedRows
from forecasting.adapters.expectations.events import check_events
from forecasting.adapters.intake import FEW_ROWS, MOST_FAULTY_SHARE, QUARANTINED
from forecasting.adapters.news.files import EventFile, EventReading, read_events_file
from forecasting.adapters.news.records import event_from_content
from forecasting.adapters.news.report import IngestedEvents, describe_events
from forecasting.adapters.quarantine_decisions import RELEASED_BY
from forecasting.adapters.store.alerts import AlertBook
from forecasting.adapters.store.event_store import EventChanges
from forecasting.adapters.store.quarantine import EVENT, Origin, row_id
from forecasting.adapters.workspace import Workspace
from forecasting.errors import InvalidEvents, InvalidSettings
from forecasting.events import EventRecord
from forecasting.quality.raw import FaultyRow
from forecasting.types import utc_iso


@dataclass(frozen=True, slots=True)
class Cover:
    """Span that the user says the files are complete in, epoch milliseconds UTC; None leaves a side to their rows."""

    from_ms: int | None = None
    until_ms: int | None = None


@dataclass(frozen=True, slots=True, eq=False)
class EventInspection:
    """A file of news after inspection; nothing is stored yet.

    Attributes
    ----------
    file
        Its events that may be stored, and its faulty rows.
    checked
        What the suite found.
    released
        Events of rows that a person released from quarantine; they say nothing of the span that is covered.
    """

    file: EventFile
    checked: CheckedRows
    released: tuple[EventRecord, ...] = ()

    @property
    def span_ms(self) -> tuple[int, int]:
        """Timestamps of its first and last event."""
        return self.file.records[0].timestamp_ms, self.file.records[-1].timestamp_ms


def inspect_event_files(
    workspace: Workspace, paths: Sequence[Path], reading: EventReading, suite: Path, now_ms: int
) -> list[EventInspection]:
    """Read files of news and hold them against the events' suite; nothing is stored.

    Parameters
    ----------
    workspace
        Rows that a person released from its quarantine are let through.
    paths, reading
        The files, and what the user says about them.
    suite
        JSON file of the events' suite.
    now_ms
        Moment of the ingestion, epoch milliseconds UTC.

    Raises
    ------
    InputError
        A file cannot be read or does not prove what it means, or so many of its rows are faulty that the rest
        cannot be trusted.
    """
    if not paths:
        raise InvalidSettings("no file of news was named: name at least one")
    files = (read_events_file(path, reading, now_ms) for path in paths)
    inspections = [inspect_events(workspace, each, suite, now_ms) for each in files]
    for each in inspections:
        _refuse_too_faulty(each.file)
    return inspections


def take_in_events(
    workspace: Workspace, inspections: Sequence[EventInspection], cover: Cover, now_ms: int
) -> list[IngestedEvents]:
    """Store what was inspected, faulty rows first, so that none is lost if the process ends in between.

    Each file covers the span from its first to its last event. Where `cover` says more, the files together cover
    that span.

    Raises
    ------
    InvalidSettings
        The span that is said to be covered ends in the future, or events lie outside of it.
    """
    said = _said_span(inspections, cover, now_ms)
    ingested = [describe_events(each.file, store_inspected(workspace, each, now_ms)) for each in inspections]
    if said is not None:
        workspace.events.write([], *said, now_ms, ", ".join(each.file.name for each in inspections))
    return ingested


def store_inspected(workspace: Workspace, inspection: EventInspection, now_ms: int) -> EventChanges:
    """Store one inspection, faulty rows first; the events cover the span from the first to the last of them."""
    file, changes = inspection.file, EventChanges()
    _hold_faults(workspace, file, now_ms)
    if file.records:
        changes += workspace.events.write(file.records, *inspection.span_ms, now_ms, file.name)
    for record in inspection.released:
        at_ms = record.timestamp_ms
        changes += workspace.events.write([record], at_ms, at_ms, now_ms, RELEASED_BY)
    return changes


def preview_events(
    workspace: Workspace, inspections: Sequence[EventInspection], cover: Cover, now_ms: int
) -> list[IngestedEvents]:
    """Tell what `take_in_events` would do with each file alone; nothing is written."""
    _said_span(inspections, cover, now_ms)
    return [
        describe_events(each.file, workspace.events.compare((*each.file.records, *each.released)))
        for each in inspections
    ]


def inspect_events(workspace: Workspace, file: EventFile, suite: Path, now_ms: int) -> EventInspection:
    """Hold events against their suite, however many of them are faulty; nothing is stored.

    Raises
    ------
    InvalidEvents
        Something is wrong with the events as a table.
    """
    checked = check_events(file.records, suite, now_ms)
    broken = [check for check in checked.report.failed("stop") if check.scope == "table"]
    if broken:
        raise InvalidEvents(f"{file.name}: {checked.report.reason}")
    failing = dict(_suite_faults(file, checked))
    kept = [row for row in range(len(file.records)) if row not in failing]
    faults, released = _decided(workspace, file, (*file.faults, *failing.values()))
    chosen = replace(
        file,
        records=tuple(file.records[row] for row in kept),
        places=tuple(file.places[row] for row in kept),
        faults=faults,
        notes=(*file.notes, f"{len(released):,} row(s) let through, {RELEASED_BY}")
        if released
        else file.notes,
    )
    return EventInspection(chosen, checked, released)


def _decided(
    workspace: Workspace, file: EventFile, faults: Sequence[FaultyRow]
) -> tuple[tuple[FaultyRow, ...], tuple[EventRecord, ...]]:
    """Part the faulty rows from the events of those that a person released."""
    origin = _origin(file)
    released = workspace.quarantine.released_ids(origin)
    kept_out = tuple(fault for fault in faults if row_id(origin, fault) not in released)
    let_through = [fault for fault in faults if row_id(origin, fault) in released]
    return kept_out, tuple(event_from_content(fault.content) for fault in let_through)


def _origin(file: EventFile) -> Origin:
    """Say what its rows were meant to be."""
    return Origin(EVENT, "", "", file.name)


def _suite_faults(file: EventFile, checked: CheckedRows) -> Iterator[tuple[int, FaultyRow]]:
    """Each failing row with the first check that it fails."""
    first = {row: check for check, failing in reversed(checked.failing.items()) for row in failing.tolist()}
    for row, check in first.items():
        record = file.records[row]
        reason = checked.reason(check, row)
        yield row, FaultyRow(check, reason, file.places[row], record.timestamp_ms, _fields(record))


def _fields(record: EventRecord) -> dict[str, float | str | None]:
    """Fields of which `event_from_content` makes the event again."""
    texts = {name: getattr(record, name) or None for name in ("title", "url", "source", "category")}
    symbols, ai = ",".join(record.symbols) or None, str(record.ai_related).lower()
    return {**texts, "symbols": symbols, "ai": ai, "timestamp": utc_iso(record.timestamp_ms)}


def _refuse_too_faulty(file: EventFile) -> None:
    faults, rows = file.faults, file.rows
    if not file.records or (len(faults) > FEW_ROWS and len(faults) > MOST_FAULTY_SHARE * rows):
        first = faults[0]
        raise InvalidEvents(
            f"{file.name}: {len(faults):,} of {rows:,} rows fail, the first is {first.place} ({first.check}: "
            f"{first.reason}): so many that the rest cannot be trusted; check --columns, --date-order and --time-zone"
        )


def _said_span(inspections: Sequence[EventInspection], cover: Cover, now_ms: int) -> tuple[int, int] | None:
    if cover == Cover():
        return None
    first, last = (edge(each.span_ms[side] for each in inspections) for side, edge in enumerate((min, max)))
    from_ms = first if cover.from_ms is None else cover.from_ms
    until_ms = last if cover.until_ms is None else cover.until_ms
    if until_ms > now_ms:
        raise InvalidSettings(
            f"--covers-until {utc_iso(until_ms)} lies in the future: news until {utc_iso(now_ms)} at most can be complete"
        )
    if not from_ms <= first <= last <= until_ms:
        raise InvalidSettings(
            f"the files hold events from {utc_iso(first)} to {utc_iso(last)}, which do not lie inside "
            f"{utc_iso(from_ms)} to {utc_iso(until_ms)}: correct --covers-from or --covers-until"
        )
    return from_ms, until_ms


def _hold_faults(workspace: Workspace, file: EventFile, now_ms: int) -> None:
    held = workspace.quarantine.hold(_origin(file), file.faults, now_ms)
    if held:
        checks = dict(Counter(fault.check for fault in file.faults))
        facts = {"source": file.name, "rows": held, "checks": checks}
        AlertBook(workspace.store).raise_alert(QUARANTINED, facts)
