"""What every answer tells a browser: believe the declared type, keep nothing, show it in no frame, load nothing."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

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


_ENCODED = tuple((name.encode(), value.encode()) for name, value in EVERYWHERE.items())
_POLICY = CONTENT_POLICY.encode()


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
                message["headers"] = [*message.get("headers", ()), *self._added(message, scope["path"])]
            await send(message)

        await self.app(scope, receive, send_safely)

    def _added(self, message: Message, path: str) -> Iterator[tuple[bytes, bytes]]:
        told = {name.lower() for name, _ in message.get("headers", ())}
        for name, value in _ENCODED:
            if name not in told:
                yield name, self._policy(path) if name == _POLICY else value

    def _policy(self, path: str) -> bytes:
        for prefix, policy in self.policies.items():
            if path == prefix or path.startswith(f"{prefix}/"):
                return policy.encode()
        return NOTHING.encode()
