import pytest

from serving import server


@pytest.fixture
def started(monkeypatch):
    """What the server would be started with."""
    seen = {}
    monkeypatch.setattr(server.uvicorn, "run", lambda app, **words: seen.update(words, app=app))
    return seen


def test_without_words_it_listens_on_loopback(started):
    server.main([])
    assert (started["host"], started["port"]) == ("127.0.0.1", 8000)


def test_requests_are_never_logged_and_the_server_is_not_named(started):
    server.main(["--host", "::1", "--port", "81"])
    assert (started["host"], started["port"]) == ("::1", 81)
    assert (started["access_log"], started["server_header"]) == (False, False)
