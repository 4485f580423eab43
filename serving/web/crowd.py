"""How many requests are answered at once: those beyond are told to come back, so that the others do not wait for ever."""

from __future__ import annotations

from starlette.types import ASGIApp, Receive, Scope, Send

from serving.web.access import OPEN_PATHS
from serving.web.problems import OVERLOADED, problem_response

MOST_AT_ONCE = 64
RETRY_AFTER = {"Retry-After": "1"}
_DETAIL = "the server answers as many requests as it can at the moment: ask again in a second"


class Crowd:
    """Answers 503 at once while `most` requests are under way; whether the process lives is always told."""

    def __init__(self, app: ASGIApp, most: int = MOST_AT_ONCE) -> None:
        self.app = app
        self.most = most
        self.inside = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let a request in where there is room."""
        if scope["type"] != "http" or scope["path"] in OPEN_PATHS:
            await self.app(scope, receive, send)
            return
        if self.inside >= self.most:
            await problem_response(OVERLOADED, _DETAIL, headers=RETRY_AFTER)(scope, receive, send)
            return
        self.inside += 1
        try:
            await self.app(scope, receive, send)
        finally:
            self.inside -= 1
