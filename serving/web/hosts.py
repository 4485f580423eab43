"""Which names a request may call the server by.

A page of another site can make its own name point here and would then count as ours to the browser; a server that only answers
to names it knows is out of its reach.
"""

from __future__ import annotations

from collections.abc import Collection

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Receive, Scope, Send

from serving.web.access import is_loopback
from serving.web.problems import UNKNOWN_HOST, problem_response

_DETAIL = "the Host header names no host that this server answers for: add it to FORETICK_ALLOWED_HOSTS"
_TWO = "the request has more than one Host header: send one"


class KnownHosts:
    """Refuses a request for a host that is neither loopback, nor the address that it came in on, nor named."""

    def __init__(self, app: ASGIApp, hosts: Collection[str] = ()) -> None:
        self.app = app
        self.hosts = frozenset(each.lower() for each in hosts)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let a request for a known host pass."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        hosts = Headers(scope=scope).getlist("host")
        if len(hosts) > 1:  # a proxy may have looked at another one of them
            await problem_response(UNKNOWN_HOST, _TWO)(scope, receive, send)
        elif self._knows(host_of(hosts[0] if hosts else ""), scope):
            await self.app(scope, receive, send)
        else:
            await problem_response(UNKNOWN_HOST, _DETAIL)(scope, receive, send)

    def _knows(self, host: str, scope: Scope) -> bool:
        server = scope.get("server")
        return host in self.hosts or is_loopback(host) or (server is not None and host == server[0])


def host_of(header: str) -> str:
    """Name in a Host header, without port and brackets.

    Examples
    --------
    >>> host_of("Foretick.example:8000"), host_of("[::1]:8000"), host_of("::1")
    ('foretick.example', '::1', '')
    """
    if header.startswith("["):
        return header[1:].partition("]")[0].lower()
    name, _, port = header.partition(":")
    return name.lower() if not port or port.isdecimal() else ""
