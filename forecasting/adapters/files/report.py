"""What an importer found: rows of one market and interval from one or several files, and how they came about."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from forecasting.quality.raw import RawCandles


@dataclass(frozen=True, slots=True, eq=False)
class ImportReport:
    """Rows of one market and interval, in the order of the files; nothing is known of their values.

    Attributes
    ----------
    rows
        Every row that has a time.
    notes
        Everything that was decided, assumed or left out, with counts.
    facts
        What was found without a doubt: what says the order of the columns, the unit and the zone of the times.
    """

    rows: RawCandles
    notes: tuple[str, ...]
    facts: tuple[str, ...] = ()

    @property
    def symbol(self) -> str:
        """Unified market name."""
        return self.rows.symbol

    @property
    def interval(self) -> str:
        """Candle length."""
        return self.rows.interval

    @property
    def source(self) -> str:
        """File name, or the first and last of several files that were joined."""
        return self.rows.title


def join_reports(parts: Sequence[ImportReport]) -> ImportReport:
    """Join files of one market and interval; at least one is needed."""
    first, *others = (part.rows for part in parts)
    notes = [[(part.source, note) for note in part.notes] for part in parts]
    facts = [[(part.source, fact) for fact in part.facts] for part in parts]
    return ImportReport(first.join(others), tuple(_joint(notes)), tuple(_joint(facts)))


def _joint(told: Sequence[Sequence[tuple[str, str]]]) -> Iterator[str]:
    """Tell a note that several files share once, with their number."""
    counts = Counter(note for part in told for _, note in part)
    sources = {note: source for part in reversed(told) for source, note in reversed(part)}
    for note, count in counts.items():
        if len(told) == 1:
            yield note
        elif count > 1:
            yield f"{note} ({count} of {len(told)} files)"
        else:
            yield f"{sources[note]}: {note}"
