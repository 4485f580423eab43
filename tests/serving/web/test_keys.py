import contextlib
import json

import pytest
from pydantic import SecretStr

from forecasting.adapters.store import open_store
from forecasting.adapters.store.api_keys import ApiKeyBook, digest_of
from forecasting.errors import StoreUnavailable
from serving.web.keys import Caller, KeyFollower, KeyRing, Lock

OWN = SecretStr("a key of the environment")
SECONDS = 30.0


@pytest.fixture
def file(tmp_path):
    return tmp_path / "workspace" / "api-keys.json"


def lock(key, name="trader", scope="read"):
    return Lock(digest_of(key), Caller(name, scope))


def test_before_anybody_could_tell_only_the_environments_key_opens(file):
    ring = KeyRing(OWN, file)
    assert not ring.known
    assert ring.caller(OWN.get_secret_value()) == Caller("environment", "admin")
    assert ring.caller("another") is None


def test_a_ring_that_knows_nothing_is_not_empty(file):
    assert not KeyRing(None, file).empty


def test_a_store_without_keys_makes_the_ring_empty(file):
    ring = KeyRing(None, file)
    ring.replace([])
    assert (ring.known, ring.empty) == (True, True)


def test_with_a_key_in_the_environment_the_ring_is_never_empty(file):
    ring = KeyRing(OWN, file)
    ring.replace([])
    assert not ring.empty


def test_a_key_opens_for_the_name_that_it_was_made_for(file):
    ring = KeyRing(None, file)
    ring.replace([lock("one"), lock("two", "boss", "admin")])
    assert [ring.caller(key) for key in ("one", "two", "three")] == [
        Caller("trader", "read"), Caller("boss", "admin"), None,
    ]  # fmt: skip


@pytest.mark.parametrize("key", ["", "\x00", "\ud800", "é" * 100])
def test_no_text_makes_the_comparison_fail(file, key):
    assert KeyRing(OWN, file).caller(key) is None


def test_the_next_process_knows_the_keys_before_it_sees_the_store(file):
    KeyRing(None, file).replace([lock("one")])
    assert KeyRing(None, file).caller("one") == Caller("trader", "read")


def test_the_file_holds_digests_and_only_its_owner_reads_it(file):
    KeyRing(None, file).replace([lock("one")])
    assert "one" not in json.loads(file.read_text())[0].values()
    assert file.stat().st_mode & 0o077 == 0


@pytest.mark.parametrize(
    "content", ["", "[", "{}", "7", '[{"name": "a"}]', '[{"name": "a", "digest": "é", "scope": "admin"}]',
                '[{"name": "a", "digest": "e", "scope": "root"}]']
)  # fmt: skip
def test_a_damaged_file_tells_nothing(file, content):
    file.parent.mkdir()
    file.write_text(content)
    assert not KeyRing(None, file).known


def test_a_folder_that_cannot_be_written_keeps_no_key_from_opening(tmp_path):
    (tmp_path / "file").write_text("no folder")
    ring = KeyRing(None, tmp_path / "file" / "api-keys.json")
    ring.replace([lock("one")])
    assert ring.caller("one") == Caller("trader", "read")


@pytest.fixture
def store(tmp_path):
    with contextlib.closing(open_store(None, tmp_path / "store.db", "unused")) as opened:
        yield opened


@pytest.fixture
def follow():
    """Follow a store for the length of the test."""
    running = []

    def start(ring, store):
        follower = KeyFollower(ring, store, poll_seconds=0.005)
        follower.start()
        running.append(follower)
        assert follower.wait_until_stepped(SECONDS)

    yield start
    assert all(each.stop() for each in running)


def test_a_key_that_is_made_opens_soon_and_one_that_is_revoked_does_not(store, file, follow):
    ring = KeyRing(None, file)
    follow(ring, lambda: store)
    assert ring.empty
    _, key = ApiKeyBook(store).create("trader", "read", 1)
    assert ring.wait_until(lambda now: now.caller(key) == Caller("trader", "read"), SECONDS)
    ApiKeyBook(store).revoke("trader", 2)
    assert ring.wait_until(lambda now: now.caller(key) is None, SECONDS)


def test_while_the_store_is_down_the_keys_known_last_hold(file, follow):
    KeyRing(None, file).replace([lock("one")])
    ring = KeyRing(None, file)

    def down():
        raise StoreUnavailable("gone")

    follow(ring, down)
    assert ring.caller("one") == Caller("trader", "read")


def test_a_store_that_was_never_read_leaves_the_ring_closed(file, follow):
    ring = KeyRing(None, file)

    def down():
        raise StoreUnavailable("gone")

    follow(ring, down)
    assert (ring.known, ring.empty) == (False, False)


def test_what_breaks_while_the_keys_are_read_does_not_end_the_following(store, file, follow, caplog):
    ring, failing = KeyRing(None, file), [ZeroDivisionError("a bug")]

    def sometimes():
        if failing:
            raise failing.pop()
        return store

    follow(ring, sometimes)
    assert ring.wait_until(lambda now: now.empty, SECONDS)
    assert "the look at the API keys failed" in caplog.text
