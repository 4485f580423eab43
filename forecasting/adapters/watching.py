"""Models in production, and the version before each, held against what came true since they serve."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from forecasting.adapters.matured import MaturedRows, matured_rows
from forecasting.adapters.promotion.moves import newest_moves
from forecasting.adapters.promotion.pointer import Move, Placed, Pointer, read_pointer
from forecasting.adapters.store.breaker_book import BreakerBook, Watched
from forecasting.adapters.store.collections import DECISIONS
from forecasting.adapters.store.monitor_book import Demand, MonitorBook, Monitored
from forecasting.adapters.workspace import Workspace
from forecasting.errors import DamagedBundle, UnknownVersion
from forecasting.features.specification import own_features
from forecasting.forecaster.bundle import Bundle, read_bundle
from forecasting.horizons import Horizon
from forecasting.licence.stakes import stakes_of
from forecasting.monitoring.coverage import MOMENTS, Coverage
from forecasting.monitoring.following import Following
from forecasting.monitoring.live import LiveFigures, Matured, live_figures
from forecasting.monitoring.trip import UNCOVERED
from forecasting.planning import base_series

_log = logging.getLogger(__name__)

LIVE_BARS = 1_000  # figures speak of the newest; evidence of all
_PLACING = ("promote", "rollback", "demote", "adopt")


@dataclass(frozen=True, slots=True)
class VersionWatch:
    """One version: the evidence against it, what it did, and what it was promoted with.

    Attributes
    ----------
    placed
        The version.
    monitored
        The evidence, and whether it must go.
    figures
        Of the forecasts that matured since it serves, at most 1,000 bars.
    promised
        The same figures on the rows that the gate judged it by; None where no decision is known.
    coverage
        The breaker over its 90 % interval.
    """

    placed: Placed
    monitored: Monitored
    figures: LiveFigures
    promised: LiveFigures | None
    coverage: Coverage


@dataclass(frozen=True, slots=True)
class ModelWatch:
    """What serves for one horizon, and what one step back leads to."""

    horizon: str
    pointer: Pointer
    production: VersionWatch
    previous: VersionWatch | None


def watch_model(workspace: Workspace, horizon: Horizon, now_ms: int) -> ModelWatch | None:
    """Hold what serves against all that matured by now; nothing is written. None where naive serves.

    Raises
    ------
    StoreUnavailable, RegistryUnavailable
        The store cannot be read, or a bundle is not on this machine and MLflow cannot be asked.
    DamagedBundle
        A bundle cannot be loaded.
    """
    pointer = read_pointer(workspace.store, horizon.model_name)
    if pointer is None or pointer.production is None:
        return None
    production = _watch_version(workspace, horizon, pointer, pointer.production, now_ms)
    return ModelWatch(horizon.name, pointer, production, _watch_previous(workspace, horizon, pointer, now_ms))


def keep_watch(workspace: Workspace, watch: ModelWatch) -> bool:
    """Keep the evidence and open the breaker; False when another run was first, which then has counted these bars."""
    versions = [watch.production, *([] if watch.previous is None else [watch.previous])]
    kept = [MonitorBook(workspace.store).replace(each.monitored) for each in versions]
    if not all(kept):
        return False
    for each in versions:
        if each.coverage.trip is not None:
            watched = Watched(watch.pointer.model_name, each.placed.model_id, each.placed.digest)
            BreakerBook(workspace.store).open(watched, each.coverage.trip)
    return True


def _watch_previous(
    workspace: Workspace, horizon: Horizon, pointer: Pointer, now_ms: int
) -> VersionWatch | None:
    if pointer.previous is None:
        return None
    try:
        return _watch_version(workspace, horizon, pointer, pointer.previous, now_ms)
    except (DamagedBundle, UnknownVersion) as error:  # one that cannot be loaded cannot serve instead either
        _log.warning("the version before production cannot be watched: %s", error)
        return None


def _watch_version(
    workspace: Workspace, horizon: Horizon, pointer: Pointer, placed: Placed, now_ms: int
) -> VersionWatch:
    bundle = _bundle(workspace, horizon, placed)
    newest_ms = _newest_close(workspace, bundle)
    kept = _kept(workspace, pointer, placed, bundle, newest_ms)
    following = kept.following
    figures_from_ms = max(following.since_ms, newest_ms - LIVE_BARS * horizon.base_interval_ms)
    from_ms = min(following.next_ms, figures_from_ms)
    rows = matured_rows(workspace, bundle, placed.recipe, following.first_ms, from_ms)
    live = None if rows is None else rows.matured.since(figures_from_ms)
    return VersionWatch(
        placed,
        _counted(kept, rows, pointer, now_ms),
        LiveFigures.none() if live is None else live_figures(live),
        promised_figures(workspace, horizon.name, placed),
        Coverage()
        if rows is None or live is None
        else _coverage(workspace, placed, live, rows.bars.horizon_bars, now_ms),
    )


def _bundle(workspace: Workspace, horizon: Horizon, placed: Placed) -> Bundle:
    version = workspace.registry.version(horizon.model_name, placed.version)
    bundle = read_bundle(workspace.registry.fetch_bundle(version, workspace.bundle_folder), placed.digest)
    bundle.forecaster.spec = bundle.forecaster.spec.with_own(own_features(horizon))
    return bundle


def _newest_close(workspace: Workspace, bundle: Bundle) -> int:
    series = base_series(workspace.candles.series(), bundle.forecaster.horizon.base_interval)
    symbols = bundle.forecaster.spec.symbols
    return max((span.end_ms for name, span in series.items() if name in symbols), default=0)


def _kept(
    workspace: Workspace, pointer: Pointer, placed: Placed, bundle: Bundle, newest_ms: int
) -> Monitored:
    """Return the state of a version; a new one for what was put in production again after it had to go."""
    model_name, horizon = pointer.model_name, bundle.forecaster.horizon
    kept = MonitorBook(workspace.store).get(model_name, placed.digest)
    if kept is not None and not (kept.demand and _placed_again(workspace, pointer, placed, kept.demand)):
        return kept
    bounds = bundle.manifest.boundaries
    # By the candles' clock too: those of the past that come later are as new to the model.
    since_ms = max(bounds.test_end_ms, min(pointer.moved_ms, newest_ms))
    following = Following.begin(
        bounds.test_start_ms,
        since_ms,
        len(bundle.forecaster.spec.symbols),
        horizon.look_ahead_ms // horizon.base_interval_ms,
        stakes_of(horizon.base_interval_ms),
    )
    return Monitored(model_name, placed.digest, 0 if kept is None else kept.version, following)


def _placed_again(workspace: Workspace, pointer: Pointer, placed: Placed, demand: Demand) -> bool:
    moves = [(each.epoch, each.move) for each in newest_moves(workspace.store, pointer.model_name)]
    return any(
        epoch > demand.epoch and _places(move, placed)
        for epoch, move in [(pointer.epoch, pointer.move), *moves]
    )


def _places(move: Move, placed: Placed) -> bool:
    return move.kind in _PLACING and move.target == placed.version


def _counted(kept: Monitored, rows: MaturedRows | None, pointer: Pointer, now_ms: int) -> Monitored:
    if rows is None:
        return kept
    following = kept.following.take(rows.bars)
    if kept.demand is not None or not following.is_lost:
        return replace(kept, following=following)
    check = following.check
    reason = (
        f"following it since it serves loses against naive: {check.found} after {following.bets:,} bars "
        f"({check.needed} is needed), information coefficient of its bets {following.skill:+.3f}"
    )
    return replace(kept, following=following, demand=Demand(pointer.epoch, reason, now_ms))


def _coverage(
    workspace: Workspace, placed: Placed, live: Matured, horizon_bars: int, now_ms: int
) -> Coverage:
    closed = [
        each.changed_ms
        for each in BreakerBook(workspace.store).of_bundle(placed.digest)
        if each.trip.breaker == UNCOVERED and not each.is_open
    ]
    inside = live.since(max(closed, default=0)).inside_by_moment(1)
    return Coverage(horizon_bars).take(inside[-MOMENTS:].tolist(), now_ms)


def promised_figures(workspace: Workspace, horizon: str, placed: Placed) -> LiveFigures | None:
    """Figures that a version was judged by; None where no decision about it is known."""
    for document in workspace.store.find(DECISIONS, {"horizon": horizon}, sort="decided_ms", descending=True):
        if document["model_id"] == placed.model_id:
            return _judged(document)
    return None


def _judged(document: Mapping[str, Any]) -> LiveFigures:
    comparison = document["evidence"]["comparison"]
    board, coverage = comparison["own"], {}
    for each in document.get("intervals", ()):
        coverage[round(each["level"], 2)] = each["coverage"]
    return LiveFigures(
        rows=board["rows"] or 0,
        issued=0,
        non_overlapping_labels=board["non_overlapping_labels"] or 0,
        coverage_80=coverage.get(0.8),
        coverage_90=coverage.get(0.9),
        rank_ic=comparison["rank_ic"],
        hit_rate=board["candidate"]["directional_accuracy"],
    )
