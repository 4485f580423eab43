"""Routes that answer forecasts of many markets at once, as JSON or as a stream of CSV."""

from __future__ import annotations

import csv
import io
import logging
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Query
from fastapi.responses import Response, StreamingResponse

from forecasting.errors import ForetickError, StoreUnavailable
from forecasting.horizons import Horizon
from forecasting.types import utc_iso
from serving.answers.market import PRODUCTION, Alias, Question
from serving.answers.together import Begun
from serving.in_use.snapshot import Snapshot
from serving.routes.freshness import CacheControl, demands_anew
from serving.routes.service import Service, ServiceOf, market_name
from serving.schemas.batch import (
    MOST_SYMBOLS,
    BatchAnswer,
    BatchItem,
    BatchRequest,
    ExportRequest,
    ItemProblem,
)
from serving.schemas.forecasts import ForecastAnswer
from serving.web.documentation import Responses, forecast_problems
from serving.web.limits import StrictJsonRoute
from serving.web.problems import (
    INTERNAL,
    NOT_ENOUGH_HISTORY,
    STORE_UNAVAILABLE,
    Kind,
    ProblemError,
    described,
    field_error,
)

EXPORTED = ("symbol", "horizon", "timestamp", "predicted_return", "confidence", "error")
CSV_TYPE = "text/csv; charset=utf-8"
NO_LIST = (
    "the list of all markets cannot be read at the moment: name markets in symbols, for those that were asked about "
    "lately are answered, or ask again in a few seconds"
)
# A cell that begins with one of these is a formula to a spreadsheet.
FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")

Ask = Callable[[Question, Snapshot, Begun | None], ForecastAnswer]

_log = logging.getLogger(__name__)
_CSV_EXAMPLE = (
    "symbol,horizon,timestamp,predicted_return,confidence,error\r\n"
    "BTC/USDT,1h,2025-09-19T22:00:30Z,0.00042,0.531,\r\n"
    ",1h,2025-09-19T22:00:30Z,,,unknown-symbol: the symbol is unknown: known are BTC/USDT\r\n"
)


def batch_routes() -> APIRouter:
    """Routes that answer forecasts of many markets at once."""
    router = APIRouter(prefix="/api", tags=["forecasts"], route_class=StrictJsonRoute)
    _add_batch(router)
    _add_export(router)
    return router


def _add_batch(router: APIRouter) -> None:
    @router.get(
        "/forecast/batch",
        response_model=BatchAnswer,
        responses=forecast_problems(),
        summary="Forecast many markets",
    )
    def batch(
        asked: Annotated[BatchRequest, Query()], service: ServiceOf, cache_control: CacheControl = None
    ) -> Response:
        """Forecast the return of many markets over one horizon.

        Each market has an item of its own, in the order asked: a forecast, or the problem that a request for it alone
        would get. One that fails takes no other with it. All are answered as of one moment, from one snapshot.
        """
        snapshot = service.in_use(asked.alias)
        horizon = service.horizon(asked.horizon, snapshot)
        questions = _questions(service, _names(asked.symbols), horizon, asked.alias)
        items = tuple(_items(service, questions, snapshot, anew=demands_anew(cache_control)))
        answered = sum(item.forecast is not None for item in items)
        found = BatchAnswer(
            horizon=asked.horizon,
            timestamp=utc_iso(questions[0].moment_ms),
            answered=answered,
            failed=len(items) - answered,
            items=items,
        )
        # Rendered here, once: of a returned object every answer would be checked and copied again.
        return Response(found.model_dump_json(), media_type="application/json")


def _add_export(router: APIRouter) -> None:
    @router.get(
        "/forecast/export",
        response_class=StreamingResponse,
        responses=_csv_responses(),
        summary="Forecast many markets as CSV",
    )
    def export(asked: Annotated[ExportRequest, Query()], service: ServiceOf) -> StreamingResponse:
        """Stream a row for each market, all stored ones where none is named.

        The error of a row says why it has no forecast. A row begins to be computed when those before it are sent.
        """
        every = not asked.symbols.strip()
        names = _stored(service) if every else _names(asked.symbols)
        snapshot = service.in_use()
        horizon = service.horizon(asked.horizon, snapshot)
        rows = _rows(service, _questions(service, names, horizon), snapshot, stored=every)
        disposition = 'attachment; filename="forecasts.csv"'
        return StreamingResponse(rows, media_type=CSV_TYPE, headers={"Content-Disposition": disposition})


def _names(symbols: str) -> list[str]:
    names = symbols.split(",")
    if len(names) > MOST_SYMBOLS:
        raise field_error(
            "symbols", f"names {len(names)} markets: {MOST_SYMBOLS} at most are answered at once"
        )
    if not all(name.strip() for name in names):
        raise field_error("symbols", "has an empty name between its commas: each needs one")
    return names


def _stored(service: Service) -> list[str]:
    try:
        return sorted({span.symbol for span in service.door.market().candles.series()})
    except StoreUnavailable as error:
        # Those that are held are the ones that somebody asked about: a file of them would pass for one of all.
        raise ProblemError(STORE_UNAVAILABLE, NO_LIST) from error


def _questions(
    service: Service, names: Sequence[str], horizon: Horizon, alias: Alias = PRODUCTION
) -> list[Question]:
    now_ms = service.clock()
    return [Question(market_name(name), horizon, now_ms, alias) for name in names]


def _items(
    service: Service, questions: Sequence[Question], snapshot: Snapshot, *, anew: bool
) -> Iterator[BatchItem]:
    each = _EachAlone(service.answer_anew if anew else service.answer, snapshot)
    begun = service.begin(questions, snapshot, anew=anew)
    for position, question in enumerate(questions):
        found = each.answered(question, begun[position])
        if isinstance(found, ForecastAnswer):
            yield BatchItem(position=position, symbol=found.symbol, forecast=found, problem=None)
            continue
        problem = ItemProblem(
            type=found.kind.urn, title=found.kind.title, status=found.kind.status, detail=found.detail
        )
        # What the client wrote is repeated only where it is the name of a stored market.
        symbol = question.symbol if found.kind is NOT_ENOUGH_HISTORY else None
        yield BatchItem(position=position, symbol=symbol, forecast=None, problem=problem)


@dataclass(frozen=True, slots=True)
class _Failed:
    kind: Kind
    detail: str


class _EachAlone:
    """Answers many markets of one request; whatever happens to one, the others are answered."""

    def __init__(self, ask: Ask, snapshot: Snapshot) -> None:
        self._ask = ask
        self._snapshot = snapshot
        self._logged: set[Kind] = set()

    def answered(self, question: Question, begun: Begun | None = None) -> ForecastAnswer | _Failed:
        try:
            return self._ask(question, self._snapshot, begun)
        except Exception as error:
            told = described(error) if isinstance(error, ForetickError) else None
            kind, detail = told or (INTERNAL, "the server failed on this market; its log says more")
            self._log(kind, question, error)
            return _Failed(kind, detail)

    def _log(self, kind: Kind, question: Question, error: Exception) -> None:
        over = question.horizon.name
        if kind is INTERNAL:
            _log.error("one of many, over %s, cannot be answered", over, exc_info=error)
        elif kind.status >= INTERNAL.status and kind not in self._logged:
            # An outage is one line for the request, however many of its markets it takes.
            self._logged.add(kind)
            _log.error("some of many, over %s, cannot be answered: %s: %s", over, kind.slug, error)


def _rows(
    service: Service, questions: Sequence[Question], snapshot: Snapshot, *, stored: bool
) -> Iterator[str]:
    yield _line(EXPORTED)
    each = _EachAlone(service.answer, snapshot)
    for question in questions:
        found = each.answered(question)
        horizon, timestamp = question.horizon.name, utc_iso(question.moment_ms)
        if isinstance(found, ForecastAnswer):
            yield _line((found.symbol, horizon, timestamp, found.pred_return, found.conf, ""))
        else:
            symbol = question.symbol if stored or found.kind is NOT_ENOUGH_HISTORY else ""
            yield _line((symbol, horizon, timestamp, "", "", f"{found.kind.slug}: {found.detail}"))


def _line(cells: Sequence[str | float]) -> str:
    """One row of CSV in which no text is a formula; a number below zero stays one."""
    line = io.StringIO()
    csv.writer(line).writerow(
        f"'{cell}" if isinstance(cell, str) and cell.startswith(FORMULA) else cell for cell in cells
    )
    return line.getvalue()


def _csv_responses() -> Responses:
    sent = {
        "description": "A header, then a row for each market.",
        "content": {"text/csv": {"schema": {"type": "string"}, "example": _CSV_EXAMPLE}},
    }
    return {200: sent, **forecast_problems()}
