"""The route that shows stored candles."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query

from forecasting.adapters.store.candle_blocks import CandleStore
from forecasting.adapters.store.candle_page import CandlePage, CandleQuestion, newest_candles
from forecasting.candles import VALUE_COLUMNS
from forecasting.types import INTERVALS_MS, utc_iso
from serving.routes.service import ServiceOf, market_name
from serving.schemas.candles import CandlesRequest, CandleTable
from serving.web.documentation import reading_problems
from serving.web.limits import StrictJsonRoute
from serving.web.problems import NOT_ENOUGH_HISTORY, UNKNOWN_SYMBOL, field_error


def candle_routes() -> APIRouter:
    """Make the route that shows stored candles."""
    router = APIRouter(prefix="/api", tags=["data"], route_class=StrictJsonRoute)

    @router.get(
        "/candles", responses=reading_problems(UNKNOWN_SYMBOL, NOT_ENOUGH_HISTORY), summary="Stored candles"
    )
    def candles(asked: Annotated[CandlesRequest, Query()], service: ServiceOf) -> CandleTable:
        """Give the newest closed candles of a market as columns, the oldest first.

        Walk back through a history with `to`, which `next_to` names.
        """
        if asked.interval not in INTERVALS_MS:
            raise field_error("interval", f"must be one of {', '.join(INTERVALS_MS)}")
        if asked.from_ms is not None and asked.to_ms is not None and asked.to_ms <= asked.from_ms:
            raise field_error(
                "to", "is not after from, so no candle can lie between: a later moment is needed"
            )
        question = CandleQuestion(
            market_name(asked.symbol), asked.interval, asked.from_ms, asked.to_ms, asked.as_of_ms
        )
        page = newest_candles(CandleStore(service.door.store()), question, asked.limit)
        return _table(page, asked.as_of_ms)

    return router


def _table(page: CandlePage, as_of_ms: int | None) -> CandleTable:
    candles = page.candles
    return CandleTable(
        symbol=candles.symbol,
        interval=candles.interval,
        made_of=page.made_of,
        as_of=None if as_of_ms is None else utc_iso(as_of_ms),
        open_time=[utc_iso(each) for each in candles.open_time_ms.tolist()],
        **{name: getattr(candles, name).tolist() for name in VALUE_COLUMNS},
        next_to=None if page.next_stop_ms is None else utc_iso(page.next_stop_ms),
    )
