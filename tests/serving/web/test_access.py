import base64

import pytest
from fastapi import Depends, FastAPI
from pydantic import SecretStr

from forecasting.adapters.store.api_keys import digest_of
from serving.web.access import AccessGate, Admin, Reader, is_loopback, needs_read
from serving.web.keys import Caller, KeyRing, Lock
from serving.web.problems import install_problem_handlers
from tests.serving.conftest import TestClient

READ, ADMIN, OWN = "a key that may read", "a key that may change", "a key of the environment"
HERE = "http://127.0.0.1:8000"


def guarded(ring, origins=(), rate=None):
    app = FastAPI()
    install_problem_handlers(app)

    @app.get("/who")
    def who(caller: Reader) -> str:
        return f"{caller.name} {caller.scope}"

    @app.put("/change")
    def change(caller: Admin) -> str:
        return caller.name

    @app.post("/ask", dependencies=[Depends(needs_read)])
    def ask() -> str:
        return "asked"

    @app.get("/broken")
    def broken(caller: Reader) -> str:
        raise RuntimeError(caller.name)

    @app.get("/unguarded")
    @app.get("/livez")
    def unguarded() -> str:
        return "let in"

    app.add_middleware(AccessGate, ring=ring, origins=origins, rate=rate)
    return app


@pytest.fixture
def ring(tmp_path):
    return KeyRing(None, tmp_path / "keys.json")


@pytest.fixture
def with_keys(ring):
    """A server with a key of each scope."""
    ring.replace(
        [Lock(digest_of(READ), Caller("trader", "read")), Lock(digest_of(ADMIN), Caller("boss", "admin"))]
    )
    return TestClient(guarded(ring, ["https://pages.example"]), base_url=HERE)


@pytest.fixture
def without_keys(ring):
    ring.replace([])
    return lambda address=HERE: TestClient(guarded(ring), base_url=address)


@pytest.mark.parametrize(("rate", "answers"), [(1, {200, 429}), (None, {200})])
def test_without_keys_a_limit_holds_where_it_was_set(ring, rate, answers):
    ring.replace([])
    client = TestClient(guarded(ring, rate=rate), base_url=HERE)
    assert {client.get("/who").status_code for _ in range(300)} == answers


def refused(response):
    return response.status_code, response.json()["type"].removeprefix("urn:foretick:problem:")


def test_without_keys_whoever_is_on_this_machine_is_local_and_may_do_everything(without_keys):
    assert without_keys().get("/who").json() == "local admin"
    assert without_keys().put("/change").json() == "local"


@pytest.mark.parametrize("address", ["http://192.168.1.5:8000", "http://0.0.0.0", "http://foretick.example"])
def test_without_keys_a_request_that_came_in_elsewhere_is_refused(without_keys, address):
    assert refused(without_keys(address).get("/who")) == (403, "no-key")
    assert refused(without_keys(address).get("/unguarded")) == (403, "no-key")


def test_without_keys_a_request_over_an_unknown_socket_is_refused(ring):
    ring.replace([])

    def nameless(app):
        async def ask(scope, receive, send):
            await app({**scope, "server": None}, receive, send)

        return ask

    assert TestClient(nameless(guarded(ring)), base_url=HERE).get("/who").status_code == 403


@pytest.mark.parametrize("header", ["X-Forwarded-For", "Forwarded", "X-Real-IP"])
def test_without_keys_a_proxy_on_this_machine_that_speaks_for_another_is_refused(without_keys, header):
    assert refused(without_keys().get("/who", headers={header: "203.0.113.9"})) == (403, "no-key")


def test_while_nobody_knows_whether_there_are_keys_nobody_is_let_in(ring):
    client = TestClient(guarded(ring), base_url=HERE)
    assert refused(client.get("/who")) == (503, "store-unavailable")
    assert client.get("/livez").json() == "let in"


def test_while_the_store_was_never_read_the_environments_key_opens(tmp_path):
    client = TestClient(guarded(KeyRing(SecretStr(OWN), tmp_path / "none")), base_url=HERE)
    assert client.get("/who", headers={"X-API-Key": OWN}).json() == "environment admin"
    assert refused(client.get("/who", headers={"X-API-Key": READ})) == (503, "store-unavailable")
    assert refused(client.get("/who")) == (401, "unauthenticated")


@pytest.mark.parametrize(
    "headers",
    [
        {"Authorization": f"Bearer {READ}"},
        {"authorization": f"bearer  {READ}"},
        {"X-API-Key": READ},
        {"Authorization": "Basic " + base64.b64encode(f"anybody:{READ}".encode()).decode()},
    ],
)
def test_a_key_is_taken_from_either_header_and_as_the_password_of_a_browser(with_keys, headers):
    assert with_keys.get("/who", headers=headers).json() == "trader read"


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Authorization": "Bearer"},
        {"Authorization": "Bearer another"},
        {"Authorization": READ},
        {"Authorization": f"Digest {READ}"},
        {"Authorization": "Basic ÿ".encode("latin-1")},
        {"Authorization": "Basic " + base64.b64encode(b"\xff:\xff").decode()},
        {"Authorization": "Bearer another", "X-API-Key": READ},
        {"X-API-Key": ""},
        {"X-API-Key": READ + "x"},
        {"X-API-Key": "x" * 10_000},
        {"X-API-Key": b"\xff\xfe"},
    ],
)
def test_what_is_no_key_is_401_and_not_repeated(with_keys, headers):
    response = with_keys.get("/who", headers=headers)
    assert refused(response) == (401, "unauthenticated")
    assert response.headers["www-authenticate"] == 'Bearer realm="foretick"'
    assert READ not in response.text


def test_the_password_of_a_browser_changes_nothing(with_keys):
    basic = {"Authorization": "Basic " + base64.b64encode(f"anybody:{ADMIN}".encode()).decode()}
    assert with_keys.put("/change", headers=basic).status_code == 401


def test_whoever_asks_for_a_page_is_asked_for_a_password(with_keys):
    asked = with_keys.get("/who", headers={"Accept": "text/html,*/*"}).headers["www-authenticate"]
    assert asked.startswith("Basic ")


def test_a_key_that_may_read_changes_nothing(with_keys):
    assert refused(with_keys.put("/change", headers={"X-API-Key": READ})) == (403, "forbidden")
    assert with_keys.put("/change", headers={"X-API-Key": ADMIN}).json() == "boss"


def test_a_key_that_may_change_reads_too(with_keys):
    assert with_keys.get("/who", headers={"X-API-Key": ADMIN}).json() == "boss admin"


def test_a_route_that_guards_nothing_is_closed_all_the_same(with_keys):
    assert with_keys.get("/unguarded").status_code == 401
    assert with_keys.get("/nowhere").status_code == 401


def test_with_keys_loopback_is_no_key(with_keys):
    assert with_keys.get("/who").status_code == 401


def test_without_the_gate_a_guarded_route_is_closed():
    app = FastAPI()
    install_problem_handlers(app)

    @app.get("/who")
    def who(caller: Reader) -> str:
        return caller.name

    assert TestClient(app, base_url=HERE).get("/who").status_code == 401


FOREIGN = [
    {"Origin": "https://evil.example"},
    {"Origin": "http://127.0.0.1:3000"},
    {"Origin": "null"},
    {"Origin": "http://127.0.0.1:8000.evil.example"},
    {"Sec-Fetch-Site": "cross-site"},
    {"Sec-Fetch-Site": "same-site", "Origin": HERE},
]


@pytest.mark.parametrize("headers", FOREIGN)
def test_a_page_of_another_site_changes_nothing(without_keys, headers):
    assert refused(without_keys().put("/change", headers=headers)) == (403, "foreign-origin")
    assert refused(without_keys().post("/ask", headers=headers)) == (403, "foreign-origin")


@pytest.mark.parametrize(
    "headers", [{"Origin": HERE, "Sec-Fetch-Site": "same-origin"}, {"Sec-Fetch-Site": "none"}, {}]
)
def test_our_own_pages_and_programs_may_change(without_keys, headers):
    assert without_keys().put("/change", headers=headers).status_code == 200


def test_an_origin_that_is_named_may_change(with_keys):
    headers = {"X-API-Key": ADMIN, "Origin": "https://pages.example", "Sec-Fetch-Site": "cross-site"}
    assert with_keys.put("/change", headers=headers).status_code == 200


@pytest.mark.parametrize(
    "host", ["127.0.0.1", "127.9.9.9", "::1", "localhost", "LOCALHOST", "::ffff:127.0.0.1"]
)
def test_an_address_that_leads_home_is_loopback(host):
    assert is_loopback(host)


@pytest.mark.parametrize(
    "host",
    [
        "0.0.0.0",  # noqa: S104 - nothing is bound
        "::",
        "192.168.1.5",
        "::ffff:10.0.0.1",
        "example.com",
        "/run/api.sock",
        "",
    ],
)
def test_any_other_address_is_not_loopback(host):
    assert not is_loopback(host)


def test_a_key_is_in_no_log_and_no_answer_whatever_breaks(ring, caplog):
    ring.replace([Lock(digest_of(ADMIN), Caller("boss", "admin"))])
    client = TestClient(guarded(ring), base_url=HERE, raise_server_exceptions=False)
    with caplog.at_level("DEBUG"):
        found = [client.get(path, headers={"X-API-Key": ADMIN}) for path in ("/broken", "/nowhere", "/who")]
    assert [each.status_code for each in found] == [500, 404, 200]
    assert "boss" in caplog.text
    assert not any(ADMIN in text for text in (caplog.text, *(each.text for each in found)))
