"""What the OpenAPI document says of the shell: the keys that a route asks for, and what is refused before any route."""

from __future__ import annotations

from typing import Any

from serving.web.access import OPEN_PATHS
from serving.web.problems import (
    FORBIDDEN,
    MEDIA_TYPE,
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
_ALWAYS = (UNKNOWN_HOST,)
_LOCKED = (UNAUTHENTICATED, FORBIDDEN, TOO_MANY, OVERLOADED)
_WITH_BODY = (TOO_SLOW, TOO_LARGE, NOT_JSON)


def describe_shell(schema: dict[str, Any]) -> None:
    """Add to every operation the scope that it needs, none where a server has no keys, and what may refuse it."""
    schema["components"]["securitySchemes"] = SCHEMES
    for path, operations in schema["paths"].items():
        for method, operation in operations.items():
            kinds: tuple[Kind, ...] = _ALWAYS
            if path not in OPEN_PATHS:
                kinds += _LOCKED
                scope = "read" if method == "get" or (path, method) in ONLY_READS else "admin"
                operation["security"] = [{name: [scope]} for name in SCHEMES] + [{}]
            if "requestBody" in operation:
                kinds += _WITH_BODY
            for kind in kinds:
                operation["responses"].setdefault(str(kind.status), _response(kind))


def _response(kind: Kind) -> dict[str, Any]:
    return {
        "description": kind.title,
        "content": {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}},
    }
