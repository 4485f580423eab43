"""Releases in the document store: which bundles that are too good to be true a person vouches for, and why."""

from __future__ import annotations

from forecasting.adapters.store.collections import RELEASES
from forecasting.adapters.store.port import ID, DocumentStore
from forecasting.gate import Release
from forecasting.types import utc_iso


class ReleaseBook:
    """Releases over a `DocumentStore`; one for each bundle, written once."""

    def __init__(self, store: DocumentStore) -> None:
        self._store = store

    def write(self, digest: str, model_name: str, who: str, why: str, now_ms: int) -> Release:
        """Keep a release; the release that is there, if somebody was first.

        Parameters
        ----------
        digest
            Hex SHA-256 of the bundle.
        model_name
            As in `forecast-1h`.
        who, why
            Who releases it, and the reason given.
        now_ms
            When, epoch milliseconds UTC.
        """
        fields = {"model_name": model_name, "who": who, "why": why, "released_ms": now_ms}
        self._store.put_new(RELEASES, [{ID: digest, **fields}])
        return self.of(digest) or Release(digest, who, why, utc_iso(now_ms))

    def of(self, digest: str) -> Release | None:
        """Return the release of a bundle; None while there is none."""
        found = self._store.get(RELEASES, digest)
        return (
            None
            if found is None
            else Release(digest, found["who"], found["why"], utc_iso(found["released_ms"]))
        )
