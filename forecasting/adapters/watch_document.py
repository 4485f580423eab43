"""How people read what a model does in production: a document, and a line for each version's live and promised figures."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from forecasting.adapters.demoting import goal
from forecasting.adapters.promotion.pointer import NAIVE, Pointer
from forecasting.adapters.watching import ModelWatch, VersionWatch
from forecasting.licence.demotion import THRESHOLD
from forecasting.types import utc_iso

FIGURES = ("rows", "coverage_80", "coverage_90", "rank_ic", "hit_rate")


def watch_document(watch: ModelWatch, moved: Pointer | None = None) -> dict[str, Any]:
    """All that was found of one model, for machines; `moved` is the pointer after a demotion."""
    versions = {"production": watch.production, "previous": watch.previous}
    return {
        "horizon": watch.horizon,
        "model_name": watch.pointer.model_name,
        "outcome": _outcome(watch, moved),
        "demoted": moved is not None,
        "threshold": THRESHOLD,
        "versions": [_version(role, each) for role, each in versions.items() if each is not None],
    }


def watch_lines(document: Mapping[str, Any]) -> list[dict[str, Any]]:
    """One flat record for the live figures of each version, and one for those that it was judged by."""
    return [
        {"version": version["version"], "role": version["role"], "figures": kind}
        | {
            "bars": version["bars"] if kind == "live" else None,
            "evidence of a loss": version["evidence"] if kind == "live" else None,
        }
        | {name: (version[kind] or {}).get(name) for name in FIGURES}
        for version in document["versions"]
        for kind in ("live", "promised")
    ]


def _version(role: str, watch: VersionWatch) -> dict[str, Any]:
    following, demand = watch.monitored.following, watch.monitored.demand
    return {
        "role": role,
        "version": watch.placed.version,
        "model_id": watch.placed.model_id,
        "since": utc_iso(following.since_ms),
        "counted_until": utc_iso(following.next_ms),
        "bars": following.bets,
        "evidence": math.exp(min(following.losses.log_evidence, 700.0)),
        "worst_evidence": math.exp(min(following.worst_log_evidence, 700.0)),
        "skill": following.skill,
        "demand": None if demand is None else demand.reason,
        "breaker": None if watch.coverage.trip is None else watch.coverage.trip.reason,
        "live": asdict(watch.figures),
        "promised": None if watch.promised is None else asdict(watch.promised),
    }


def _outcome(watch: ModelWatch, moved: Pointer | None) -> str:
    production = watch.production
    if moved is not None:
        serving = "naive" if moved.production is None else f"version {moved.production.version}"
        return f"Version {production.placed.version} was demoted, {serving} serves: {moved.move.reason}."
    if production.monitored.demand is not None:
        instead = NAIVE if goal(watch) == NAIVE else "the version before it"
        return f"Version {production.placed.version} must go, {instead} shall serve."
    return f"Version {production.placed.version} stays."
