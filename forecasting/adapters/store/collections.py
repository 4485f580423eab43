"""All collections of the document store their fields and what they are searched by, declared once."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import pairwise
from types import MappingProxyType

from forecasting.adapters.store.port import VERSION, Collection

CANDLE_BLOCKS = "candle_blocks"
EVENTS = "events"
EVENT_COVERAGE = "event_coverage"
VALIDATIONS = "validations"
DECISIONS = "decisions"
RELEASES = "releases"
SETTINGS = "settings"
LEASES = "leases"
QUARANTINE = "quarantine"
ALERTS = "alerts"
ABSENCES = "absences"
SERVED_FORECASTS = "served_forecasts"
REPEATED_FORECASTS = "repeated_forecasts"
RUNS = "runs"
FORECAST_LEDGER = "forecast_ledger"
ALPHA_LEDGER = "alpha_ledger"
ALPHA_HEAD = "alpha_head"
LICENCES = "licences"
LOCKBOXES = "lockboxes"
JUDGED_ROWS = "judged_rows"
POINTERS = "pointers"
MOVES = "moves"
MIRRORS = "mirrors"
BREAKERS = "breakers"
MONITORS = "monitors"
WATCHES = "watches"
MODEL_CARDS = "model_cards"
JOBS = "jobs"
API_KEYS = "api_keys"
MODEL_SETTINGS = "model_settings"

_SERIES = {"symbol": str, "interval": str}
_BLOCK = {"start_ms": int, "last_ms": int, "rows": int, VERSION: int, "digest": str}
_ISSUED = ("usable_from_ms", "first_issued_ms", "last_issued_ms", "least_lag_ms", "rows")
_BLOCK_BYTES = {"payload": bytes, "received": bytes, "superseded": bytes}

COLLECTIONS: Mapping[str, Collection] = MappingProxyType(
    {
        each.name: each
        for each in (
            Collection(
                CANDLE_BLOCKS,
                {**_SERIES, **_BLOCK, **_BLOCK_BYTES},
                unique=(("symbol", "interval", "start_ms"),),
            ),
            Collection(EVENTS, {"timestamp_ms": int, "received_ms": int}, indexes=(("timestamp_ms",),)),
            Collection(EVENT_COVERAGE, {"from_ms": int, "until_ms": int, "received_ms": int}),
            Collection(
                VALIDATIONS,
                {"suite": str, **_SERIES, "checked_at_ms": int},
                indexes=(("symbol", "interval", "checked_at_ms"), ("suite", "checked_at_ms")),
            ),
            Collection(
                DECISIONS,
                {"horizon": str, "model_id": str, "decided_ms": int},
                indexes=(("horizon", "decided_ms"), ("decided_ms",), ("model_id", "decided_ms")),
                append_only=True,
            ),
            Collection(
                RELEASES,
                {**dict.fromkeys(("model_name", "who", "why"), str), "released_ms": int},
                indexes=(("model_name", "released_ms"),),
                append_only=True,
            ),
            Collection(
                FORECAST_LEDGER,
                {
                    **dict.fromkeys(("recipe", "symbol", "horizon", "origin", "bundle", "digest"), str),
                    **dict.fromkeys(_ISSUED, int),
                    "payload": bytes,
                },
                indexes=(("recipe", "first_issued_ms"), ("horizon", "origin", "first_issued_ms")),
                ordered=(*pairwise(_ISSUED[:3]), (0, _ISSUED[3])),
                append_only=True,
            ),
            Collection(
                ALPHA_LEDGER,
                {**dict.fromkeys(("kind", "horizon", "recipe", "digest"), str), "position": int, "year": int},
                unique=(("position",),),
                append_only=True,
            ),
            Collection(ALPHA_HEAD, {"digest": str, VERSION: int}),
            Collection(
                LICENCES,
                {"recipe": str, "horizon": str, "granted_ms": int},
                indexes=(("horizon", "granted_ms"),),
                append_only=True,
            ),
            Collection(
                JUDGED_ROWS,
                {"horizon": str, "first_ms": int},
                indexes=(("horizon", "first_ms"),),
                append_only=True,
            ),
            Collection(LOCKBOXES, {"horizon": str, "fixed_ms": int}, append_only=True),
            Collection(POINTERS, {"fence": int, "moved_ms": int, VERSION: int}),
            Collection(
                MOVES,
                {**dict.fromkeys(("model_name", "kind", "via"), str), "epoch": int, "at_ms": int},
                indexes=(("model_name", "epoch"), ("at_ms",)),
                append_only=True,
            ),
            Collection(MIRRORS, {VERSION: int}),
            Collection(
                BREAKERS,
                {
                    **dict.fromkeys(("bundle", "model_name", "state"), str),
                    "changed_ms": int,
                    VERSION: int,
                },
                indexes=(("bundle",), ("state", "changed_ms")),
            ),
            Collection(MONITORS, {"model_name": str, VERSION: int}, indexes=(("model_name",),)),
            Collection(WATCHES, {"watched_ms": int}),
            Collection(
                MODEL_CARDS,
                {"model_name": str, "model_id": str, "registered_ms": int, "details": bytes},
                indexes=(("model_id",), ("model_name", "registered_ms"), ("registered_ms",)),
            ),
            Collection(
                JOBS,
                {"kind": str, "requested_ms": int, VERSION: int},
                indexes=(("kind", "requested_ms"), ("requested_ms",)),
            ),
            Collection(
                QUARANTINE,
                {"kind": str, **_SERIES, "source": str, "check": str, "state": str, "quarantined_ms": int},
                indexes=(("kind", "symbol", "interval", "quarantined_ms"), ("quarantined_ms",)),
            ),
            Collection(
                ALERTS, {"kind": str, "raised_ms": int}, indexes=(("kind", "raised_ms"), ("raised_ms",))
            ),
            Collection(
                ABSENCES,
                {**_SERIES, "source": str, "start_ms": int},
                indexes=(("symbol", "interval", "source", "start_ms"),),
            ),
            Collection(
                SERVED_FORECASTS,
                {
                    **dict.fromkeys(("symbol", "horizon", "model_id"), str),
                    **dict.fromkeys(("served_ms", "as_of_ms", "label_end_ms"), int),
                },
                indexes=(("symbol", "horizon", "served_ms"), ("served_ms",)),
            ),
            Collection(REPEATED_FORECASTS, {"of": str, "asked_ms": int, "served_ms": int}),
            Collection(
                RUNS,
                {
                    **dict.fromkeys(("strategy", "horizon", "symbols"), str),
                    "simulated_ms": int,
                    **dict.fromkeys(("curve", "trades"), bytes),
                },
                indexes=(("horizon", "simulated_ms"), ("strategy", "simulated_ms"), ("simulated_ms",)),
            ),
            Collection(API_KEYS, {"digest": str, "created_ms": int}, unique=(("digest",),)),
            Collection(
                MODEL_SETTINGS,
                {VERSION: int, "changed_ms": int, "who": str},
                indexes=((VERSION,), ("changed_ms",)),
                append_only=True,
            ),
            Collection(SETTINGS),
            Collection(LEASES, {"holder": str, "until_ms": int, VERSION: int}),
        )
    }
)
