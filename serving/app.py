"""The forecast API's factory: `uvicorn --factory serving.app:create_app`."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Self

from fastapi import Depends, FastAPI

from forecasting.adapters.model_settings.changing import Rules
from forecasting.adapters.place import WorkspacePlace
from forecasting.adapters.store import open_store
from forecasting.adapters.store.port import DocumentStore
from forecasting.horizons import Horizon, load_horizons
from forecasting.settings import DATA_DOCS_PATH, Settings, load_settings
from serving.answers.answer_cache import AnswerCache
from serving.answers.breakers import BreakerBoard
from serving.answers.forecast_writer import ForecastWriter
from serving.answers.held import HeldMarket
from serving.answers.kept_market import KeptMarkets
from serving.answers.market import StoreDoor
from serving.answers.shadows import Shadows
from serving.in_use.loading import model_source
from serving.in_use.pointers import StorePointers
from serving.in_use.settings import StoredHorizons
from serving.in_use.warming import warm_naive
from serving.in_use.watcher import POLL_SECONDS, LoadPolicy, ProductionWatcher, wall_clock_ms
from serving.jobs.cadence_following import CadenceFollower
from serving.jobs.desk import Desk
from serving.jobs.orchestrator import Orchestrator
from serving.jobs.settings_desk import SettingsDesk
from serving.routes.alerts import alert_routes
from serving.routes.asset import asset_routes
from serving.routes.batch import batch_routes
from serving.routes.bootstrap import bootstrap_routes
from serving.routes.candles import candle_routes
from serving.routes.coherent import coherent_routes
from serving.routes.decisions import decision_routes
from serving.routes.events import event_routes
from serving.routes.forecasts import forecast_routes
from serving.routes.governance import governance_routes
from serving.routes.health import health_routes
from serving.routes.jobs import job_routes
from serving.routes.metrics import metrics_routes
from serving.routes.monitoring import monitoring_routes
from serving.routes.registry import registry_routes
from serving.routes.runs import run_routes
from serving.routes.service import Service
from serving.routes.settings import settings_routes
from serving.web.access import needs_read
from serving.web.documentation import complete
from serving.web.keys import KeyFollower, KeyRing
from serving.web.limits import StrictJsonRoute
from serving.web.metrics import Meter
from serving.web.openapi import describe_shell
from serving.web.pages import ValidationPages, add_docs
from serving.web.problems import install_problem_handlers
from serving.web.shell import Shell

START_SECONDS = 7.0
LOOK_PATIENCE_SECONDS = 0.5
LOOK_SECONDS = 0.05
DESCRIPTION = """Forecasts of crypto returns, and where each comes from.

An answer comes from the model version that the production pointer names, or from the historical mean
(`model_type: naive`), and then `fallback_reason` says why; so it does where the last good model answers instead.
All times are ISO 8601 in UTC. Every error is one `application/problem+json` document (RFC 9457)."""


def _open_store(settings: Settings) -> DocumentStore:
    mongo_uri = settings.mongo_uri.get_secret_value() if settings.mongo_uri else None
    return open_store(mongo_uri, settings.store_path, settings.database)


@dataclass(frozen=True, slots=True)
class _Doors:
    """A door to the store for each who uses it: one that hangs beside the answers must not keep theirs shut."""

    answers: StoreDoor
    pointers: StoreDoor
    log: StoreDoor
    held: StoreDoor
    keys: StoreDoor
    cadences: StoreDoor

    @classmethod
    def of(cls, settings: Settings, rest_seconds: float) -> Self:
        return cls(*(StoreDoor(lambda: _open_store(settings), rest_seconds=rest_seconds) for _ in range(6)))


def _service(
    settings: Settings,
    horizons: Mapping[str, Horizon],
    doors: _Doors,
    clock: Callable[[], int],
    poll_seconds: float,
    meter: Meter,
) -> Service:
    watcher = ProductionWatcher(
        StorePointers(doors.pointers.store),
        model_source(settings),
        tuple(horizons.values()),
        book=StoredHorizons(doors.pointers.store, horizons, settings.last_good_folder / "settings.json"),
        policy=LoadPolicy(settings.load_models == "eager", settings.load_challengers, LOOK_PATIENCE_SECONDS),
        poll_seconds=poll_seconds,
        clock=clock,
    )
    writer = ForecastWriter(doors.log.store, rest_seconds=poll_seconds)
    board = BreakerBoard(doors.log.store, clock, poll_seconds=poll_seconds)
    kept = KeptMarkets(settings.last_good_folder / "markets")
    held = HeldMarket(doors.answers, doors.held, clock, poll_seconds=poll_seconds, kept=kept)
    cache = AnswerCache(held, board)
    return Service(doors.answers, watcher, writer, board, clock, held, cache, Shadows(), meter)


def _settings_desk(settings: Settings, doors: _Doors, clock: Callable[[], int]) -> SettingsDesk:
    # At the usual port another installation's Prefect may answer, whose schedules are none of ours.
    named = Orchestrator.of(settings) if settings.prefect_api_url else None
    rules = Rules(settings.horizons_file, settings.gate_policy)
    return SettingsDesk(doors.answers.store, rules, named, clock)


def _cadences(
    desk: SettingsDesk, doors: _Doors, watcher: ProductionWatcher, poll_seconds: float
) -> CadenceFollower:
    return CadenceFollower(
        replace(desk, store=doors.cadences.store),
        lambda: watcher.snapshot.in_force.version,
        poll_seconds=poll_seconds,
    )


@contextlib.asynccontextmanager
async def _running(
    service: Service, keys: KeyFollower, cadences: CadenceFollower, doors: _Doors
) -> AsyncIterator[None]:
    """Run the threads beside the answers for the length of a block; what hangs at its end is left behind."""
    keys.start()
    service.watcher.start()
    service.writer.start()
    service.breakers.start()
    service.held.start()
    service.shadows.start(service.shadowed)
    cadences.start()
    try:
        yield
    finally:
        # Together, for each may wait for a dead store; the writer last, for it writes what others still offer.
        followers = (keys, service.watcher, service.held, cadences, service.shadows, service.breakers)
        left = await asyncio.gather(*(asyncio.to_thread(each.stop) for each in followers))
        log_left = await asyncio.to_thread(service.writer.stop) and all(left[4:])
        users = (
            (doors.keys, left[0]),
            (doors.pointers, left[1]),
            (doors.held, left[2]),
            (doors.cadences, left[3]),
            (doors.log, log_left),
        )
        for door, nobody_uses_it in users:
            if nobody_uses_it:
                door.close()
        doors.answers.close()


async def _begun(service: Service, keys: KeyFollower, doors: _Doors) -> None:
    """Wait until the models and what bars them are there; for a silent store only until what this machine served last is."""
    restored, *others = [
        asyncio.create_task(asyncio.to_thread(each, START_SECONDS))
        for each in (
            service.watcher.wait_until_restored,
            lambda seconds: service.watcher.wait_until(lambda snapshot: snapshot.settled, seconds),
            service.breakers.wait_until_stepped,
            keys.wait_until_stepped,
            lambda _: doors.answers.try_open(),
            lambda _: warm_naive(service.horizons.values()),
        )
    ]
    until, waits = time.monotonic() + START_SECONDS, {restored, *others}
    while waits and time.monotonic() < until and not (restored.done() and doors.answers.silence()):
        _, waits = await asyncio.wait(waits, timeout=LOOK_SECONDS)


class ForecastApi(FastAPI):
    """FastAPI whose OpenAPI document says what is really sent."""

    def openapi(self) -> dict[str, Any]:
        """Return the OpenAPI document, made once."""
        if self.openapi_schema is None:
            schema = super().openapi()
            complete(schema)
            describe_shell(schema)
        return super().openapi()


def create_app(
    settings: Settings | None = None,
    *,
    clock: Callable[[], int] = wall_clock_ms,
    poll_seconds: float = POLL_SECONDS,
) -> FastAPI:
    """Build the API; store, registry and watcher are opened when it starts and closed when it ends.

    Raises
    ------
    InvalidSettings
        The settings or the horizons file cannot be used.
    """
    settings = load_settings() if settings is None else settings
    horizons = load_horizons(settings.horizons_file)
    ring, meter = KeyRing(settings.api_key, settings.api_key_file), Meter()

    @contextlib.asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        doors = _Doors.of(settings, poll_seconds)
        app.state.service = _service(settings, horizons, doors, clock, poll_seconds, meter)
        app.state.desk = Desk(doors.answers.store, Orchestrator.of(settings), settings.workspace, clock)
        desk = app.state.settings_desk = _settings_desk(settings, doors, clock)
        app.state.cadences = _cadences(desk, doors, app.state.service.watcher, poll_seconds)
        with contextlib.suppress(OSError):  # a read-only home shows no pages, and answers all the same
            settings.data_docs_folder.mkdir(parents=True, exist_ok=True)
        follower = KeyFollower(ring, doors.keys.store, poll_seconds=poll_seconds)
        async with _running(app.state.service, follower, app.state.cadences, doors):
            await _begun(app.state.service, follower, doors)
            yield

    # FastAPI's own page loads its scripts from another host; ours is added below.
    app = ForecastApi(
        title="Foretick",
        version="0.1.0",
        description=DESCRIPTION,
        lifespan=lifespan,
        docs_url=None,
        redoc_url=None,
    )
    app.state.keys = ring
    app.state.place = WorkspacePlace.of(settings)
    app.state.mlflow_pages = settings.mlflow_pages
    app.state.events_suite = settings.expectations_folder / "events.json"
    _add_routes(app, settings.data_docs_folder)
    Shell(ring, meter, settings.allowed_hosts, settings.cors_origins, settings.rate_limit).wrap(app)
    return app


def _add_routes(app: FastAPI, data_docs_folder: Path) -> None:
    app.router.route_class = StrictJsonRoute
    install_problem_handlers(app)
    app.include_router(health_routes())
    for routes in (
        forecast_routes(),
        coherent_routes(),
        metrics_routes(),
        batch_routes(),
        asset_routes(),
        job_routes(),
        bootstrap_routes(),
        candle_routes(),
        event_routes(),
        decision_routes(),
        registry_routes(),
        governance_routes(),
        settings_routes(),
        run_routes(),
        monitoring_routes(),
        alert_routes(),
    ):
        app.include_router(routes, dependencies=[Depends(needs_read)])
    add_docs(app)
    app.mount(DATA_DOCS_PATH, ValidationPages(data_docs_folder), name="data docs")
