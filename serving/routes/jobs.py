"""Routes that start trainings and say what became of them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

from fastapi import APIRouter, Depends, Header, Query, Request

from forecasting.errors import ForetickError, OrchestratorUnavailable
from forecasting.planning import SeriesSpan
from serving.jobs.desk import Desk
from serving.jobs.retraining import retraining
from serving.jobs.telling import job_answer, job_list
from serving.routes.service import Service, ServiceOf
from serving.schemas.batch import ItemProblem
from serving.schemas.jobs import (
    MOST_RUNS,
    BulkAnswer,
    BulkItem,
    BulkRetrainRequest,
    JobAnswer,
    JobList,
    RetrainRequest,
)
from serving.schemas.paging import PageRequest
from serving.web.access import Admin
from serving.web.documentation import job_problems
from serving.web.limits import StrictJsonRoute
from serving.web.problems import described, field_error

BULK_MS = 20_000


async def _desk(request: Request) -> Desk:
    desk: Desk = request.app.state.desk
    return desk


DeskOf = Annotated[Desk, Depends(_desk)]
IdempotencyKey = Annotated[
    str | None,
    Header(
        min_length=1,
        max_length=200,
        description="A name of your own for this request: sent again it starts nothing new and answers with the same job.",
    ),
]


def job_routes() -> APIRouter:
    """Routes that start trainings and say what became of them."""
    router = APIRouter(prefix="/api/models/retrain", tags=["jobs"], route_class=StrictJsonRoute)

    @router.post("", status_code=202, responses=job_problems(), summary="Train one horizon")
    def retrain(
        asked: RetrainRequest,
        service: ServiceOf,
        desk: DeskOf,
        caller: Admin,
        idempotency_key: IdempotencyKey = None,
    ) -> JobAnswer:
        """Start one training of one horizon, on the named markets pooled into one model, or on all.

        The run registers a candidate. Whether it serves is the gate's decision, which is a run of its own.
        """
        spans = service.door.market().candles.series()
        wanted = retraining(
            service.horizons, spans, asked.horizon, asked.symbols, caller.name, idempotency_key
        )
        return job_answer(desk.start(wanted), desk)

    @router.post("/bulk", status_code=202, responses=job_problems(), summary="Train several horizons")
    def retrain_in_bulk(
        asked: BulkRetrainRequest,
        service: ServiceOf,
        desk: DeskOf,
        caller: Admin,
        idempotency_key: IdempotencyKey = None,
    ) -> BulkAnswer:
        """Start one training for each horizon, or for each horizon and market; one that fails does not keep the others.

        503 where Prefect cannot be reached before any of them was started.
        """
        items = _bulk_items(asked, service, desk, caller.name, idempotency_key)
        return BulkAnswer(started=sum(item.job is not None for item in items), items=items)

    _add_reading(router)
    return router


def _add_reading(router: APIRouter) -> None:
    @router.get("/jobs", responses=job_problems(), summary="What became of jobs?")
    def jobs(asked: Annotated[PageRequest, Query()], desk: DeskOf) -> JobList:
        """List jobs of all kinds, the newest first, with the state of each run.

        Where Prefect cannot be reached the last known states are told, with their age.
        """
        return job_list(desk.page(asked.before_ms, asked.limit), desk)

    @router.get("/jobs/{job_id}", responses=job_problems(), summary="What became of one job?")
    def one_job(job_id: str, desk: DeskOf) -> JobAnswer:
        """Tell one job of any kind; an old `state_seen_at` means that Prefect could not be asked."""
        return job_answer(desk.job(job_id)[0], desk)


def _bulk_items(
    asked: BulkRetrainRequest, service: Service, desk: Desk, who: str, key: str | None
) -> list[BulkItem]:
    """Start one run after the other; once Prefect is away, or time is up, the rest is not tried."""
    spans = service.door.market().candles.series()
    until_ms = desk.clock() + BULK_MS
    items: list[BulkItem] = []
    away: ForetickError | None = None
    for position, (horizon, symbols) in enumerate(_trainings(asked, spans)):
        if desk.clock() >= until_ms:
            away = away or OrchestratorUnavailable(
                f"{BULK_MS / 1000:g} s were over before it was this one's turn"
            )
        own_key = None if key is None else "\0".join((key, horizon, *symbols))
        try:
            wanted = retraining(service.horizons, spans, horizon, symbols, who, own_key)
            if away is not None:
                raise away
            items.append(BulkItem(position=position, job=job_answer(desk.start(wanted), desk), problem=None))
        except ForetickError as error:
            if isinstance(error, OrchestratorUnavailable):
                if not any(item.job for item in items):
                    raise
                away = error
            items.append(BulkItem(position=position, job=None, problem=_item_problem(error)))
    return items


def _item_problem(error: ForetickError) -> ItemProblem:
    told = described(error)
    if told is None:
        raise error
    kind, detail = told
    return ItemProblem(type=kind.urn, title=kind.title, status=kind.status, detail=detail)


def _trainings(asked: BulkRetrainRequest, spans: Sequence[SeriesSpan]) -> list[tuple[str, list[str]]]:
    if asked.each == "horizon":
        return [(horizon, asked.symbols) for horizon in asked.horizons]
    symbols = asked.symbols or sorted({span.symbol for span in spans})
    if len(symbols) * len(asked.horizons) > MOST_RUNS:
        raise field_error(
            "symbols",
            f"and horizons make {len(symbols) * len(asked.horizons)} runs: {MOST_RUNS} at most are started at once",
        )
    return [(horizon, [symbol]) for horizon in asked.horizons for symbol in symbols]
