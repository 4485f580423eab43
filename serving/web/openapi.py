"""What the OpenAPI document says of the shell: the keys that a route asks for, and what is refused before any route."""

from __future__ import annotations

from typing import Any

from serving.web.access import OPEN_PATHS
from serving.web.documentation import problem_example
from serving.web.problems import (
    FORBIDDEN,
    MEDIA_TYPE,
    NO_KEY,
    NOT_JSON,
    OVERLOADED,
    TOO_LARGE,
    TOO_MANY,
    TOO_SLOW,
    UNAUTHENTICATED,
    UNKNOWN_HOST,
    Kind,
)

SCHEMES = {
    "bearer": {"type": "http", "scheme": "bearer", "description": "Authorization: Bearer KEY"},
    "key": {"type": "apiKey", "in": "header", "name": "X-API-Key", "description": "X-API-Key: KEY"},
}
ONLY_READS = {("/api/forecast", "post")}
_Refusals = tuple[tuple[Kind, str], ...]
_ALWAYS: _Refusals = (
    (
        UNKNOWN_HOST,
        "the Host header names no host that this server answers for: add it to FORETICK_ALLOWED_HOSTS",
    ),
)
_LOCKED: _Refusals = (
    (UNAUTHENTICATED, "an API key is needed: send it as Authorization: Bearer KEY or as X-API-Key: KEY"),
    (
        TOO_MANY,
        "this caller asks more often than it may: the Retry-After header says in how many seconds to ask again",
    ),
    (OVERLOADED, "the server answers as many requests as it can at the moment: ask again in a second"),
)
# Nobody is refused a question because the key may only read.
_BY_SCOPE: dict[str, tuple[Kind, str]] = {
    "read": (
        NO_KEY,
        "this server has no API key, so it answers on its own machine only: make a key of its workspace with foretick keys create",
    ),
    "admin": (FORBIDDEN, "the key may only read: one of scope admin is needed"),
}
_WITH_BODY: _Refusals = (
    (TOO_SLOW, "the request body was not sent within 10 s: send it at once"),
    (TOO_LARGE, "the request body has more than 65536 bytes: send less"),
    (NOT_JSON, "the body must be JSON in UTF-8, sent with Content-Type: application/json and not compressed"),
)


def describe_shell(schema: dict[str, Any]) -> None:
    """Add to every operation the scope that it needs, none where a server has no keys, and what may refuse it."""
    schema["components"]["securitySchemes"] = SCHEMES
    for path, operations in schema["paths"].items():
        for method, operation in operations.items():
            refusals = _ALWAYS
            if path not in OPEN_PATHS:
                scope = "read" if method == "get" or (path, method) in ONLY_READS else "admin"
                refusals += (*_LOCKED, _BY_SCOPE[scope])
                operation["security"] = [{name: [scope]} for name in SCHEMES] + [{}]
            if "requestBody" in operation:
                refusals += _WITH_BODY
            for kind, detail in refusals:
                operation["responses"].setdefault(str(kind.status), _response(kind, detail))


def _response(kind: Kind, detail: str) -> dict[str, Any]:
    return {
        "description": kind.title,
        "content": {
            MEDIA_TYPE: {
                "schema": {"$ref": "#/components/schemas/Problem"},
                "example": problem_example(kind, detail),
            }
        },
    }
