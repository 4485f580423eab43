"""Routes that show simulated runs."""

from __future__ import annotations

import math
from typing import Annotated, Any

import numpy as np
from fastapi import APIRouter, Path, Query

from forecasting.adapters.store.run_columns import Columns
from forecasting.adapters.store.run_log import RunLog, StoredRun
from forecasting.errors import UnknownRun
from forecasting.types import utc_iso
from serving.routes.service import ServiceOf
from serving.schemas.runs import RunRequest, Runs, RunsRequest, SimulatedRun, WholeRun
from serving.web.documentation import reading_problems
from serving.web.limits import StrictJsonRoute
from serving.web.problems import UNKNOWN_HORIZON, UNKNOWN_RUN, ProblemError

_UNKNOWN = "no run of that id was simulated: GET /api/runs lists those that were"
_MOMENT = "_ms"
RunId = Annotated[
    str,
    Path(min_length=1, max_length=64, description="As the list names it.", examples=["0f3b9c2d4e5a6b71"]),
]


def run_routes() -> APIRouter:
    """Routes that show simulated runs."""
    router = APIRouter(prefix="/api", tags=["simulation"], route_class=StrictJsonRoute)

    @router.get("/runs", responses=reading_problems(UNKNOWN_HORIZON), summary="What was simulated?")
    def runs(asked: Annotated[RunsRequest, Query()], service: ServiceOf) -> Runs:
        """List simulated runs with their figures, the newest first."""
        horizon = asked.horizon and service.horizon(asked.horizon).name
        log = RunLog(service.door.store())
        found, next_ms = log.page(asked.strategy, horizon, (), asked.before_ms, asked.limit)
        next_before = None if next_ms is None else utc_iso(next_ms)
        return Runs(runs=[_run(each) for each in found], next_before=next_before)

    @router.get(
        "/runs/{run_id}", responses=reading_problems(UNKNOWN_RUN), summary="One run, its curve and trades"
    )
    def run(run_id: RunId, asked: Annotated[RunRequest, Query()], service: ServiceOf) -> WholeRun:
        """Show one run: its settings and figures, sums of its trades, its equity and its last trades."""
        try:
            found = RunLog(service.door.store()).get(run_id)
        except UnknownRun as error:  # its own words repeat what was asked
            raise ProblemError(UNKNOWN_RUN, _UNKNOWN) from error
        return _whole(found, asked)

    return router


def _run(run: StoredRun) -> SimulatedRun:
    return SimulatedRun(
        run_id=run.run_id,
        simulated_at=utc_iso(run.simulated_ms),
        start=utc_iso(run.start_ms),
        end=utc_iso(run.end_ms),
        symbols=list(run.symbols),
        strategy=dict(run.strategy),
        horizon=dict(run.horizon),
        costs=dict(run.costs),
        forecasts=dict(run.forecasts),
        metrics=dict(run.metrics),
        chance=None if run.chance is None else dict(run.chance),
        silent=run.silent,
        data_fingerprint=run.data_fingerprint,
        forecast_fingerprint=run.forecast_fingerprint,
    )


def _whole(run: StoredRun, asked: RunRequest) -> WholeRun:
    curve, trades = run.curve or {}, run.trades or {}
    points, count = _length(curve), _length(trades)
    # Evenly apart, and the last is always the end of the run.
    shown = np.unique(np.linspace(points - 1, 0, min(asked.points, points)).round().astype(np.int64))
    return WholeRun(
        run=_run(run),
        groups={name: [dict(each) for each in lines] for name, lines in run.groups.items()},
        curve={_name(name): _plain(name, column[shown].tolist()) for name, column in curve.items()},
        curve_points=points,
        trades={
            _name(name): _plain(name, column[max(count - asked.trades, 0) :].tolist())
            for name, column in trades.items()
        },
        trade_count=count,
    )


def _length(columns: Columns) -> int:
    return max((len(column) for column in columns.values()), default=0)


def _name(column: str) -> str:
    if column == "time_ms":
        return "time"
    return f"{column.removesuffix(_MOMENT)}_at" if column.endswith(_MOMENT) else column


def _plain(name: str, values: list[Any]) -> list[Any]:
    """Values as JSON knows them: moments as text, what is no number as null."""
    if name.endswith(_MOMENT):
        return [utc_iso(each) for each in values]
    return [None if isinstance(each, float) and not math.isfinite(each) else each for each in values]
