"""What a request may cost: the size of its body, and JSON that is read strictly."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from typing import Any

import orjson
from fastapi.routing import APIRoute
from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from serving.web.problems import TOO_LARGE, problem_response

BODY_LIMIT_BYTES = 64 * 1024


class BodyLimit:
    """Answers 413 to a body over the limit, before a route sees it.

    The body is read whole first: a length that the client declares may be false, and the limit is small.
    """

    def __init__(self, app: ASGIApp, limit_bytes: int = BODY_LIMIT_BYTES) -> None:
        self.app = app
        self.limit_bytes = limit_bytes

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Read the body, then hand it on or refuse it."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        first = None if self._declares_too_much(scope) else await self._read(receive)
        if first is None:
            detail = f"the request body has more than {self.limit_bytes} bytes: send less"
            await problem_response(TOO_LARGE, detail, headers={"Connection": "close"})(scope, receive, send)
            return
        await self.app(scope, _replay(first, receive), send)

    def _declares_too_much(self, scope: Scope) -> bool:
        declared = Headers(scope=scope).get("content-length", "")
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


def _replay(first: Message, receive: Receive) -> Receive:
    waiting = [first]

    async def replay() -> Message:
        return waiting.pop() if waiting else await receive()

    return replay


class _StrictRequest(Request):
    async def json(self) -> Any:
        # orjson refuses what the standard library lets through: NaN, infinities, lone surrogates, depth.
        return orjson.loads(await self.body())


class StrictJsonRoute(APIRoute):
    """A route whose JSON bodies are finite numbers and valid Unicode, or 422."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """Handle the request with the strict reader of its body."""
        handle = super().get_route_handler()

        async def strict(request: Request) -> Response:
            return await handle(_StrictRequest(request.scope, request.receive))

        return strict
