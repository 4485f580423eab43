"""A quick route answers as FastAPI would, and leaves to FastAPI what it would refuse."""

import pytest
from fastapi import APIRouter, FastAPI
from fastapi.responses import PlainTextResponse

from serving.schemas.forecasts import ForecastRequest
from serving.web.access import _CALLER, _LOCAL, Reader
from serving.web.limits import StrictJsonRoute
from serving.web.problems import install_problem_handlers
from serving.web.quick import quick_route

ASKED = '{"symbol": "AAA/SIM", "horizon": "1h"}'
REFUSED = (
    "", "null", "[]", '"text"', "{", "NaN", "{}",
    '{"symbol": "AAA/SIM"}',
    '{"symbol": 7, "horizon": "1h"}',
    '{"symbol": "AAA/SIM", "horizon": "1h", "timestamp": "soon"}',
    '{"symbol": "AAA/SIM", "horizon": "1h", "alias": "best"}',
    '{"symbol": "AAA/SIM", "symbol": "BBB/SIM", "horizon": "1h"}',
    '{"symbol": "AAA/SIM", "horizon": "1h", "more": NaN}',
    '{"symbol": "\\ud800", "horizon": "1h"}',
    "[" * 5000,
)  # fmt: skip


@pytest.fixture
def both(client_of):
    """The same question asked of a quick route and of FastAPI's; `quick` counts what the quick one answered itself."""
    quick = []

    async def at_once(_, asked):
        quick.append(asked)
        return PlainTextResponse(repr(asked))

    app, known = FastAPI(), [True]
    install_problem_handlers(app)
    for path, kind in (("/quick", quick_route(ForecastRequest, at_once)), ("/slow", StrictJsonRoute)):
        router = APIRouter(route_class=kind)

        @router.post(path)
        async def ask(asked: ForecastRequest, _: Reader) -> PlainTextResponse:
            return PlainTextResponse(repr(asked))

        app.include_router(router)

    async def called(scope, receive, send):
        if known[0] and scope["type"] == "http":
            scope[_CALLER] = _LOCAL
        await app(scope, receive, send)

    client = client_of(called)

    def ask_both(body):
        headers = {"Content-Type": "application/json"}
        answers = [client.post(path, content=body, headers=headers) for path in ("/quick", "/slow")]
        return [(each.status_code, without_occurrence(each)) for each in answers]

    ask_both.quick, ask_both.known = quick, known
    return ask_both


def without_occurrence(answer):
    if "json" not in answer.headers["content-type"]:
        return answer.text
    return {name: value for name, value in answer.json().items() if name != "instance"}


@pytest.mark.parametrize(
    "body",
    [
        ASKED,
        '{"symbol": "AAA/SIM", "horizon": "1h", "timestamp": "2025-09-19T22:00:30Z", "alias": "challenger"}',
        '{"symbol": "AAA/SIM", "horizon": "1h", "timestamp": null}',
    ],
)
def test_what_is_well_formed_is_answered_at_once_as_fastapi_would(both, body):
    quick, slow = both(body)
    assert quick == slow
    assert (quick[0], len(both.quick)) == (200, 1)


@pytest.mark.parametrize("body", REFUSED)
def test_what_fastapi_refuses_is_refused_in_its_words(both, body):
    quick, slow = both(body)
    assert quick == slow
    assert (quick[0] in (400, 422), both.quick) == (True, [])


def test_nobody_is_answered_whom_no_gate_named(both):
    both.known[0] = False
    quick, slow = both(ASKED)
    assert quick == slow
    assert (quick[0], both.quick) == (401, [])


@pytest.mark.parametrize(("told", "status"), [("no-cache", 200), ("x" * 256, 200), ("x" * 257, 422)])
def test_how_long_cache_control_may_be_holds_for_forecasts(serve, told, status):
    asked = {"symbol": "AAA/SIM", "horizon": "1h"}
    assert serve().post("/api/forecast", json=asked, headers={"Cache-Control": told}).status_code == status
