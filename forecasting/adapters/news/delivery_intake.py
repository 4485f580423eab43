"""The door for events that a program hands over: the one that files go through, each event judged for itself.

A file is refused as a whole where many of its rows are faulty, for then it was read wrongly. Here nothing was read: the
sender said what each field means, so a faulty event goes to quarantine alone, and is never lost.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from forecasting.adapters.ingestion import demand_one_world
from forecasting.adapters.news.delivery import FIELDS, DeliveredEvents, Delivery, HeldEvent
from forecasting.adapters.news.files import EventReading, events_of_table
from forecasting.adapters.news.intake import inspect_events, store_inspected
from forecasting.adapters.news.table import EventTable
from forecasting.adapters.store.event_store import EventChanges
from forecasting.adapters.workspace import Workspace
from forecasting.errors import InvalidSettings
from forecasting.quality.raw import FaultyRow
from forecasting.types import utc_iso

MOST_TOLD = 50
MOST_REASON = 300

_PLACE = re.compile(r"events\[(\d+)\]")


def take_in_delivery(workspace: Workspace, delivery: Delivery, suite: Path, now_ms: int) -> DeliveredEvents:
    """Store what was delivered, or say which events went to quarantine; the same again changes nothing.

    Parameters
    ----------
    workspace, delivery
        Where to, and what.
    suite
        JSON file of the events' suite.
    now_ms
        Moment of the delivery, epoch milliseconds UTC.

    Raises
    ------
    InvalidSettings
        The workspace holds simulated candles, or the covered span ends in the future or does not hold the events.
    InvalidEvents
        Something is wrong with the events as a table.
    AmbiguousInput
        None of them says who published it.
    StoreUnavailable
        The store cannot be used.
    """
    demand_one_world(workspace.candles, simulated=False)
    if not delivery.events:
        return _covered(workspace, delivery, (), DeliveredEvents(0, 0, 0, 0, (), ()), now_ms)
    rows = tuple(tuple(each.get(word) for word in FIELDS) for each in delivery.events)
    places = tuple(f"events[{number}]" for number in range(len(rows)))
    file = events_of_table(
        EventTable(delivery.name, FIELDS, rows, places), EventReading(columns=FIELDS), now_ms
    )
    _demand_inside(delivery, [each.timestamp_ms for each in file.records], now_ms)
    inspection = inspect_events(workspace, file, suite, now_ms)
    changes = store_inspected(workspace, inspection, now_ms)
    told = _told(changes, inspection.file.faults, inspection.file.notes)
    times = [each.timestamp_ms for each in inspection.file.records]
    return _covered(workspace, delivery, times, told, now_ms)


def _covered(
    workspace: Workspace, delivery: Delivery, times: Sequence[int], told: DeliveredEvents, now_ms: int
) -> DeliveredEvents:
    """Say that the span is complete where nothing of it is kept out."""
    if delivery.covers_ms is None or told.quarantined:
        return told
    _demand_inside(delivery, times, now_ms)
    workspace.events.write([], *delivery.covers_ms, now_ms, delivery.name)
    return replace(told, covered=True)


def _demand_inside(delivery: Delivery, times: Sequence[int], now_ms: int) -> None:
    if delivery.covers_ms is None:
        return
    from_ms, until_ms = delivery.covers_ms
    if not from_ms <= until_ms <= now_ms:
        raise InvalidSettings(
            f"the covered span ends {utc_iso(until_ms)}: after its begin, and {utc_iso(now_ms)} at the latest, is needed"
        )
    if times and not from_ms <= min(times) <= max(times) <= until_ms:
        raise InvalidSettings(
            f"the events reach from {utc_iso(min(times))} to {utc_iso(max(times))}: a covered span that holds them is needed"
        )


def _told(changes: EventChanges, faults: Sequence[FaultyRow], notes: Sequence[str]) -> DeliveredEvents:
    held = [
        HeldEvent(int(found[1]), each.check, each.reason[:MOST_REASON])
        for each in faults
        if (found := _PLACE.fullmatch(each.place)) is not None
    ]
    first = tuple(sorted(held, key=lambda each: each.index)[:MOST_TOLD])
    return DeliveredEvents(
        changes.added, changes.unchanged, changes.differing, len(faults), first, tuple(notes)
    )
