from dataclasses import replace
from types import SimpleNamespace

import pytest
from fastapi import APIRouter, FastAPI
from prometheus_client import generate_latest
from prometheus_client.parser import text_string_to_metric_families as families

from forecasting.adapters.store.breaker_book import told
from forecasting.monitoring.trip import Trip
from serving.answers.answer import named
from serving.answers.breakers import LATE
from serving.answers.challengers import challengers_of
from serving.in_use.pointers import _why_naive
from serving.in_use.snapshot import ProductionVersion, Refusal, Snapshot
from serving.web.metrics import REASONS, Meter, RequestMeter, reason_kind
from tests.serving.conftest import TestClient


def samples(text):
    """Value by name and labels."""
    return {
        (each.name, *(f"{name}={value}" for name, value in sorted(each.labels.items()))): each.value
        for family in families(text)
        for each in family.samples
    }


@pytest.fixture
def metered():
    app, meter, router = FastAPI(), Meter(), APIRouter(prefix="/api/things")
    router.get("/{name}")(lambda name: name)
    app.include_router(router)
    app.get("/broken")(lambda: 1 / 0)
    app.add_middleware(RequestMeter, meter=meter)
    client = TestClient(app, raise_server_exceptions=False)
    return client, lambda: samples(generate_latest(meter.registry).decode())


def test_a_request_is_counted_under_its_routes_template(metered):
    client, told_now = metered
    for name in ("one", "two", "three"):
        client.get(f"/api/things/{name}")
    key = ("foretick_requests_total", "method=GET", "route=/api/things/{name}", "status=200")
    assert told_now()[key] == 3
    assert told_now()["foretick_request_seconds_count", "route=/api/things/{name}"] == 3


def test_what_reaches_no_route_and_what_is_no_method_has_one_label(metered):
    client, told_now = metered
    for number in range(50):
        client.request(f"METHOD{number}", f"/secret-{number}")
    counted = [key for key in told_now() if key[0] == "foretick_requests_total"]
    assert counted == [("foretick_requests_total", "method=other", "route=other", "status=404")]


def test_a_route_that_breaks_is_counted_as_500(metered):
    client, told_now = metered
    client.get("/broken")
    assert told_now()["foretick_requests_total", "method=GET", "route=/broken", "status=500"] == 1


VERSION = ProductionVersion("3", "d")
LOOKED = Snapshot(checked_ms=1)
REFUSED = Snapshot(refused={"1h": Refusal("1h", VERSION, "", 0, 0)}, checked_ms=1)
# What a person says of a move may be anything, a reason of another kind too.
SAID = "the one before was refused, raised alarms, is being loaded, was not trained on much, took long"


def of_a_model(said, alias="production"):
    return f"{named(SimpleNamespace(model_id='1h-abc'), SimpleNamespace(alias=alias))} {said}"


def taken_out(kind):
    move = SimpleNamespace(kind=kind, who="jan", reason=SAID)
    return _why_naive(SimpleNamespace(move=move), SimpleNamespace(name="1h"))


@pytest.mark.parametrize(
    ("reason", "kind"),
    [
        (told("1h-abc", Trip("stale", "too old", 0, "A/B")), "breaker"),
        (LOOKED.why_none("1h"), "no-model"),
        ("no production model of 90 minutes in use was trained on CCC/SIM", "no-model"),
        (challengers_of(LOOKED).why_none("1h"), "no-model"),
        (Snapshot().why_none("1h"), "not-read-yet"),
        (Snapshot().why_another("1h"), "not-read-yet"),
        (REFUSED.why_none("1h"), "refused"),
        (REFUSED.why_another("1h"), "refused"),
        (replace(LOOKED, loading=frozenset({"1h"})).why_none("1h"), "loading"),
        (replace(LOOKED, unasked=frozenset({"1h"})).why_none("1h"), "loading"),
        (of_a_model("was not trained on CCC/SIM"), "unknown-market"),
        (of_a_model("was not trained on CCC/SIM", "challenger"), "unknown-market"),
        (of_a_model("raised IndexError"), "raised"),
        (
            of_a_model("gave a forecast that is not finite or a probability outside 0 to 1", "challenger"),
            "no-number",
        ),
        (f"{LATE}1h-abc did not answer in time", "too-slow"),
        *((taken_out(kind), "withdrawn") for kind in ("rollback", "demote", "deprecate", "adopt")),
        ("something that nobody foresaw", "other"),
    ],
)
def test_reasons_are_counted_by_kind_and_never_in_words(reason, kind):
    assert reason_kind(reason) == kind
    assert kind in {*REASONS, "other"}
