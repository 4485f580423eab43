"""Routes that show registered versions, from the document store alone."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path, Query, Request

from forecasting.adapters.store.card_book import CardBook
from forecasting.adapters.store.port import Document
from forecasting.types import utc_iso
from serving.routes.cardless import CardlessReader
from serving.routes.cards import CardReader, registered
from serving.routes.service import ServiceOf, market_name
from serving.schemas.registered_model import RegisteredModel
from serving.schemas.registry import EXAMPLE_MODEL, RegistryList, RegistryRequest
from serving.web.documentation import reading_problems
from serving.web.limits import StrictJsonRoute
from serving.web.problems import UNKNOWN_HORIZON, UNKNOWN_MODEL, ProblemError

NO_MODEL = "no version of that id is registered: GET /api/models/registry lists those that are"
ModelId = Annotated[
    str,
    Path(
        min_length=1,
        max_length=64,
        description="Horizon and digest of its bundle, as the registry lists it.",
        examples=[EXAMPLE_MODEL],
    ),
]


def registry_routes() -> APIRouter:
    """Routes that show registered versions."""
    router = APIRouter(prefix="/api/models", tags=["models"], route_class=StrictJsonRoute)

    @router.get("/registry", responses=reading_problems(UNKNOWN_HORIZON), summary="Registered versions")
    def registry(
        asked: Annotated[RegistryRequest, Query()], request: Request, service: ServiceOf
    ) -> RegistryList:
        """List registered versions, the newest first: what serves, what did, and what waits for the gate.

        What serves, and what served before, is in the list also before its card is written: then `no_card` says so, and what
        the card would tell is null. Such versions come first, on the first page.
        """
        store = service.door.store()
        model_name = None if asked.horizon is None else service.horizon(asked.horizon).model_name
        symbol = None if asked.symbol is None else market_name(asked.symbol)
        reader = CardReader(store, request.app.state.mlflow_pages)

        def wanted(card: Document) -> bool:
            return (symbol is None or symbol in card["symbols"]) and (
                asked.status is None or asked.status == reader.status(card)
            )

        page = CardBook(store).page(model_name, wanted, asked.before_ms, asked.limit)
        cardless, names = CardlessReader(store, reader), list[str]()
        if asked.before_ms is None:
            names = [model_name] if model_name else [each.model_name for each in service.horizons.values()]
        return RegistryList(
            models=[*cardless.listed(names, asked), *map(reader.summary, page.documents)],
            unlisted=cardless.unlisted(names, asked),
            next_before=None if page.next_before_ms is None else utc_iso(page.next_before_ms),
        )

    _add_one(router)
    return router


def _add_one(router: APIRouter) -> None:
    @router.get(
        "/registry/{model_id}", responses=reading_problems(UNKNOWN_MODEL), summary="One version whole"
    )
    def version(model_id: ModelId, request: Request, service: ServiceOf) -> RegisteredModel:
        """Show one version: members and weights, importances, SHAP, scores, training window, the gate's last word."""
        store = service.door.store()
        card, reader = CardBook(store).get(model_id), CardReader(store, request.app.state.mlflow_pages)
        if card is not None:
            return registered(card, reader)
        horizon = service.horizons.get(model_id.rpartition("-")[0])
        named = None if horizon is None else CardlessReader(store, reader).whole(horizon.model_name, model_id)
        if named is None:
            raise ProblemError(UNKNOWN_MODEL, NO_MODEL)
        return named
