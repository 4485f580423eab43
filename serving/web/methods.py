"""Which methods a path takes, over all routes that have it: the router names those of the first alone."""

from __future__ import annotations

from fastapi.routing import iter_route_contexts
from starlette.requests import Request
from starlette.routing import Match


def allowed_methods(request: Request) -> str:
    """As the Allow header names them, where the request's own method is none of them."""
    partly = (
        each.methods or ()
        for each in iter_route_contexts(request.app.routes)
        if each.matches(request.scope)[0] is Match.PARTIAL
    )
    return ", ".join(sorted({method for methods in partly for method in methods}))
