"""Which pages of other sites may use the API: what browsers are told before such a page sends its request, and after."""

from __future__ import annotations

from starlette.datastructures import Headers
from starlette.middleware.cors import CORSMiddleware
from starlette.responses import Response

from serving.web.problems import FOREIGN_ORIGIN, UNUSUAL_REQUEST, problem_response

METHODS = ("GET", "POST", "PUT")
REQUEST_HEADERS = (
    "Authorization",
    "X-API-Key",
    "Content-Type",
    "Idempotency-Key",
    "If-Match",
    "Cache-Control",
)
# Without these words a page is shown the body of an answer, and of its headers a few harmless ones.
ANSWER_HEADERS = ("ETag", "Retry-After", "Content-Disposition", "Allow", "WWW-Authenticate")
_FOREIGN = "pages of this origin may not use the API: it must be named in FORETICK_CORS_ORIGINS"
_UNUSUAL = (
    "a page may not send this: the Access-Control-Allow-Methods and -Headers of this answer name what it may"
)


class NamedOrigins(CORSMiddleware):
    """Starlette's, which refuses as everything else here does."""

    def preflight_response(self, request_headers: Headers) -> Response:
        """Say whether a page may send what it wants to."""
        answer = super().preflight_response(request_headers)
        if answer.status_code < 400:
            return answer
        told = {name: value for name, value in answer.headers.items() if not name.startswith("content-")}
        if self.is_allowed_origin(request_headers["origin"]):
            return problem_response(UNUSUAL_REQUEST, _UNUSUAL, headers=told)
        return problem_response(FOREIGN_ORIGIN, _FOREIGN, headers=told)
