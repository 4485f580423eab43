"""What is counted for Prometheus: requests, and answers by their source. No label ever holds a client's text."""

from __future__ import annotations

import re
import time
from collections.abc import Mapping

from prometheus_client import CollectorRegistry, Counter, Histogram
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from serving.schemas.forecasts import ForecastAnswer

METHODS = frozenset({"GET", "HEAD", "OPTIONS", "POST", "PUT", "PATCH", "DELETE"})
OTHER = "other"
SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.015, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0)
_A_MODEL = r"^the (production model|challenger) \S+ "
# Reasons are sentences for people; a sentence that is not known here counts as other. Each is known by how it begins,
# for some end in words of a person or of an error.
REASONS: Mapping[str, str] = {
    "breaker": r"^breaker ",
    "no-model": r"^no (production model|challenger) ",
    "unknown-market": _A_MODEL + r"was not trained on ",
    "refused": r"^production version \S+ for \S+ was refused",
    "withdrawn": r"^the production model for \S+ was ",
    "not-read-yet": r"^the production pointer has not been read ",
    "loading": r"^(models are loaded at the first question|the production model for \S+ is being loaded)",
    "raised": _A_MODEL + r"raised ",
    "no-number": _A_MODEL + r"gave a forecast that is not finite",
    "too-slow": r"^deadline: ",
}
_REASONS = tuple((kind, re.compile(pattern)) for kind, pattern in REASONS.items())


def reason_kind(reason: str) -> str:
    """Kind of a fallback's reason, one of `REASONS` or other."""
    return next((kind for kind, pattern in _REASONS if pattern.search(reason)), OTHER)


class Meter:
    """The counters of one app."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self._requests = Counter(
            "foretick_requests",
            "Requests by route, method and status.",
            ("route", "method", "status"),
            registry=self.registry,
        )
        self._seconds = Histogram(
            "foretick_request_seconds",
            "Time from the request to the end of its answer.",
            ("route",),
            buckets=SECONDS,
            registry=self.registry,
        )
        self._answers = Counter(
            "foretick_answers",
            "Forecasts by horizon, and by what they come from.",
            ("horizon", "source"),
            registry=self.registry,
        )
        self._fallbacks = Counter(
            "foretick_fallbacks",
            "Forecasts that do not come from the production model, by the kind of reason.",
            ("horizon", "reason"),
            registry=self.registry,
        )

        self._stale = Counter(
            "foretick_stale_answers",
            "Forecasts from candles that are too old for a model.",
            ("horizon",),
            registry=self.registry,
        )

    def requested(self, route: str, method: str, status: int, seconds: float) -> None:
        """Count a request that was answered."""
        self._requests.labels(route, method if method in METHODS else OTHER, str(status)).inc()
        self._seconds.labels(route).observe(seconds)

    def answered(self, answer: ForecastAnswer) -> None:
        """Count a forecast."""
        reason = answer.fallback_reason
        self._answers.labels(answer.horizon, answer.source).inc()
        if reason is not None:
            self._fallbacks.labels(answer.horizon, reason_kind(reason)).inc()
        if answer.stale:
            self._stale.labels(answer.horizon).inc()


class RequestMeter:
    """Counts each request under the template of its route; what reached none is counted together."""

    def __init__(self, app: ASGIApp, meter: Meter) -> None:
        self.app = app
        self.meter = meter

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer, and count."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        began, status = time.perf_counter(), 500

        async def send_counted(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        try:
            await self.app(scope, receive, send_counted)
        finally:
            route = getattr(scope.get("route"), "path", OTHER)
            self.meter.requested(route, scope["method"], status, time.perf_counter() - began)
