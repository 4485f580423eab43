"""How many requests are answered at once: those beyond are told to come back, so that the others do not wait for ever."""

from __future__ import annotations

from dataclasses import dataclass

from starlette.types import ASGIApp, Receive, Scope, Send

from serving.web.access import OPEN_PATHS
from serving.web.problems import OVERLOADED, problem_response

MOST_AT_ONCE = 64
MOST_OTHERS = 24  # of the 40 threads of the server's pool, so that some are always left for forecasts
FORECASTS = "/forecast"
ALWAYS = OPEN_PATHS | {"/metrics"}  # answered from memory, and most wanted when nothing else is
RETRY_AFTER = {"Retry-After": "1"}
_DETAIL = "the server answers as many requests as it can at the moment: ask again in a second"


@dataclass(slots=True)
class _Room:
    most: int
    inside: int = 0


class Crowd:
    """Answers 503 at once while as many requests are under way as may be; how the process does is always told.

    Forecasts are counted by themselves: whatever waits for the store or another server takes no room of theirs.
    """

    def __init__(self, app: ASGIApp, most: int = MOST_AT_ONCE, most_others: int = MOST_OTHERS) -> None:
        self.app = app
        self.forecasts, self.others = _Room(most), _Room(most_others)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let a request in where there is room."""
        if scope["type"] != "http" or scope["path"] in ALWAYS:
            await self.app(scope, receive, send)
            return
        room = self.forecasts if FORECASTS in scope["path"] else self.others
        if room.inside >= room.most:
            await problem_response(OVERLOADED, _DETAIL, headers=RETRY_AFTER)(scope, receive, send)
            return
        room.inside += 1
        try:
            await self.app(scope, receive, send)
        finally:
            room.inside -= 1
