"""The route that shows what models do in production."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

from fastapi import APIRouter, Query

from forecasting.adapters.promotion.pointer import Pointer, read_pointer
from forecasting.adapters.store.breaker_book import BreakerBook, KeptBreaker
from forecasting.adapters.store.port import DocumentStore
from forecasting.adapters.store.watch_book import WatchBook
from forecasting.horizons import Horizon
from forecasting.types import utc_iso
from serving.routes.service import ServiceOf
from serving.schemas.health import OpenBreaker
from serving.schemas.monitoring import MonitoredModel, Monitoring, MonitoringRequest, PlacedVersion
from serving.web.documentation import reading_problems
from serving.web.limits import StrictJsonRoute
from serving.web.problems import UNKNOWN_HORIZON


def monitoring_routes() -> APIRouter:
    """Make the route that shows what models do in production."""
    router = APIRouter(prefix="/api", tags=["monitoring"], route_class=StrictJsonRoute)

    @router.get(
        "/monitoring",
        responses=reading_problems(UNKNOWN_HORIZON),
        summary="What do models do in production?",
    )
    def monitoring(asked: Annotated[MonitoringRequest, Query()], service: ServiceOf) -> Monitoring:
        """Show what serves, what bars it, and what was found when it was watched last.

        The live figures are those of the hourly flow watch-production, with its time: they need all candles since, which
        no request should wait for.
        """
        asked_for = service.horizons.values() if asked.horizon is None else [service.horizon(asked.horizon)]
        store = service.door.store()
        found = (_monitored(store, each) for each in asked_for)
        return Monitoring(models=[each for each in found if each is not None])

    return router


def _monitored(store: DocumentStore, horizon: Horizon) -> MonitoredModel | None:
    pointer = read_pointer(store, horizon.model_name)
    if pointer is None:
        return None
    watched = WatchBook(store).get(horizon.model_name)
    return MonitoredModel(
        horizon=horizon.name,
        model_name=horizon.model_name,
        production=PlacedVersion.of(pointer.production),
        previous=PlacedVersion.of(pointer.previous),
        moved_at=utc_iso(pointer.moved_ms),
        breakers=_breakers(store, horizon, pointer),
        watched_at=None if watched is None else utc_iso(watched.watched_ms),
        is_current=watched is not None and _speaks_of(watched.found, pointer),
        found=None if watched is None else dict(watched.found),
    )


def _speaks_of(found: Mapping[str, Any], pointer: Pointer) -> bool:
    watched = [each["model_id"] for each in found["versions"] if each["role"] == "production"]
    return pointer.production is not None and watched == [pointer.production.model_id]


def _breakers(store: DocumentStore, horizon: Horizon, pointer: Pointer) -> list[OpenBreaker]:
    if pointer.production is None:
        return []
    kept = BreakerBook(store).of_bundle(pointer.production.digest)
    return [_breaker(horizon, each) for each in kept if each.is_open]


def _breaker(horizon: Horizon, kept: KeptBreaker) -> OpenBreaker:
    return OpenBreaker(
        horizon=horizon.name,
        model_id=kept.watched.model_id,
        breaker=kept.trip.breaker,
        symbol=kept.trip.symbol or None,
        reason=kept.trip.reason,
        since=utc_iso(kept.trip.at_ms),
    )
