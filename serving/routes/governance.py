"""Routes that move what serves: by the same steps as the command line, recorded with who asked and why."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from fastapi import APIRouter, Request, Response
from fastapi.responses import JSONResponse

from forecasting.adapters.place import WorkspacePlace
from forecasting.adapters.promotion.card_finding import find_card
from forecasting.adapters.promotion.governing import Governed, GoverningRequest, Instruction, govern
from forecasting.adapters.promotion.pointer import NAIVE, read_pointer
from forecasting.adapters.promotion.unserved import why_unserved
from forecasting.adapters.store.card_book import CardBook
from forecasting.adapters.store.port import Document, DocumentStore
from forecasting.errors import DamagedBundle, InputError, PointerMoved, UnknownVersion
from forecasting.types import utc_iso
from serving.jobs.desk import Desk, Wanted
from serving.jobs.telling import job_answer
from serving.routes.jobs import DeskOf, IdempotencyKey
from serving.routes.registry import NO_MODEL, ModelId
from serving.routes.service import Service, ServiceOf
from serving.schemas.governance import (
    DeprecateRequest,
    LastMove,
    PointerAnswer,
    PromoteRequest,
    RollbackRequest,
)
from serving.schemas.jobs import JobAnswer
from serving.schemas.monitoring import PlacedVersion
from serving.web.access import Admin
from serving.web.documentation import governance_problems
from serving.web.limits import StrictJsonRoute
from serving.web.problems import BUSY, POINTER_MOVED, REFUSED, UNKNOWN_MODEL, ProblemError, field_error

AT_ONCE = 2
WAIT_SECONDS = 10.0
GATE = "promote-candidates/promote"

_JOB: dict[str, Any] = {"model": JobAnswer, "description": "The gate judges it: the job that does"}
_ROOM = threading.BoundedSemaphore(AT_ONCE)
_BUSY = "others move what serves right now: ask again in a few seconds"
_DAMAGED = "the bundle that should serve is gone or cannot be loaded, so what serves serves on: name another version, or train again"


def governance_routes() -> APIRouter:
    """Routes that move what serves."""
    router = APIRouter(prefix="/api/models", tags=["models"], route_class=StrictJsonRoute)

    @router.post(
        "/{model_id}/rollback", responses=governance_problems(), summary="Let what served before serve again"
    )
    def rollback(
        model_id: ModelId, asked: RollbackRequest, request: Request, service: ServiceOf, caller: Admin
    ) -> PointerAnswer:
        """Take a version out of production at once: the one before it serves again, or naive.

        Servers answer with it within seconds; MLflow need not be there. Where the version does not serve, nothing is done.
        """
        instruction = Instruction("rollback", model_id, caller.name, asked.reason, asked.to)
        return _governed(_Asked(service, request, instruction))

    @router.post("/{model_id}/deprecate", responses=governance_problems(), summary="Withdraw a version")
    def deprecate(
        model_id: ModelId, asked: DeprecateRequest, request: Request, service: ServiceOf, caller: Admin
    ) -> PointerAnswer:
        """Withdraw a version: the gate is not asked about it any more, and a rollback does not lead to it."""
        instruction = Instruction("deprecate", model_id, caller.name, asked.reason)
        return _governed(_Asked(service, request, instruction))

    _add_promotion(router)
    return router


def _add_promotion(router: APIRouter) -> None:
    @router.post(
        "/{model_id}/promote",
        response_model=PointerAnswer,
        responses={202: _JOB, **governance_problems()},
        summary="Ask the gate about a version, or override it",
    )
    def promote(
        model_id: ModelId,
        asked: PromoteRequest,
        request: Request,
        service: ServiceOf,
        desk: DeskOf,
        caller: Admin,
        idempotency_key: IdempotencyKey = None,
    ) -> PointerAnswer | Response:
        """Put a version before the gate: 202 with the job that judges it, and moves what serves if it passes.

        With `override` and a reason it serves because you say so: it is verified all the same, recorded as yours, and its
        evidence stays what its licence says.
        """
        if asked.override:
            if asked.reason is None:
                raise field_error("reason", "is needed to override the gate")
            instruction = Instruction("promote", model_id, caller.name, asked.reason)
            return _governed(_Asked(service, request, instruction))
        if asked.reason is not None:
            raise field_error("reason", "is not taken without override: the gate gives its own")
        asked_gate = _Asked(service, request, Instruction("promote", model_id, caller.name, ""))
        return _judged(asked_gate, desk, idempotency_key)


@dataclass(frozen=True, slots=True)
class _Asked:
    """What one request asks, and of what."""

    service: Service
    request: Request
    instruction: Instruction

    @property
    def store(self) -> DocumentStore:
        """The open document store."""
        return self.service.door.store()

    @property
    def place(self) -> WorkspacePlace:
        """Where everything of the workspace is."""
        place: WorkspacePlace = self.request.app.state.place
        return place

    def demand_possible(self) -> None:
        """Refuse an id that no version can have, before a process imports MLflow for seconds to look for it.

        One that a version could have is looked for there although no card tells of it: it may be registered this moment.
        """
        instruction = self.instruction
        names = {each.model_name for each in self.service.horizons.values()}
        if instruction.model_name not in names or not (instruction.names_bundle or self._is_known()):
            raise ProblemError(UNKNOWN_MODEL, NO_MODEL)

    def _is_known(self) -> bool:
        """Whether a card or the pointer knows the id, whatever it looks like."""
        pointer, model_id = read_pointer(self.store, self.instruction.model_name), self.instruction.model_id
        placed = () if pointer is None else (pointer.production, pointer.previous)
        named = model_id in {each.model_id for each in placed if each is not None}
        return named or CardBook(self.store).head(model_id) is not None


def _governed(asked: _Asked) -> PointerAnswer:
    asked.demand_possible()
    try:
        with _room():
            return _answer(asked, govern(asked.store, GoverningRequest(asked.place, asked.instruction)))
    except UnknownVersion as error:
        raise ProblemError(UNKNOWN_MODEL, NO_MODEL) from error
    except InputError as error:
        raise ProblemError(REFUSED, str(error)) from error
    except DamagedBundle as error:
        raise ProblemError(REFUSED, _DAMAGED) from error
    except PointerMoved as error:
        raise ProblemError(POINTER_MOVED, _winner(asked)) from error


@contextlib.contextmanager
def _room() -> Iterator[None]:
    """Let few processes ask MLflow at once."""
    if not _ROOM.acquire(timeout=WAIT_SECONDS):
        raise ProblemError(BUSY, _BUSY)
    try:
        yield
    finally:
        _ROOM.release()


def _winner(asked: _Asked) -> str:
    """Say who moved what serves first."""
    pointer = read_pointer(asked.store, asked.instruction.model_name)
    if pointer is None:
        return "another moved what serves first: look at it, and ask again"
    move, serving = pointer.move, NAIVE if pointer.serving is None else f"version {pointer.serving}"
    return (
        f"another moved what serves first: {move.title} by {move.who} via {move.via} at {utc_iso(move.at_ms)}, {serving} "
        f"serves: look at it, and ask again"
    )


def _judged(asked: _Asked, desk: Desk, key: str | None) -> Response:
    card = _card(asked)
    parameters = {"horizons": [card["horizon"]], "version": str(card["version"])}
    job = desk.start(Wanted("promote", GATE, parameters, asked.instruction.who, key))
    told: JobAnswer = job_answer(job, desk)
    return JSONResponse(told.model_dump(mode="json"), 202)


def _card(asked: _Asked) -> Document:
    """Head of the version's card; the seconds that MLflow takes pass only where nobody wrote the card yet."""
    asked.demand_possible()
    model_name, model_id = asked.instruction.model_name, asked.instruction.model_id
    card: Document | None = CardBook(asked.store).head(model_id)
    if card is None:
        with _room():
            card = find_card(asked.store, asked.place, model_name, model_id)
    if card is None:
        raise ProblemError(UNKNOWN_MODEL, NO_MODEL)
    return card


def _answer(asked: _Asked, governed: Governed) -> PointerAnswer:
    pointer, move = governed.pointer, governed.pointer.move
    horizon = asked.service.horizons[pointer.model_name.removeprefix("forecast-")]
    return PointerAnswer(
        model_name=pointer.model_name,
        moved=governed.moved,
        epoch=pointer.epoch,
        production=PlacedVersion.of(pointer.production),
        previous=PlacedVersion.of(pointer.previous),
        move=LastMove(
            kind=move.kind,
            override=move.overrides_gate,
            origin=move.origin,
            target=move.target,
            who=move.who,
            via=move.via,
            reason=move.reason,
            at=utc_iso(move.at_ms),
        ),
        unserved=why_unserved(Path(asked.place.bundle_folder), pointer, horizon),
    )
