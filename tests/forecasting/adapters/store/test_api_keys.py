import re

import pytest

from forecasting.adapters.store.api_keys import ApiKeyBook, digest_of, shown
from forecasting.adapters.store.collections import API_KEYS
from forecasting.errors import InvalidSettings


@pytest.fixture
def book(store):
    return ApiKeyBook(store)


def test_the_store_never_sees_a_key(book, store):
    kept, key = book.create("trader", "read", 1_000)
    (document,) = store.find(API_KEYS)
    assert key not in str(document)
    assert document["digest"] == digest_of(key) == kept.digest


def test_a_key_is_256_random_bits_and_its_beginning_recognises_it(book):
    (first, key), (_, other) = book.create("a", "read", 1), book.create("b", "read", 2)
    assert re.fullmatch(r"ftk_[A-Za-z0-9_-]{43}", key)
    assert key != other
    assert key.startswith(first.prefix)
    assert len(first.prefix) == 10


def test_a_revoked_key_is_listed_and_opens_nothing(book):
    book.create("a", "read", 1)
    book.create("b", "admin", 2)
    book.revoke("a", 5)
    assert [each.name for each in book.every()] == ["a", "b"]
    assert [each.name for each in book.valid()] == ["b"]


def test_revoking_again_keeps_the_first_time(book):
    book.create("a", "read", 1)
    book.revoke("a", 5)
    assert book.revoke("a", 9).revoked_ms == 5


def test_a_name_is_never_given_twice_for_what_was_done_is_recorded_under_it(book):
    book.create("a", "read", 1)
    book.revoke("a", 2)
    with pytest.raises(InvalidSettings, match="a key named a exists or did"):
        book.create("a", "admin", 3)


@pytest.mark.parametrize("name", ["", "A", "-a", "a b", "a" * 42, "local", "environment", "a\n", "ä"])
def test_a_name_that_would_mislead_is_refused(book, name):
    with pytest.raises(InvalidSettings, match="cannot be used"):
        book.create(name, "read", 1)


def test_an_unknown_scope_is_refused(book):
    with pytest.raises(InvalidSettings, match="read or admin is needed"):
        book.create("a", "root", 1)


def test_a_key_that_does_not_exist_cannot_be_revoked(book):
    with pytest.raises(InvalidSettings, match="foretick keys list"):
        book.revoke("a", 1)


def test_what_is_shown_of_a_key_has_no_digest(book):
    kept, _ = book.create("a", "read", 0)
    assert shown(kept) == {
        "name": "a", "scope": "read", "prefix": kept.prefix, "created": "1970-01-01T00:00:00Z", "revoked": None,
    }  # fmt: skip
