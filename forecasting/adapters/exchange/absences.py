"""What sources were asked for and do not have, remembered so that it is not asked for at every run."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from forecasting.adapters.exchange.plan import Absence, without_runs
from forecasting.adapters.store.collections import ABSENCES
from forecasting.adapters.store.port import ID, DocumentStore, Span
from forecasting.candles import Gap
from forecasting.types import interval_ms


class Absences:
    """Absences of one symbol and interval at one source, over a `DocumentStore`."""

    def __init__(self, store: DocumentStore, symbol: str, interval: str, source: str) -> None:
        self.symbol = symbol
        self.interval = interval
        self._store = store
        self._series: dict[str, str | int] = {"symbol": symbol, "interval": interval, "source": source}

    def read(self) -> list[Absence]:
        """All of them, oldest first."""
        return [_absence(each) for each in self._store.find(ABSENCES, self._series, sort="start_ms")]

    def replace(self, start_ms: int, stop_ms: int, absent: Sequence[Gap], asked_ms: int) -> None:
        """Remember the answer for the span [start, stop) of open times; what was known outside of it stays.

        Nothing is forgotten before its successor is written, so a crash in between costs no answer.
        """
        step = interval_ms(self.interval)
        span = Gap(start_ms, (stop_ms - start_ms) // step)
        old = self._overlapping(span, stop_ms, step)
        outside = [
            Absence(run.start_ms, run.bars, each.asked_ms)
            for each in old
            for run in without_runs([Gap(each.start_ms, each.bars)], [span], step)
        ]
        new = [*outside, *(Absence(run.start_ms, run.bars, asked_ms) for run in absent)]
        self._store.put_many(ABSENCES, [self._document(each) for each in new])
        for start in {each.start_ms for each in old} - {each.start_ms for each in new}:
            self._store.delete(ABSENCES, self._id(start))

    def _overlapping(self, span: Gap, stop_ms: int, step_ms: int) -> list[Absence]:
        # Absences do not overlap, so one at most begins before the span and reaches into it.
        found = self._store.find(
            ABSENCES, self._series, Span("start_ms", None, stop_ms), sort="start_ms", descending=True, limit=span.bars + 1,
        )  # fmt: skip
        return [each for each in map(_absence, found) if each.stop_ms(step_ms) > span.start_ms]

    def _document(self, absence: Absence) -> dict[str, str | int]:
        facts = {"start_ms": absence.start_ms, "bars": absence.bars, "asked_ms": absence.asked_ms}
        return {ID: self._id(absence.start_ms), **self._series, **facts}

    def _id(self, start_ms: int) -> str:
        return "|".join((*map(str, self._series.values()), str(start_ms)))


def _absence(document: Mapping[str, Any]) -> Absence:
    return Absence(int(document["start_ms"]), int(document["bars"]), int(document["asked_ms"]))
