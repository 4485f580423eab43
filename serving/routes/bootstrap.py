"""The route that sets an installation up: candles, then models."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter

from forecasting.errors import InputError
from forecasting.types import parse_symbol
from serving.jobs.bootstrap import bootstrap
from serving.jobs.telling import job_answer
from serving.routes.jobs import DeskOf
from serving.schemas.bootstrap import BootstrapRequest
from serving.schemas.jobs import JobAnswer
from serving.web.access import Admin
from serving.web.documentation import job_problems
from serving.web.limits import StrictJsonRoute
from serving.web.problems import ALREADY_SET_UP, ProblemError, field_error


def bootstrap_routes() -> APIRouter:
    """Routes that set an installation up."""
    router = APIRouter(prefix="/api/admin", tags=["jobs"], route_class=StrictJsonRoute)

    @router.post("/bootstrap", status_code=202, responses=job_problems(), summary="Set up: candles, models")
    def set_up(asked: BootstrapRequest, desk: DeskOf, caller: Admin) -> JobAnswer:
        """Store the candles of a source, train every horizon that they can serve, and put each before the gate.

        Asked again it answers with the same job, as long as that runs or completed; after a failure it starts anew.
        Naive answers as soon as there are candles, whatever the gate decides.
        """
        parameters = _parameters(asked)
        job = bootstrap(desk, parameters, caller.name)
        if job.parameters != parameters:
            raise ProblemError(
                ALREADY_SET_UP,
                "this workspace was set up from another source: foretick ingest adds one, and POST /api/models/retrain "
                "trains on it",
            )
        return job_answer(job, desk)

    return router


def _parameters(asked: BootstrapRequest) -> dict[str, Any]:
    if asked.simulated == (asked.exchange is not None):
        raise field_error("simulated", "must be true, or an exchange must be named: one of the two")
    if asked.simulated:
        if asked.symbols or asked.intervals:
            raise field_error(
                "symbols", "and intervals belong to an exchange: the simulated market has its own"
            )
        return {"simulated": True}
    if not asked.symbols:
        raise field_error("symbols", "must name the markets to download, as in BTC/USDT")
    try:
        symbols = sorted({parse_symbol(symbol) for symbol in asked.symbols})
    except InputError:
        raise field_error("symbols", "must each be of the form BASE/QUOTE, as in BTC/USDT") from None
    intervals = {"intervals": sorted(set(asked.intervals))} if asked.intervals else {}
    return {"exchange": asked.exchange, "symbols": symbols, **intervals, "days": asked.days}
