"""The route that takes events in."""

from __future__ import annotations

import threading
from pathlib import Path

from fastapi import APIRouter, Request

from forecasting.adapters.news.delivering import DeliveryRequest, deliver_in_child
from forecasting.adapters.news.delivery import DeliveredEvents, Delivery
from forecasting.errors import AmbiguousInput, InvalidEvents, InvalidSettings
from forecasting.types import utc_iso
from serving.routes.service import ServiceOf
from serving.schemas.events import EventsAnswer, EventsRequest, KeptOut, PostedEvent
from serving.web.access import Admin
from serving.web.documentation import intake_problems
from serving.web.limits import StrictJsonRoute
from serving.web.problems import BUSY, REFUSED, ProblemError, field_error

AT_ONCE = 2
WAIT_SECONDS = 10.0

_BUSY = "others deliver events right now, and each takes seconds: send them again in a few seconds"
_OTHER_WORLD = "real events do not go into a workspace of simulated candles: a model of both would be one of neither, use another"
_ROOM = threading.BoundedSemaphore(AT_ONCE)


def event_routes() -> APIRouter:
    """Make the route that takes events in."""
    router = APIRouter(prefix="/api", tags=["data"], route_class=StrictJsonRoute)

    @router.post("/events", responses=intake_problems(), summary="Deliver events")
    def events(asked: EventsRequest, request: Request, service: ServiceOf, caller: Admin) -> EventsAnswer:
        """Take news in through the door that files go through; the same again changes nothing.

        Each event is stored, known already, or in quarantine with its reason. They are held against
        `expectations/events.json` in a process of its own, which takes seconds: send many at once.
        """
        now_ms = service.clock()
        delivery = Delivery(
            f"api ({caller.name})", [_fields(each) for each in asked.events], _covers(asked, now_ms)
        )
        place, suite = request.app.state.place, Path(request.app.state.events_suite)
        return _answer(_delivered(DeliveryRequest(place, delivery, suite, now_ms)))

    return router


def _fields(event: PostedEvent) -> dict[str, str | None]:
    ai = None if event.ai_related is None else str(event.ai_related).lower()
    symbols = None if event.symbols is None else ",".join(event.symbols)
    texts = {name: getattr(event, name) for name in ("title", "url", "source", "category", "text")}
    return {**texts, "time": utc_iso(event.time_ms), "symbols": symbols, "ai": ai}


def _covers(asked: EventsRequest, now_ms: int) -> tuple[int, int] | None:
    covers = asked.covers
    if covers is None:
        if not asked.events:
            raise field_error("events", "has none: without any, covers must say which time had none")
        return None
    if not covers.from_ms <= covers.until_ms <= now_ms:
        raise field_error("covers", f"must end after it begins, and not after now, {utc_iso(now_ms)}")
    if any(not covers.from_ms <= each.time_ms <= covers.until_ms for each in asked.events):
        raise field_error("covers", "must hold every event of the request")
    return covers.from_ms, covers.until_ms


def _delivered(request: DeliveryRequest) -> DeliveredEvents:
    if not _ROOM.acquire(timeout=WAIT_SECONDS):
        raise ProblemError(BUSY, _BUSY)
    try:
        return deliver_in_child(request)
    # The door's own words may repeat what was sent.
    except InvalidSettings as error:
        raise ProblemError(REFUSED, _OTHER_WORLD) from error
    except AmbiguousInput as error:
        raise field_error("events", "must say who published them") from error
    except InvalidEvents as error:
        raise field_error(
            "events", "break a check of events as a whole: nothing of them is stored"
        ) from error
    finally:
        _ROOM.release()


def _answer(delivered: DeliveredEvents) -> EventsAnswer:
    return EventsAnswer(
        added=delivered.added,
        unchanged=delivered.unchanged,
        differing=delivered.differing,
        quarantined=delivered.quarantined,
        kept_out=[KeptOut(index=each.index, check=each.check, reason=each.reason) for each in delivered.held],
        covered=delivered.covered,
        notes=list(delivered.notes),
    )
