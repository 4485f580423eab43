"""What became of a file of news, in numbers and notes."""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from forecasting.adapters.news.files import EventFile
from forecasting.adapters.store.event_store import EventChanges
from forecasting.types import DAY_MS, utc_iso


@dataclass(frozen=True, slots=True)
class IngestedEvents:
    """What became of one file of news; rows = added + unchanged + differing + quarantined.

    Attributes
    ----------
    file, rows
        Its name, and how many rows it has.
    added, unchanged, differing
        Events that were new, known, or known with another content, of which the first stays.
    quarantined
        Rows that are kept out.
    first, last
        Timestamps of the first and last event, ISO 8601 UTC.
    untitled, unlinked, with_symbols, ai_related
        Events without a title, without an address, about certain symbols, and about AI.
    sources
        Events by publisher.
    notes
        Everything that was decided on the way.
    """

    file: str
    rows: int
    added: int
    unchanged: int
    differing: int
    quarantined: int
    first: str
    last: str
    untitled: int
    unlinked: int
    with_symbols: int
    ai_related: int
    sources: dict[str, int]
    notes: tuple[str, ...]


def describe_events(file: EventFile, changes: EventChanges) -> IngestedEvents:
    """Sum up what became of a file whose events were stored."""
    first_ms, last_ms = file.records[0].timestamp_ms, file.records[-1].timestamp_ms
    return IngestedEvents(
        file.name,
        changes.added + changes.unchanged + changes.differing + len(file.faults),
        changes.added,
        changes.unchanged,
        changes.differing,
        len(file.faults),
        utc_iso(first_ms),
        utc_iso(last_ms),
        file.untitled,
        file.unlinked,
        sum(bool(record.symbols) for record in file.records),
        sum(record.ai_related for record in file.records),
        dict(Counter(record.source for record in file.records).most_common()),
        (*file.notes, *_notes(file, changes)),
    )


def _notes(file: EventFile, changes: EventChanges) -> Iterator[str]:
    for check, count in Counter(fault.check for fault in file.faults).items():
        first = next(fault for fault in file.faults if fault.check == check)
        yield f"{count:,} row(s) in quarantine: {check}, the first is {first.place}: {first.reason}"
    if changes.differing:
        yield f"{changes.differing:,} event(s) differ from what was received first, which stays"
    silence_ms, before_ms = max(
        ((after.timestamp_ms - before.timestamp_ms, before.timestamp_ms)
         for before, after in itertools.pairwise(file.records)),
        default=(0, 0),
    )  # fmt: skip
    if silence_ms > DAY_MS:
        yield (
            f"the longest silence is {silence_ms / DAY_MS:.1f} days from {utc_iso(before_ms)}: it counts as covered, that is "
            f"as time without news; where news is missing instead, ingest what lies before and after as two files"
        )
