"""What lies around the routes, from the outside in.

Safe headers, counters, known hosts, other origins, access, how many at once, and the size and kind of bodies.
"""

from __future__ import annotations

from dataclasses import dataclass

from fastapi import FastAPI

from forecasting.settings import DATA_DOCS_PATH
from serving.web.access import AccessGate
from serving.web.crowd import Crowd
from serving.web.headers import NOTHING, SafeHeaders
from serving.web.hosts import KnownHosts
from serving.web.keys import KeyRing
from serving.web.limits import BodyLimit
from serving.web.metrics import Meter, RequestMeter
from serving.web.origins import ANSWER_HEADERS, METHODS, REQUEST_HEADERS, NamedOrigins
from serving.web.pages import DOCS_PATH, POLICY

# Pages of Great Expectations are styled where they stand, and run nothing.
_PAGES = NOTHING.replace("default-src 'none'", "default-src 'none'; style-src 'unsafe-inline'; img-src data:")


@dataclass(frozen=True, slots=True)
class Shell:
    """What may differ between installations.

    Attributes
    ----------
    ring
        The API keys.
    meter
        Counts the requests.
    hosts
        Names of the server besides those of loopback.
    origins
        Origins of other sites whose pages may use the API, as in `https://pages.example`.
    rate
        As `AccessGate`.
    """

    ring: KeyRing
    meter: Meter
    hosts: tuple[str, ...] = ()
    origins: tuple[str, ...] = ()
    rate: int | None = None

    def wrap(self, app: FastAPI) -> None:
        """Put it around the routes of the app."""
        # What is added last is outermost.
        app.add_middleware(BodyLimit)
        app.add_middleware(Crowd)
        app.add_middleware(AccessGate, ring=self.ring, origins=self.origins, rate=self.rate)
        if self.origins:
            app.add_middleware(
                NamedOrigins,
                allow_origins=self.origins,
                allow_methods=METHODS,
                allow_headers=REQUEST_HEADERS,
                expose_headers=ANSWER_HEADERS,
            )
        app.add_middleware(KnownHosts, hosts=self.hosts)
        app.add_middleware(RequestMeter, meter=self.meter)
        app.add_middleware(SafeHeaders, policies={DATA_DOCS_PATH: _PAGES, DOCS_PATH: POLICY})
