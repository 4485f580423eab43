"""The route that Prometheus reads."""

from __future__ import annotations

from collections.abc import Iterator

from fastapi import APIRouter, Response
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.exposition import CONTENT_TYPE_LATEST, generate_latest

from serving.routes.service import Service, ServiceOf
from serving.web.documentation import any_problems
from serving.web.metrics import Meter


def metrics_routes() -> APIRouter:
    """Routes that programs read which watch this one."""
    router = APIRouter(tags=["health"])

    @router.get(
        "/metrics",
        response_class=Response,
        responses={
            **any_problems(),
            200: {
                "content": {"text/plain": {"schema": {"type": "string"}}},
                "description": "Metrics as text.",
            },
        },
        summary="What Prometheus reads",
    )
    async def metrics(service: ServiceOf) -> Response:
        """Count requests and answers, and tell the state of models, breakers, log and store."""
        told = generate_latest(_Told(service.meter, service))
        return Response(told, media_type=CONTENT_TYPE_LATEST)

    return router


class _Told:
    """Everything that is told, as a registry of Prometheus' client."""

    def __init__(self, meter: Meter, service: Service) -> None:
        self.meter = meter
        self.service = service

    def collect(self) -> Iterator[Metric]:
        yield from self.meter.registry.collect()
        yield from _models(self.service)
        yield from _log(self.service)


def _models(service: Service) -> Iterator[Metric]:
    snapshot, now_ms = service.watcher.snapshot, service.clock()
    rungs = GaugeMetricFamily(
        "foretick_rung", "1 for what a horizon is answered from.", labels=("horizon", "source")
    )
    age = GaugeMetricFamily(
        "foretick_model_age_seconds",
        "Time since the newest label that a model was fitted on.",
        labels=("horizon",),
    )
    since = GaugeMetricFamily(
        "foretick_model_in_use_seconds", "Time since a model was taken into use.", labels=("horizon",)
    )
    refused = GaugeMetricFamily(
        "foretick_refused_model", "1 where the version called production cannot be used.", labels=("horizon",)
    )
    breakers = GaugeMetricFamily(
        "foretick_open_breakers", "Breakers that are open.", labels=("horizon", "breaker")
    )
    for horizon in service.horizons:
        rungs.add_metric((horizon, snapshot.source(horizon)), 1)
        refused.add_metric((horizon,), float(horizon in snapshot.refused))
        model = snapshot.models.get(horizon)
        if model is None:
            continue
        age.add_metric((horizon,), (now_ms - model.trained_until_ms) / 1000)
        since.add_metric((horizon,), (now_ms - model.since_ms) / 1000)
        trips = [trip.breaker for trip in service.breakers.trips(model)]
        for breaker in sorted(set(trips)):
            breakers.add_metric((horizon, breaker), trips.count(breaker))
    yield from (rungs, age, since, refused, breakers)


def _log(service: Service) -> Iterator[Metric]:
    snapshot, writer = service.watcher.snapshot, service.writer
    readable = snapshot.checked_ms is not None and snapshot.pointer_problem is None
    yield GaugeMetricFamily(
        "foretick_store_readable", "1 while the document store can be read.", value=float(readable)
    )
    yield CounterMetricFamily(
        "foretick_pointer_looks", "Looks at the production pointers.", value=snapshot.looks
    )
    yield CounterMetricFamily(
        "foretick_swaps", "Models that were swapped in or out.", value=service.watcher.swaps
    )
    yield GaugeMetricFamily(
        "foretick_forecast_log_waiting", "Forecasts that wait to be logged.", value=writer.waiting
    )
    yield CounterMetricFamily(
        "foretick_forecast_log_dropped", "Forecasts that could not be logged.", value=writer.dropped
    )
