import contextlib
import socket

import pytest

from deployments.local.services import free_port
from forecasting.adapters.store import open_store
from forecasting.adapters.store.api_keys import ApiKeyBook, digest_of
from forecasting.settings import load_settings


@pytest.fixture
def book(installation):
    settings = load_settings()
    with contextlib.closing(open_store(None, settings.store_path, "unused")) as store:
        yield ApiKeyBook(store)


def test_a_key_is_printed_once_and_opens(foretick, book):
    made = foretick("keys", "create", "trader").out
    (key,) = [line for line in made.splitlines() if line.startswith("ftk_")]
    (kept,) = book.valid()
    assert (kept.name, kept.scope, kept.digest) == ("trader", "read", digest_of(key))
    assert key not in foretick("keys", "list").out


def test_for_machines_the_key_is_in_the_document(foretick, book):
    made = foretick("keys", "create", "operator", "--scope", "admin", "--json").document
    assert digest_of(made["key"]) == book.valid()[0].digest
    assert (made["name"], made["scope"], made["revoked"]) == ("operator", "admin", None)


def test_the_list_tells_keys_apart_without_telling_them(foretick, book):
    kept, _ = book.create("trader", "read", 1_700_000_000_000)
    shown = foretick("keys", "list").out
    assert all(word in shown for word in ("trader", "read", kept.prefix, "2023-11-14T22:13:20Z"))
    assert kept.digest not in shown


def test_where_no_key_was_ever_made_the_list_says_how_to_make_one(foretick):
    assert "foretick keys create NAME" in foretick("keys", "list").out


def test_the_list_names_the_environments_key_and_does_not_tell_it(foretick, monkeypatch):
    monkeypatch.setenv("FORETICK_API_KEY", "a key of twenty letters")
    shown = foretick("keys", "list").out
    assert "FORETICK_API_KEY is set" in shown
    assert "twenty" not in shown


def test_revoking_says_what_is_left(foretick, book):
    book.create("one", "read", 1)
    book.create("two", "read", 2)
    assert "1 of the store still open the API" in foretick("keys", "revoke", "one").out
    assert "callers on this machine need none now" in " ".join(foretick("keys", "revoke", "two").out.split())
    assert book.valid() == []


def test_a_key_that_does_not_exist_cannot_be_revoked(foretick):
    ended = foretick("keys", "revoke", "nobody")
    assert (ended.code, "foretick keys list" in ended.line) == (2, True)


def test_a_short_key_in_the_environment_is_refused_and_not_told(foretick, monkeypatch):
    monkeypatch.setenv("FORETICK_API_KEY", "tooshort")
    ended = foretick("keys", "list")
    assert (ended.code, "setting api_key" in ended.line, "tooshort" in ended.line) == (2, True, False)


@pytest.mark.parametrize("command", ["serve", "up"])
@pytest.mark.parametrize("host", ["0.0.0.0", "192.168.1.5", "::"])  # noqa: S104 - nothing is bound
def test_listening_elsewhere_without_a_key_is_refused_in_one_line(foretick, command, host):
    ended = foretick(command, "--host", host)
    assert ended.code == 2
    assert f"--host {host} lets other machines reach the API, and no API key exists" in ended.line


def test_the_way_to_a_key_leads_to_the_workspace_that_was_asked_for(foretick):
    said = "foretick keys create NAME --workspace simulated"
    beyond = foretick("serve", "--workspace", "simulated", "--host", "0.0.0.0")  # noqa: S104 - nothing is bound
    assert f"{said}, or set FORETICK_API_KEY" in beyond.line
    assert said in " ".join(foretick("keys", "list", "--workspace", "simulated").out.split())


@pytest.mark.parametrize(("host", "told"), [("0.0.0.0", True), ("127.0.0.1", False)])  # noqa: S104 - nothing is bound
def test_who_listens_beyond_this_machine_is_told_so(foretick, book, monkeypatch, host, told):
    book.create("one", "read", 1)
    monkeypatch.setattr("serving.server.serve", lambda *_: None)
    shown = foretick("serve", "--host", host, "--port", free_port()).out
    assert (f"It listens on {host}: other machines reach it with an API key." in shown) is told


def test_a_revoked_key_is_no_key(foretick, book):
    book.create("one", "read", 1)
    book.revoke("one", 2)
    assert foretick("serve", "--host", "0.0.0.0").code == 2  # noqa: S104 - nothing is bound


@pytest.fixture
def taken():
    """A port that is taken, so that whatever starts ends at once with another line."""
    with socket.socket() as holder:
        holder.bind(("127.0.0.1", 0))
        holder.listen()
        yield holder.getsockname()[1]


def test_a_key_lets_it_listen_elsewhere(foretick, book, taken):
    book.create("one", "read", 1)
    ended = foretick("serve", "--host", "0.0.0.0", "--port", taken)  # noqa: S104 - nothing is bound
    assert f"port {taken} is taken" in ended.line


def test_the_environments_key_lets_it_listen_elsewhere(foretick, monkeypatch, taken):
    monkeypatch.setenv("FORETICK_API_KEY", "a key of twenty letters")
    ended = foretick("serve", "--host", "0.0.0.0", "--port", taken)  # noqa: S104 - nothing is bound
    assert f"port {taken} is taken" in ended.line
