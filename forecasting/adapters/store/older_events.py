"""Events of an older Foretick, which kept no moment of receipt and knew an event by all of its content."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from forecasting.adapters.store.collections import EVENT_COVERAGE, EVENTS
from forecasting.adapters.store.port import ID, DocumentStore

OLDER_COVERAGE = "all"
LONG_AGO_MS = 0


def adopt_older(store: DocumentStore, current_id: Callable[[Mapping[str, Any]], str]) -> None:
    """Give such events the id they have now, as received before anything else; a second call finds none.

    The coverage goes last: a process that is killed in between leaves the rest for the next one.
    """
    older = store.get(EVENT_COVERAGE, OLDER_COVERAGE)
    if older is None:
        return
    events = [each for each in store.find(EVENTS, sort="timestamp_ms") if "received_ms" not in each]
    adopted = [{**each, ID: current_id(each), "received_ms": LONG_AGO_MS} for each in events]
    store.put_new(EVENTS, adopted)
    for each in events:
        store.delete(EVENTS, each[ID])
    span = {"from_ms": older["from_ms"], "until_ms": older["until_ms"]}
    store.put_new(EVENT_COVERAGE, [{ID: "older", **span, "received_ms": LONG_AGO_MS, "origin": ""}])
    store.delete(EVENT_COVERAGE, OLDER_COVERAGE)
