"""Who may ask and who may change: a gate before every route, and what a route needs of its caller.

The gate lets nobody in whom it does not know, whatever a route says, so a new route is closed by itself. While it is
certain that no key exists, whoever reaches the server on its own loopback address is `local` and may do everything.
"""

from __future__ import annotations

import base64
import binascii
import ipaddress
from collections.abc import Collection
from functools import lru_cache
from typing import Annotated

from fastapi import Depends, Request
from starlette.datastructures import Headers
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from forecasting.adapters.store.api_keys import LOCAL
from serving.web.keys import Caller, KeyRing
from serving.web.problems import (
    FORBIDDEN,
    FOREIGN_ORIGIN,
    NO_KEY,
    STORE_UNAVAILABLE,
    TOO_MANY,
    UNAUTHENTICATED,
    ProblemError,
    problem_response,
)
from serving.web.rates import Rates, network_of

OPEN_PATHS = frozenset({"/livez", "/readyz"})
SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
LONGEST_KEY = 512
REFUSED_A_SECOND, KEY_A_SECOND = 20, 200

_CALLER = "foretick.caller"
_LOCAL = Caller(LOCAL, "admin")
_OWN_SITE = (None, "same-origin", "none")
_FORWARDED = ("forwarded", "x-forwarded-for", "x-real-ip")
_KEY_NEEDED = "an API key is needed: send it as Authorization: Bearer KEY or as X-API-Key: KEY"


class AccessGate:
    """Names the caller of each request, or refuses it.

    Parameters
    ----------
    app
        What lies behind.
    ring
        The keys that open.
    origins
        Origins of other sites whose pages may send what is no mere question.
    rate
        Requests that one caller may send in a second. None: `KEY_A_SECOND` of each key, while `local`, whose machine it is,
        sends as many as it answers.
    """

    def __init__(
        self, app: ASGIApp, ring: KeyRing, origins: Collection[str] = (), rate: int | None = None
    ) -> None:
        self.app = app
        self.ring = ring
        self.origins = frozenset(origins)
        self._known = Rates(KEY_A_SECOND if rate is None else rate)
        self._unlimited = _LOCAL if rate is None else None
        self._refused = Rates(REFUSED_A_SECOND)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let a known caller pass."""
        if scope["type"] != "http" or scope["path"] in OPEN_PATHS:
            await self.app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        found = self._refused_origin(scope, headers) or self._caller(scope, headers)
        wait_seconds = self._wait_seconds(found, scope)
        if wait_seconds:
            found = _too_many(wait_seconds)
        if isinstance(found, Response):
            await found(scope, receive, send)
            return
        scope[_CALLER] = found
        await self.app(scope, receive, send)

    def _wait_seconds(self, found: Caller | Response, scope: Scope) -> int:
        if found == self._unlimited:
            return 0
        if isinstance(found, Caller):
            return self._known.wait_seconds(found.name)
        client = scope.get("client")
        return self._refused.wait_seconds(network_of(client[0] if client else ""))

    def _refused_origin(self, scope: Scope, headers: Headers) -> Response | None:
        if scope["method"] in SAFE_METHODS or not _is_foreign(headers, self.origins):
            return None
        detail = "another site's page sent this: its origin must be named in FORETICK_CORS_ORIGINS"
        return problem_response(FOREIGN_ORIGIN, detail)

    def _caller(self, scope: Scope, headers: Headers) -> Caller | Response:
        if self.ring.empty:
            if _is_local(scope, headers):
                return _LOCAL
            detail = (
                "this server has no API key, so it answers on its own machine only: "
                "make a key of its workspace with foretick keys create"
            )
            return problem_response(NO_KEY, detail)
        key = _presented(scope["method"], headers)
        caller = None if key is None else self.ring.caller(key)
        if caller is not None:
            return caller
        if not self.ring.known and (key is not None or not self.ring.locked):
            detail = "the API keys cannot be read from the document store at the moment: ask again in a few seconds"
            return problem_response(STORE_UNAVAILABLE, detail)
        return problem_response(
            UNAUTHENTICATED, _KEY_NEEDED, headers={"WWW-Authenticate": _challenge(headers)}
        )


def known_caller(request: Request) -> Caller | None:
    """Whoever asks; None where no gate named the caller."""
    caller: Caller | None = request.scope.get(_CALLER)
    return caller


async def needs_read(request: Request) -> Caller:
    """Whoever asks; a route with this dependency answers known callers alone.

    Raises
    ------
    ProblemError
        No gate named the caller.
    """
    caller = known_caller(request)
    if caller is None:
        raise ProblemError(UNAUTHENTICATED, _KEY_NEEDED)
    return caller


async def needs_admin(request: Request) -> Caller:
    """Whoever asks for a change; a route with this dependency obeys keys of scope admin alone.

    Raises
    ------
    ProblemError
        The caller is not known, or may only read.
    """
    caller = await needs_read(request)
    if caller.scope != "admin":
        raise ProblemError(FORBIDDEN, "the key may only read: one of scope admin is needed")
    return caller


Reader = Annotated[Caller, Depends(needs_read)]
Admin = Annotated[Caller, Depends(needs_admin)]


@lru_cache(maxsize=256)
def is_loopback(host: str) -> bool:
    """Whether an address that a socket is bound to, or a name for it, leads from this machine to itself alone."""
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return host.lower() == "localhost"
    mapped = getattr(address, "ipv4_mapped", None)
    return bool((mapped or address).is_loopback)


def _is_local(scope: Scope, headers: Headers) -> bool:
    """Whether the connection came in on loopback, and no proxy there says that it speaks for another."""
    server = scope.get("server")
    return (
        server is not None and is_loopback(str(server[0])) and not any(each in headers for each in _FORWARDED)
    )


def _is_foreign(headers: Headers, origins: Collection[str]) -> bool:
    """Whether a browser says that a page of another site sent the request; what is no browser sends neither header."""
    origin = headers.get("origin")
    if origin is not None and origin in origins:
        return False
    if headers.get("sec-fetch-site") not in _OWN_SITE:
        return True
    return origin is not None and origin.partition("://")[2].lower() != headers.get("host", "").lower()


def _too_many(wait_seconds: int) -> Response:
    detail = "this caller asks more often than it may: the Retry-After header says in how many seconds to ask again"
    return problem_response(TOO_MANY, detail, headers={"Retry-After": str(wait_seconds)})


def _presented(method: str, headers: Headers) -> str | None:
    scheme, _, credentials = headers.get("authorization", "").partition(" ")
    key: str | None = credentials.strip()
    if not scheme:
        key = headers.get("x-api-key")
    elif scheme.lower() == "basic" and method in SAFE_METHODS:
        key = _password(credentials)
    elif scheme.lower() != "bearer":
        key = None
    return key if key and len(key) <= LONGEST_KEY else None


def _password(credentials: str) -> str | None:
    """Key that a person gave as the password where a browser asked, for pages cannot be opened with a header."""
    try:
        return base64.b64decode(credentials, validate=True).decode().partition(":")[2]
    except (binascii.Error, ValueError):
        return None


def _challenge(headers: Headers) -> str:
    asks_for_page = "text/html" in headers.get("accept", "")
    return 'Basic realm="foretick", Bearer realm="foretick"' if asks_for_page else 'Bearer realm="foretick"'
