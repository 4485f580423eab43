"""API keys in the document store: who may ask and who may change, and never a key itself.

A key is 256 random bits, so one SHA-256 of it is enough: nobody can try them all, and a slow hash, which shelters short
passwords, would only let strangers keep the server busy.
"""

from __future__ import annotations

import hashlib
import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal, get_args

from forecasting.adapters.store.collections import API_KEYS
from forecasting.adapters.store.port import ID, DocumentStore
from forecasting.errors import InvalidSettings
from forecasting.types import utc_iso

Scope = Literal["read", "admin"]

SCOPES: tuple[Scope, ...] = get_args(Scope)
KEY_BYTES = 32
PREFIX_CHARACTERS = 10
LOCAL, ENVIRONMENT = "local", "environment"

_NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,40}", re.ASCII)


@dataclass(frozen=True, slots=True)
class ApiKey:
    """What is kept of a key.

    Attributes
    ----------
    name
        Whose it is; what the key's holder does is recorded under it, so a name is never given twice.
    scope
        `read` may ask, `admin` may also change.
    digest
        Hex SHA-256 of the key.
    prefix
        The first characters of the key, by which its holder recognises it.
    created_ms, revoked_ms
        Epoch milliseconds UTC; `revoked_ms` is None while the key opens.
    """

    name: str
    scope: Scope
    digest: str
    prefix: str
    created_ms: int
    revoked_ms: int | None = None


def digest_of(key: str) -> str:
    """Hex SHA-256 of a key, whatever text it is."""
    return hashlib.sha256(key.encode("utf-8", "surrogatepass")).hexdigest()


def new_key() -> str:
    """Make a key: 256 random bits, and four characters by which a leaked one is found in logs and repositories."""
    return f"ftk_{secrets.token_urlsafe(KEY_BYTES)}"


class ApiKeyBook:
    """API keys over a `DocumentStore`; one document for each name, which stays when the key is revoked."""

    def __init__(self, store: DocumentStore) -> None:
        self._store = store

    def create(self, name: str, scope: str, now_ms: int) -> tuple[ApiKey, str]:
        """Make a key and keep its digest; the key itself is in the answer and nowhere else.

        Parameters
        ----------
        name
            1 to 41 of a-z, 0-9 and -; not one that was used before.
        scope
            `read` or `admin`.
        now_ms
            Epoch milliseconds UTC.

        Raises
        ------
        InvalidSettings
            The name or the scope cannot be used.
        """
        if not _NAME.fullmatch(name) or name in (LOCAL, ENVIRONMENT):
            raise InvalidSettings(
                f"the name {name!r} cannot be used: 1 to 41 of a-z, 0-9 and - are needed, "
                f"and neither {LOCAL} nor {ENVIRONMENT}"
            )
        if scope not in SCOPES:
            raise InvalidSettings(f"scope {scope!r} is unknown: {' or '.join(SCOPES)} is needed")
        key = new_key()
        kept = ApiKey(name, scope, digest_of(key), key[:PREFIX_CHARACTERS], now_ms)
        if self._store.put_new(API_KEYS, [_document(kept)]) == 0:
            raise InvalidSettings(f"a key named {name} exists or did: choose another name")
        return kept, key

    def revoke(self, name: str, now_ms: int) -> ApiKey:
        """Let a key open nothing any more; revoking it again changes nothing.

        Raises
        ------
        InvalidSettings
            There is no key of that name.
        """
        found = self._store.get(API_KEYS, name)
        if found is None:
            raise InvalidSettings(f"no key is named {name!r}: foretick keys list names those that exist")
        if found["revoked_ms"] is None:
            found["revoked_ms"] = now_ms
            self._store.put(API_KEYS, found)
        return _kept(found)

    def every(self) -> list[ApiKey]:
        """All keys that were ever made, the oldest first."""
        return [_kept(each) for each in self._store.find(API_KEYS, sort="created_ms")]

    def valid(self) -> list[ApiKey]:
        """Those that open."""
        return [each for each in self.every() if each.revoked_ms is None]


def shown(key: ApiKey) -> dict[str, Any]:
    """Return what may be told of a key: all but its digest."""
    return {
        "name": key.name,
        "scope": key.scope,
        "prefix": key.prefix,
        "created": utc_iso(key.created_ms),
        "revoked": None if key.revoked_ms is None else utc_iso(key.revoked_ms),
    }


def _document(key: ApiKey) -> dict[str, Any]:
    return {
        ID: key.name,
        "scope": key.scope,
        "digest": key.digest,
        "prefix": key.prefix,
        "created_ms": key.created_ms,
        "revoked_ms": key.revoked_ms,
    }


def _kept(document: Mapping[str, Any]) -> ApiKey:
    return ApiKey(
        document[ID],
        document["scope"],
        document["digest"],
        document["prefix"],
        document["created_ms"],
        document["revoked_ms"],
    )
