"""A route that answers a well-formed request without FastAPI's work on it, and leaves every other request to FastAPI."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any

import orjson
from fastapi.routing import APIRoute
from pydantic import BaseModel, ValidationError
from starlette.requests import Request
from starlette.responses import Response

from serving.web.access import known_caller
from serving.web.limits import StrictJsonRoute, StrictRequest

Quick = Callable[[Request, Any], Awaitable[Response | None]]


def quick_route(asked: type[BaseModel], answer: Quick) -> type[APIRoute]:
    """Make the class of a route whose body is one model and that every known caller may ask.

    Finding out anew for each request what a function's parameters are costs more than a repeated answer. A request that
    FastAPI might refuse is given to it, so each refusal is its own.

    Parameters
    ----------
    asked
        Model of the body.
    answer
        Answers a request whose body is valid; None for what else may be wrong with it.
    """

    class QuickRoute(StrictJsonRoute):
        """Answers what is well-formed at once."""

        def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
            """Handle the request, with FastAPI where something is wrong with it."""
            handle = APIRoute.get_route_handler(self)

            async def quick(request: Request) -> Response:
                strict = StrictRequest(request.scope, request.receive)
                found = await _valid(strict, asked)
                answered = None if found is None else await answer(strict, found)
                return await handle(strict) if answered is None else answered

            return quick

    return QuickRoute


async def _valid(request: StrictRequest, asked: type[BaseModel]) -> BaseModel | None:
    """Read what a known caller asks; None where anything is wrong with the request."""
    if known_caller(request) is None or not await request.body():
        return None
    try:
        return asked.model_validate(await request.json())
    except (ValidationError, json.JSONDecodeError, orjson.JSONDecodeError, UnicodeDecodeError):
        return None
