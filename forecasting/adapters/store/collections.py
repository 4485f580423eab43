"""All collections of the document store and the fields they are searched by, declared once."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from forecasting.adapters.store.port import Collection

CANDLE_BLOCKS = "candle_blocks"
EVENTS = "events"
EVENT_COVERAGE = "event_coverage"
VALIDATIONS = "validations"
DECISIONS = "decisions"
SETTINGS = "settings"

COLLECTIONS: Mapping[str, Collection] = MappingProxyType(
    {
        each.name: each
        for each in (
            Collection(CANDLE_BLOCKS, (("symbol", "interval", "start_ms"),), ("payload",)),
            Collection(EVENTS, (("timestamp_ms",),)),
            Collection(EVENT_COVERAGE),
            Collection(VALIDATIONS, (("symbol", "interval", "checked_at_ms"),)),
            Collection(DECISIONS, (("horizon", "decided_ms"),)),
            Collection(SETTINGS),
        )
    }
)
