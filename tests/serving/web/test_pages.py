import re

import pytest
from fastapi import FastAPI

from serving.web.headers import SafeHeaders
from serving.web.pages import DOCS_PATH, POLICY, ValidationPages, add_docs
from tests.serving.conftest import TestClient


@pytest.fixture(scope="module")
def client():
    app = FastAPI(docs_url=None, redoc_url=None)
    add_docs(app)
    app.add_middleware(SafeHeaders, policies={DOCS_PATH: POLICY})
    return TestClient(app)


def test_everything_that_the_page_loads_is_here_and_named_relatively(client):
    page = client.get("/docs").text
    loaded = re.findall(r'(?:src|href)="([^"]+)"', page)
    assert len(loaded) == 4
    for each in loaded:
        assert not each.startswith(("/", "http"))
        assert client.get(f"/{each}").status_code == 200


def test_the_page_runs_no_script_but_those_files_and_talks_to_nobody_else(client):
    answer = client.get("/docs")
    assert answer.headers["content-security-policy"] == POLICY
    assert "script-src 'self';" in POLICY
    assert "http" not in POLICY.replace("http-equiv", "")
    assert not re.search(r"<script(?! src)", answer.text)
    assert "validatorUrl: null" in client.get("/docs/start.js").text


def test_the_files_beside_the_page_lead_nowhere_else(client):
    assert client.get("/docs/files/%2e%2e/__init__.py").status_code == 404
    assert client.get("/docs/files/").status_code == 404


def test_where_the_folder_of_validations_cannot_be_made_the_page_says_that_there_are_none(tmp_path):
    app = FastAPI()
    app.mount("/data-docs", ValidationPages(tmp_path / "absent"))
    assert "Nothing was validated" in TestClient(app).get("/data-docs/").text
