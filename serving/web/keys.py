"""Which API keys open: those of the store, read beside the requests, and the one of the environment.

A request never waits for the store. While it is down the keys that were known last hold, also after a new start, for
they are kept in a file; where nobody ever could tell, nothing opens but the key of the environment.
"""

from __future__ import annotations

import hmac
import json
import logging
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from pydantic import SecretStr

from forecasting.adapters.store.api_keys import ENVIRONMENT, SCOPES, ApiKeyBook, Scope, digest_of
from forecasting.adapters.store.port import DocumentStore
from forecasting.adapters.whole_file import write_whole
from serving.polling import Poller

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Caller:
    """Who asks: the name of the key, `environment` for the environment's, `local` where there are no keys."""

    name: str
    scope: Scope


@dataclass(frozen=True, slots=True)
class Lock:
    """What opens for whom: the digest of a key."""

    digest: str
    caller: Caller


class KeyRing:
    """The keys as they are known now; `locks` of the store are None until somebody could tell."""

    def __init__(self, environment: SecretStr | None, file: Path) -> None:
        self._own = (
            ()
            if environment is None
            else (Lock(digest_of(environment.get_secret_value()), Caller(ENVIRONMENT, "admin")),)
        )
        self._file = file
        self._stored: tuple[Lock, ...] | None = _read(file)
        self._written = self._stored
        self._changed = threading.Condition()

    @property
    def known(self) -> bool:
        """Whether the keys of the store could ever be read, here or by an earlier process."""
        return self._stored is not None

    @property
    def empty(self) -> bool:
        """Whether it is known that there is no key at all."""
        return not self._own and self._stored == ()

    @property
    def locked(self) -> bool:
        """Whether it is known that there is a key, be it only one of several."""
        return bool(self._own or self._stored)

    def caller(self, key: str) -> Caller | None:
        """Whose key it is. All are compared, each in constant time, so the time tells nothing of any."""
        digest, found = digest_of(key), None
        for lock in (*self._own, *(self._stored or ())):
            if hmac.compare_digest(lock.digest, digest):
                found = lock.caller
        return found

    def replace(self, locks: Sequence[Lock]) -> None:
        """Take over what the store says, and keep it for the next start."""
        with self._changed:
            self._stored = tuple(locks)
            self._changed.notify_all()
        if self._written != self._stored:
            try:
                _write(self._file, self._stored)
                self._written = self._stored
            except OSError as error:
                _log.warning("the API keys' digests cannot be kept for the next start: %s", error)

    def wait_until(self, condition: Callable[[Self], bool], timeout_seconds: float) -> bool:
        """Wait for keys that fulfil the condition; False when none came in time."""
        with self._changed:
            return self._changed.wait_for(lambda: condition(self), timeout_seconds)


class KeyFollower(Poller):
    """Reads the keys of the store in a thread of its own."""

    def __init__(self, ring: KeyRing, store: Callable[[], DocumentStore], *, poll_seconds: float) -> None:
        super().__init__(
            "api-keys",
            poll_seconds,
            broken="the look at the API keys failed",
            away="the API keys cannot be read, those known last hold",
        )
        self._ring = ring
        self._store = store

    def step(self) -> None:
        """Read the keys once.

        Raises
        ------
        StoreUnavailable
            The keys known before stay.
        """
        keys = ApiKeyBook(self._store()).valid()
        self._ring.replace([Lock(each.digest, Caller(each.name, each.scope)) for each in keys])


def _read(file: Path) -> tuple[Lock, ...] | None:
    # Anything but what was written here tells nothing, and then nothing opens.
    try:
        said = json.loads(file.read_bytes())
        found = tuple(Lock(str(each["digest"]), Caller(str(each["name"]), each["scope"])) for each in said)
    except (OSError, ValueError, KeyError, TypeError):
        return None
    whole = isinstance(said, list) and all(
        each.caller.scope in SCOPES and each.digest.isascii() for each in found
    )
    return found if whole else None


def _write(file: Path, locks: Sequence[Lock]) -> None:
    document = [
        {"name": each.caller.name, "scope": each.caller.scope, "digest": each.digest} for each in locks
    ]
    write_whole(file, document)
