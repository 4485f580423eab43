"""What a request may cost: the size of its body and the time to send it; and JSON alone, read strictly."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import Callable, Coroutine
from typing import Any

import orjson
from fastapi.routing import APIRoute
from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from serving.web.problems import NOT_JSON, TOO_LARGE, TOO_SLOW, field_error, problem_response

BODY_LIMIT_BYTES = 64 * 1024
BODY_SECONDS = 10.0
UTF_8 = ("utf-8", "utf8", "us-ascii")
_JSON = re.compile(r"application/(json|[a-z0-9.\-]+\+json)")
_CLOSE = {"Connection": "close"}


class BodyLimit:
    """Answers 413 to a body over the limit, 408 to a slow one and 415 to one that is not JSON, before a route sees it.

    The body is read whole first: a length that the client declares may be false, and the limit is small.
    """

    def __init__(
        self, app: ASGIApp, limit_bytes: int = BODY_LIMIT_BYTES, body_seconds: float = BODY_SECONDS
    ) -> None:
        self.app = app
        self.limit_bytes = limit_bytes
        self.body_seconds = body_seconds

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Read the body, then hand it on or refuse it."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        first = await self._first(headers, receive)
        if isinstance(first, Response):
            await first(scope, receive, send)
        elif first.get("body") and not _is_json(headers):
            detail = (
                "the body must be JSON in UTF-8, sent with Content-Type: application/json and not compressed"
            )
            await problem_response(NOT_JSON, detail)(scope, receive, send)
        else:
            await self.app(scope, _replay(first, receive), send)

    async def _first(self, headers: Headers, receive: Receive) -> Message | Response:
        """Return the whole body as one message, or the refusal of it."""
        first = None
        if not self._declares_too_much(headers):
            try:
                async with asyncio.timeout(self.body_seconds):
                    first = await self._read(receive)
            except TimeoutError:
                detail = f"the request body was not sent within {self.body_seconds:.0f} s: send it at once"
                return problem_response(TOO_SLOW, detail, headers=_CLOSE)
        if first is None:
            detail = f"the request body has more than {self.limit_bytes} bytes: send less"
            return problem_response(TOO_LARGE, detail, headers=_CLOSE)
        return first

    def _declares_too_much(self, headers: Headers) -> bool:
        declared = headers.get("content-length", "")
        return declared.isdecimal() and (len(declared) > 10 or int(declared) > self.limit_bytes)

    async def _read(self, receive: Receive) -> Message | None:
        body = bytearray()
        while True:
            message = await receive()
            if message["type"] != "http.request":
                return message
            body += message.get("body", b"")
            if len(body) > self.limit_bytes:
                return None
            if not message.get("more_body", False):
                return {"type": "http.request", "body": bytes(body), "more_body": False}


def _is_json(headers: Headers) -> bool:
    if headers.get("content-encoding", "identity").lower() != "identity":
        return False
    kind, *parameters = headers.get("content-type", "").lower().split(";")
    charsets = [each.strip().removeprefix("charset=").strip('"') for each in parameters if "charset" in each]
    return _JSON.fullmatch(kind.strip()) is not None and all(each in UTF_8 for each in charsets)


def _replay(first: Message, receive: Receive) -> Receive:
    waiting = [first]

    async def replay() -> Message:
        return waiting.pop() if waiting else await receive()

    return replay


class StrictRequest(Request):
    """A request whose JSON is read strictly."""

    async def json(self) -> Any:
        """Give what the body says; raises for what is not finite numbers, valid Unicode and names that occur once."""
        # orjson refuses what the standard library lets through: NaN, infinities, lone surrogates, depth. But of a name that
        # occurs twice it takes the last, and whoever checked the request before us may have seen the first.
        body = await self.body()
        read = orjson.loads(body)
        try:
            _NAMES_ONCE.decode(body.decode())
        except RecursionError:
            raise json.JSONDecodeError("nested too deeply", "", 0) from None
        return read


def _once(pairs: list[tuple[str, Any]]) -> None:
    if len({name for name, _ in pairs}) < len(pairs):
        raise json.JSONDecodeError("a name occurs twice", "", 0)


_NAMES_ONCE = json.JSONDecoder(object_pairs_hook=_once, parse_int=str, parse_float=str)


def _demand_names_once(request: Request) -> None:
    """Refuse what would be answered by the last of two values, without a word of the first."""
    if request.scope["query_string"]:
        names = [name for name, _ in request.query_params.multi_items()]
        if len(set(names)) < len(names):
            raise field_error("query", "names a parameter twice: give each once, several markets with commas")


class StrictJsonRoute(APIRoute):
    """A route whose JSON is finite numbers and valid Unicode, and where no name occurs twice, or 422."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """Handle the request with the strict reader of its body."""
        handle = super().get_route_handler()

        async def strict(request: Request) -> Response:
            _demand_names_once(request)
            return await handle(StrictRequest(request.scope, request.receive))

        return strict
