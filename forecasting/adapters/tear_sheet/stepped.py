"""What only the tear sheet of a live simulation tells: what the gate decided, and who forecast."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from forecasting.adapters.report.markup import escaped, moment, number, section, table

LIVE = frozenset({"decisions", "speakers"})
"""Names that are tables of their own among what is kept of how the forecasts were made."""

_DECIDED = ("trained, UTC", "candidate", "outcome", "first reason")


def live_sections(forecasts: Mapping[str, Any]) -> Iterator[str]:
    """Two tables, each decision and each speaker; nothing where the days were not stepped through."""
    if not set(forecasts) >= LIVE:
        return
    decided = map(_decided, forecasts["decisions"])
    yield section("Decisions of the gate", table(_DECIDED, decided, words=len(_DECIDED)))
    spoke = map(_spoke, forecasts["speakers"])
    yield section("Who forecast", table(("model", "evidence", "closes"), spoke, words=2))


def _decided(each: Mapping[str, Any]) -> tuple[str, ...]:
    words = (moment(each["at_ms"]), each["candidate"] or "none", each["outcome"], each["reason"])
    return tuple(map(escaped, words))


def _spoke(each: Mapping[str, Any]) -> tuple[str, ...]:
    return escaped(each["model_id"]), escaped(each["evidence"] or "no model"), number(each["closes"], 0)
