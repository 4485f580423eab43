"""Every error as one application/problem+json answer (RFC 9457).

What the client sent is never repeated and what broke inside is never told: a 5xx carries the name of the
occurrence, and the log says the rest under that name.
"""

from __future__ import annotations

import logging
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from forecasting.errors import (
    ForetickError,
    KeyReused,
    LoadInterrupted,
    NotEnoughHistory,
    OrchestratorUnavailable,
    RegistryUnavailable,
    StoreUnavailable,
    UnknownDeployment,
    UnknownHorizon,
    UnknownJob,
    UnknownSymbol,
)
from serving.schemas.forecasts import FieldProblem, Problem
from serving.web.methods import allowed_methods

MEDIA_TYPE = "application/problem+json"
RETRY_SECONDS = "2"

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of problem: its stable name, its words, its HTTP status, and whether the log is told where it is 5xx."""

    slug: str
    title: str
    status: int
    logged: bool = True

    @property
    def urn(self) -> str:
        """Its stable name, as answers tell it."""
        return f"urn:foretick:problem:{self.slug}"


MALFORMED = Kind("malformed-request", "Malformed request", 422)
TOO_LARGE = Kind("too-large", "Request body too large", 413)
UNKNOWN_ROUTE = Kind("unknown-route", "Unknown route", 404)
METHOD_NOT_ALLOWED = Kind("method-not-allowed", "Method not allowed", 405)
UNAUTHENTICATED = Kind("unauthenticated", "API key needed", 401)
FORBIDDEN = Kind("forbidden", "Scope admin needed", 403)
NO_KEY = Kind("no-key", "No API key exists", 403)
FOREIGN_ORIGIN = Kind("foreign-origin", "Foreign origin", 403)
UNUSUAL_REQUEST = Kind("unusual-request", "Not what a page may send", 400)
NOT_HTTP = Kind("not-http", "Not an HTTP request", 400)
UNKNOWN_HOST = Kind("unknown-host", "Unknown host", 400)
TOO_SLOW = Kind("too-slow", "Request too slow", 408)
NOT_JSON = Kind("not-json", "Not JSON", 415)
TOO_MANY = Kind("too-many-requests", "Too many requests", 429)
UNKNOWN_SYMBOL = Kind("unknown-symbol", "Unknown symbol", 404)
UNKNOWN_HORIZON = Kind("unknown-horizon", "Unknown horizon", 404)
UNKNOWN_DECISION = Kind("unknown-decision", "Unknown decision", 404)
UNKNOWN_MODEL = Kind("unknown-model", "Unknown model", 404)
UNKNOWN_RUN = Kind("unknown-run", "Unknown run", 404)
NO_VERSION = Kind("no-version", "Version needed", 428)
MOVED_SETTINGS = Kind("settings-moved", "Another changed the settings", 412)
CHANGES_MEANING = Kind("changes-meaning", "Another question", 409)
POINTER_MOVED = Kind("pointer-moved", "Another moved what serves", 409)
REFUSED = Kind("refused", "Refused", 409)
NOT_ENOUGH_HISTORY = Kind("not-enough-history", "Not enough history", 409)
STORE_UNAVAILABLE = Kind("store-unavailable", "Document store unavailable", 503)
REGISTRY_UNAVAILABLE = Kind("registry-unavailable", "Model registry unavailable", 503)
ORCHESTRATOR_UNAVAILABLE = Kind("orchestrator-unavailable", "Orchestrator unavailable", 503)
UNKNOWN_JOB = Kind("unknown-job", "Unknown job", 404)
UNKNOWN_DEPLOYMENT = Kind("unknown-deployment", "Unknown deployment", 409)
ALREADY_SET_UP = Kind("already-set-up", "Already set up", 409)
KEY_REUSED = Kind("idempotency-key-reused", "Idempotency key reused", 422)
BUSY = Kind("busy", "Busy", 503)
OVERLOADED = Kind("overloaded", "Too busy", 503, logged=False)
INTERNAL = Kind("internal", "Internal error", 500)

# Only what a caller can cause or wait out is told; any other error of ours is our fault, hence a 500.
_CLIENT_ERRORS: Mapping[type[ForetickError], Kind] = {
    UnknownSymbol: UNKNOWN_SYMBOL,
    UnknownHorizon: UNKNOWN_HORIZON,
    NotEnoughHistory: NOT_ENOUGH_HISTORY,
    UnknownJob: UNKNOWN_JOB,
    UnknownDeployment: UNKNOWN_DEPLOYMENT,
    KeyReused: KEY_REUSED,
}
_OUTAGES: Mapping[type[ForetickError], tuple[Kind, str]] = {
    StoreUnavailable: (
        STORE_UNAVAILABLE,
        "the document store cannot be read at the moment: ask again in a few seconds",
    ),
    RegistryUnavailable: (
        REGISTRY_UNAVAILABLE,
        "the model registry cannot be read at the moment: ask again in a few seconds",
    ),
    LoadInterrupted: (
        REGISTRY_UNAVAILABLE,
        "the model's bundle could not be brought at the moment: ask again in a few seconds",
    ),
    OrchestratorUnavailable: (
        ORCHESTRATOR_UNAVAILABLE,
        "Prefect, which runs jobs, does not answer: forecasts go on; ask again in a few seconds",
    ),
}
_HTTP_DETAILS: Mapping[int, tuple[Kind, str]] = {
    404: (UNKNOWN_ROUTE, "there is no such route: /openapi.json lists those that exist"),
    405: (
        METHOD_NOT_ALLOWED,
        "the route does not take this method: the Allow header names those that it takes",
    ),
    422: (MALFORMED, "the request cannot be understood"),
}
_FIELD_MESSAGES: Mapping[str, str] = {
    "missing": "is needed",
    "string_type": "must be a text",
    "string_too_short": "must not be empty",
    "string_too_long": "is too long: {max_length} characters at most",
    "string_unicode": "must be valid Unicode",
    "extra_forbidden": "has a field that this route does not know: /openapi.json lists those it has",
    "json_invalid": "must be valid JSON, UTF-8, with finite numbers and no name twice",
    "model_attributes_type": "must be a JSON object, sent with Content-Type: application/json",
    "model_type": "must be a JSON object, sent with Content-Type: application/json",
    "greater_than": "must be more than {gt}",
    "greater_than_equal": "must be {ge} or more",
    "less_than": "must be less than {lt}",
    "less_than_equal": "must be {le} or less",
    "literal_error": "must be {expected}",
    "too_long": "must have at most {max_length} entries",
    "too_short": "must have at least {min_length} entries",
    "list_type": "must be a list",
    **dict.fromkeys(("bool_type", "bool_parsing"), "must be true or false"),
    **dict.fromkeys(
        ("int_type", "int_parsing", "int_from_float", "int_parsing_size"), "must be a whole number"
    ),
    **dict.fromkeys(("float_type", "float_parsing", "finite_number", "number_type"), "must be a number"),
}
_OWN_MESSAGES = "moment_"


class ProblemError(Exception):
    """A problem that a route finds by itself; it is answered as it is."""

    def __init__(
        self,
        kind: Kind,
        detail: str,
        errors: Sequence[FieldProblem] = (),
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(detail)
        self.kind = kind
        self.detail = detail
        self.errors = errors
        self.headers = headers


def field_error(field: str, message: str) -> ProblemError:
    """Problem of a request that is well-formed and still cannot be answered because of one of its fields."""
    return ProblemError(MALFORMED, f"{field} {message}", [FieldProblem(field=field, message=message)])


def problem_response(
    kind: Kind,
    detail: str,
    *,
    errors: Sequence[FieldProblem] = (),
    headers: Mapping[str, str] | None = None,
    cause: BaseException | None = None,
) -> Response:
    """Answer with a problem; a 5xx is logged under the occurrence's name, with its cause."""
    instance = f"urn:uuid:{uuid.uuid4()}"
    if kind.status == HTTPStatus.SERVICE_UNAVAILABLE:
        headers = {"Retry-After": RETRY_SECONDS, **(headers or {})}
    if kind.status >= HTTPStatus.INTERNAL_SERVER_ERROR and kind.logged:
        # An outage is one line; only what we did not foresee needs the way it came.
        _log.error(
            "%s %s: %s", instance, kind.slug, cause or detail, exc_info=cause if kind is INTERNAL else None
        )
    problem = Problem(
        type=kind.urn,
        title=kind.title,
        status=kind.status,
        detail=detail,
        instance=instance,
        errors=list(errors),
    )
    return Response(problem.model_dump_json(), kind.status, headers, MEDIA_TYPE)


def install_problem_handlers(app: FastAPI) -> None:
    """Make every error that leaves a route, or finds none, a problem."""
    app.exception_handler(ForetickError)(_known_error)
    app.exception_handler(ProblemError)(_own_problem)
    app.exception_handler(RequestValidationError)(_validation_error)
    app.exception_handler(HTTPException)(_http_error)
    app.exception_handler(Exception)(_unexpected)


def described(error: ForetickError) -> tuple[Kind, str] | None:
    """Say what a caller is told of an error; None for one that is our fault."""
    for known, kind in _CLIENT_ERRORS.items():
        if isinstance(error, known):
            return kind, str(error)
    return next((told for known, told in _OUTAGES.items() if isinstance(error, known)), None)


async def _known_error(request: Request, error: ForetickError) -> Response:
    told = described(error)
    return await _unexpected(request, error) if told is None else problem_response(*told, cause=error)


async def _own_problem(_: Request, error: ProblemError) -> Response:
    return problem_response(error.kind, error.detail, errors=error.errors, headers=error.headers)


async def _validation_error(_: Request, error: RequestValidationError) -> Response:
    return _malformed([_field_problem(each) for each in error.errors()])


def _malformed(errors: Sequence[FieldProblem]) -> Response:
    return problem_response(
        MALFORMED, "; ".join(f"{each.field} {each.message}" for each in errors[:4]), errors=errors[:16]
    )


def _field_problem(error: Mapping[str, Any]) -> FieldProblem:
    kind = str(error["type"])
    fallback = str(error["msg"]) if kind.startswith(_OWN_MESSAGES) else "has a value that cannot be used"
    # What is filled in are the bounds and the choices of our schema, never what was sent.
    known = _FIELD_MESSAGES.get(kind)
    message = fallback if known is None else known.format_map(error.get("ctx", {}))
    return FieldProblem(field=_field_name(kind, error["loc"]), message=message)


def _field_name(kind: str, location: Sequence[str | int]) -> str:
    """Name a field by its way in the request, as in events[0].source; of names, only our own are ever in it."""
    if kind == "json_invalid" or len(location) == 1:
        return str(location[0])
    # The name of an unknown field is the client's own text.
    path = location[1:-1] if kind == "extra_forbidden" else location[1:]
    named = "".join(f"[{each}]" if isinstance(each, int) else f".{each}" for each in path)
    return named.removeprefix(".") or str(location[0])


async def _http_error(request: Request, error: HTTPException) -> Response:
    fallback = Kind("http", HTTPStatus(error.status_code).phrase, error.status_code)
    kind, detail = _HTTP_DETAILS.get(error.status_code, (fallback, HTTPStatus(error.status_code).phrase))
    headers = dict(error.headers or {})
    if error.status_code == HTTPStatus.METHOD_NOT_ALLOWED and (methods := allowed_methods(request)):
        headers["Allow"] = methods
    return problem_response(kind, detail, headers=headers)


async def _unexpected(_: Request, error: Exception) -> Response:
    return problem_response(
        INTERNAL, "the server failed on this request; its log has the instance", cause=error
    )
