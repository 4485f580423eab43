"""Bodies and addresses that break servers, sent to every route of the real app over an empty store."""

import json
from urllib.parse import quote

import pytest

from forecasting.settings import load_settings
from serving.app import create_app

MARKER = "hostilemarker"
MOST_BYTES = 4096
ASKED = {"symbol": "AAA/SIM", "horizon": "1h"}

RAW = {
    "nothing": b"",
    "NaN": b'{"symbol": NaN}',
    "infinity": b'{"symbol": -Infinity}',
    "overflow": b'{"symbol": 1e999}',
    "lone surrogate": b'{"symbol": "hostilemarker\\ud800", "horizon": "1h"}',
    "lone surrogate as a name": b'{"\\udfffhostilemarker": 1}',
    "long integer": b'{"symbol": ' + b"9" * 5_000 + b"}",
    "long fraction": b'{"symbol": 0.' + b"9" * 5_000 + b"}",
    "100,000 deep, over the limit": b"[" * 100_000,
    "60,000 deep": b"[" * 30_000 + b"]" * 30_000,
    "deep objects": b'{"a":' * 10_000 + b"1" + b"}" * 10_000,
    "900 deep": b'{"symbol": ' + b"[" * 900 + b"]" * 900 + b"}",
    "a name twice": b'{"symbol": "AAA/SIM", "symbol": "hostilemarker", "horizon": "1h"}',
    "not utf-8": b'{"symbol": "\xffhostilemarker"}',
    "overlong utf-8": b'{"symbol": "\xc0\x80hostilemarker"}',
    "utf-16": '{"symbol": "hostilemarker"}'.encode("utf-16"),
    "byte order mark": b'\xef\xbb\xbf{"symbol": "hostilemarker"}',
    "half": b'{"symbol": "hostilemarker',
    "two documents": b'{"symbol": "AAA/SIM", "horizon": "1h"}{"hostilemarker": 1}',
    "a zero byte": b"\x00hostilemarker",
    "an operator": b'{"symbol": {"$gt": "hostilemarker"}, "horizon": {"$ne": null}}',
    "an operator as a name": b'{"$where": "hostilemarker"}',
    "many names": json.dumps({f"hostilemarker{n}": n for n in range(2_000)}).encode(),
    "a list": b'["hostilemarker"]',
    "a text": b'"hostilemarker"',
    "true": b"true",
    "null": b"null",
}
TEXTS = [
    f"{MARKER}\x00", f"{MARKER}/\x00USDT", f"${MARKER}", f"{MARKER}\u202e", f"../../{MARKER}", f"{MARKER}' OR 1=1 --",
    MARKER * 4_000, "9" * 5_000, "1e999", "NaN", "-1", "\u0663", "99999999999999999999", "9" * 19,
]  # fmt: skip
MOMENTS = [
    "9999-12-31T23:59:59Z", "9999-12-31T23:59:59-14:00", "0001-01-01T00:00:00+14:00", "0000-00-00T00:00:00Z",
    "292277026596-12-04T15:30:08Z", "-271821-04-19T23:59:59Z", "2025-02-30T00:00:00Z", "2025-09-19T24:00:01Z",
    "2025-09-19T22:00:00.9999999999999Z", "2025-09-19T22:00:00+99:99", "1e400", "9" * 400,
]  # fmt: skip
QUERIES = [
    *(quote(each) for each in [*TEXTS, *MOMENTS] if len(each) < 5_001),
    "%00", "%ff%fe", "%ed%a0%80", "%c0%ae", "%", "%zz", f"%0d%0aX-Injected:%20{MARKER}",
]  # fmt: skip
TYPES = [
    "application/json; charset=utf-16", f"application/json; charset={MARKER}", "application/json; charset=\x80", "text/plain",
    "multipart/form-data", "application/x-www-form-urlencoded", f"{MARKER}/{MARKER}", "", ";;;===", "application/json" * 500,
]  # fmt: skip


@pytest.fixture(scope="module")
def client(client_of, tmp_path_factory):
    folder = tmp_path_factory.mktemp("hostile")
    settings = load_settings(
        home=folder / "home", mongo_uri="", mlflow_tracking_uri=f"sqlite:///{folder / 'mlflow.db'}"
    )
    with client_of(create_app(settings)) as opened:
        yield opened


@pytest.fixture(scope="module")
def operations(client):
    return [
        (path, method, operation)
        for path, found in client.app.openapi()["paths"].items()
        for method, operation in found.items()
    ]


def hold(response):
    """No failure of ours, little to send back, and nothing that was sent."""
    assert response.status_code < 500, response.text[:300]
    assert len(response.content) <= MOST_BYTES
    assert MARKER not in response.text
    assert not any(MARKER in value for value in response.headers.values())


@pytest.mark.parametrize("body", RAW.values(), ids=RAW.keys())
def test_no_body_breaks_any_route(client, operations, body):
    for path, method, operation in operations:
        if "requestBody" in operation:
            address = path.replace("{", "").replace("}", "")
            answer = client.request(
                method, address, content=body, headers={"content-type": "application/json"}
            )
            hold(answer)
            assert answer.status_code >= 400, path


@pytest.mark.parametrize("field", ["symbol", "horizon", "timestamp"])
@pytest.mark.parametrize("value", [*TEXTS, *MOMENTS, 10**18, -(10**18), 2**63, 2**64, 1e308, True, [], {}])
def test_no_value_of_a_field_breaks_the_forecast(client, field, value):
    hold(client.post("/api/forecast", json={**ASKED, field: value}))


@pytest.mark.parametrize(
    "field", ["train_window_days", "retrain_cron", "threshold", "members", "gate_policy", MARKER, "$set"]
)
def test_no_value_of_a_setting_breaks_its_change(client, field):
    for value in [
        *TEXTS,
        *MOMENTS,
        10**18,
        -(10**18),
        2**64,
        1e308,
        True,
        [],
        [MARKER],
        [[]],
        {},
        {MARKER: 1},
    ]:
        for overrides in ({"1h": {field: value}}, {"1h": value}, {MARKER: {field: value}}, {field: value}):
            answer = client.put(
                "/api/settings/models",
                json={"overrides": overrides, "reason": "a test"},
                headers={"If-Match": '"0"'},
            )
            hold(answer)
            assert answer.status_code >= 400 or overrides == {"1h": {}}, overrides


@pytest.mark.parametrize("content_type", TYPES)
def test_no_media_type_breaks_the_forecast(client, content_type):
    answer = client.post(
        "/api/forecast", content=json.dumps(ASKED), headers={"content-type": content_type.encode("latin-1")}
    )
    hold(answer)
    assert answer.status_code == 415


@pytest.mark.parametrize("query", QUERIES)
def test_no_query_breaks_any_question(client, operations, query):
    for path, method, operation in operations:
        names = [each["name"] for each in operation.get("parameters", ()) if each["in"] == "query"]
        if method == "get":
            for name in names:
                hold(client.get(f"{path}?{name}={query}"))


@pytest.mark.parametrize("query", [each for each in QUERIES if len(each) < 1_000])
def test_no_name_in_an_address_breaks_any_question(client, operations, query):
    for path, method, _ in operations:
        if method == "get" and "{" in path:
            hold(client.get(f"{path.partition('{')[0]}{query}"))


@pytest.mark.parametrize(
    "header",
    ["Authorization", "X-API-Key", "Origin", "Accept", "Idempotency-Key", "Cache-Control", "If-Match"],
)
@pytest.mark.parametrize("value", [b"\xff\xfe", b"Basic !!!", b"x" * 8_000, MARKER.encode(), b"", b"\t"])
def test_no_header_breaks_a_question(client, header, value):
    hold(client.get("/api/runs", headers={header: value}))
