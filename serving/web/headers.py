"""What every answer tells a browser: believe the declared type, keep nothing, show it in no frame, load nothing."""

from __future__ import annotations

from collections.abc import Mapping

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

CONTENT_POLICY = "content-security-policy"
NOTHING = "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
EVERYWHERE: Mapping[str, str] = {
    CONTENT_POLICY: NOTHING,
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "referrer-policy": "no-referrer",
    "cross-origin-opener-policy": "same-origin",
    "cache-control": "no-store",
}


class SafeHeaders:
    """Adds to every answer the headers that it does not have yet; pages below a path have a content policy of their own."""

    def __init__(self, app: ASGIApp, policies: Mapping[str, str] | None = None) -> None:
        self.app = app
        self.policies = dict(policies or {})

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer with the headers."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return

        async def send_safely(message: Message) -> None:
            if message["type"] == "http.response.start":
                self._complete(MutableHeaders(raw=message.setdefault("headers", [])), scope["path"])
            await send(message)

        await self.app(scope, receive, send_safely)

    def _complete(self, headers: MutableHeaders, path: str) -> None:
        for prefix, policy in self.policies.items():
            if path == prefix or path.startswith(f"{prefix}/"):
                headers.setdefault(CONTENT_POLICY, policy)
        for name, value in EVERYWHERE.items():
            headers.setdefault(name, value)
