"""The shell as a whole, around the real app."""

import pytest
from pydantic import SecretStr

from forecasting.errors import InvalidSettings
from forecasting.settings import load_settings
from serving.app import create_app

KEY = "a key of twenty letters"
PAGES = "https://pages.example"


@pytest.fixture
def shelled(client_of, tmp_path):
    def start(**changes):
        settings = load_settings(home=tmp_path, mongo_uri="", **changes)
        settings.api_key_file.parent.mkdir(parents=True, exist_ok=True)
        settings.api_key_file.write_text("[]")
        return client_of(create_app(settings))

    return start


def refused(response):
    return response.status_code, response.json()["type"].removeprefix("urn:foretick:problem:")


def test_a_foreign_host_is_refused_before_anything_else(shelled):
    assert refused(shelled().get("/livez", headers={"Host": "evil.example"})) == (400, "unknown-host")


def test_refusals_carry_the_safe_headers(shelled):
    response = shelled(api_key=SecretStr(KEY)).get("/api/candles")
    assert response.status_code == 401
    assert response.headers["cache-control"] == "no-store"


@pytest.mark.parametrize("path", ["/docs", "/openapi.json", "/data-docs/", "/metrics", "/nowhere"])
def test_with_a_key_nothing_but_health_is_told_to_strangers(shelled, path):
    assert shelled(api_key=SecretStr(KEY)).get(path).status_code == 401


def test_by_default_no_page_of_another_site_may_read_answers(shelled):
    response = shelled().get("/livez", headers={"Origin": PAGES})
    assert not [name for name in response.headers if name.startswith("access-control")]


def test_pages_of_a_named_origin_may_and_are_asked_for_no_key_before(shelled):
    client = shelled(api_key=SecretStr(KEY), cors_origins=PAGES)
    before = client.options(
        "/api/forecast",
        headers={
            "Origin": PAGES,
            "Access-Control-Request-Method": "POST",
            "Access-Control-Request-Headers": "X-API-Key,Content-Type",
        },
    )
    assert (before.status_code, before.headers["access-control-allow-origin"]) == (200, PAGES)
    assert "access-control-allow-credentials" not in before.headers
    refused_one = client.get("/openapi.json", headers={"Origin": PAGES})
    assert (refused_one.status_code, refused_one.headers["access-control-allow-origin"]) == (401, PAGES)


def test_a_named_origin_lets_no_other_in(shelled):
    response = shelled(cors_origins=PAGES).get("/livez", headers={"Origin": "https://evil.example"})
    assert "access-control-allow-origin" not in response.headers


def test_a_key_that_asks_too_often_is_told_when_to_ask_again(shelled):
    client = shelled(api_key=SecretStr(KEY), rate_limit=1)
    asked = (client.get("/nowhere", headers={"X-API-Key": KEY}) for _ in range(1_000))
    assert next(asked).status_code == 404
    one_too_many = next(each for each in asked if each.status_code != 404)
    assert refused(one_too_many) == (429, "too-many-requests")
    assert int(one_too_many.headers["retry-after"]) >= 1


def test_who_guesses_keys_is_slowed_down_and_the_right_key_is_not(shelled):
    client = shelled(api_key=SecretStr(KEY))
    found = {client.get("/nowhere", headers={"X-API-Key": f"guess {n}"}).status_code for n in range(200)}
    assert found == {401, 429}
    assert client.get("/openapi.json", headers={"X-API-Key": KEY}).status_code == 200


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("cors_origins", "*"),
        ("cors_origins", "https://a.example/path"),
        ("cors_origins", "null"),
        ("rate_limit", "0"),
    ],
)
def test_a_setting_that_would_open_or_close_everything_is_refused(name, value):
    with pytest.raises(InvalidSettings, match=name):
        load_settings(**{name: value})


def test_lists_come_from_the_environment_with_commas(monkeypatch):
    monkeypatch.setenv("FORETICK_ALLOWED_HOSTS", "A.example, b.example,")
    assert load_settings().allowed_hosts == ("a.example", "b.example")
