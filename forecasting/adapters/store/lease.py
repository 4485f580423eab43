"""A lease: one holder at a time does a thing, across processes and machines, and a killed holder blocks for a while only."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from forecasting.adapters.store.collections import LEASES
from forecasting.adapters.store.port import ID, VERSION, DocumentStore
from forecasting.errors import StoreUnavailable
from forecasting.types import utc_iso

TRY_AGAIN_SECONDS = 0.5


@dataclass(slots=True)
class Lease:
    """A lease that was granted.

    Attributes
    ----------
    name, holder
        What is held, and by whom.
    version
        Grows with every grant and renewal: of two who believe that they hold the lease, the one with the
        greater number does.
    """

    _store: DocumentStore
    name: str
    holder: str
    version: int
    _length_ms: int
    _clock: Callable[[], int]

    def renew(self) -> None:
        """Hold the lease for its full time from now on; call it right before a step that only a holder may take.

        Raises
        ------
        StoreUnavailable
            It ran out and somebody else took it, or the store cannot be written.
        """
        self._replace(self._clock() + self._length_ms)

    def release(self) -> None:
        """Let the next one in at once.

        Raises
        ------
        StoreUnavailable
            Somebody else took the lease before, or the store cannot be written.
        """
        self._replace(self._clock())

    def _replace(self, until_ms: int) -> None:
        document = {ID: self.name, "holder": self.holder, "until_ms": until_ms, VERSION: self.version + 1}
        if not self._store.compare_and_set(LEASES, document, self.version):
            raise StoreUnavailable(
                f"{self.holder} lost the lease {self.name!r}, for it took longer than {self._length_ms / 1000:g} s and "
                f"another took over: check what both did, and run it again"
            )
        self.version += 1


@contextlib.contextmanager
def lease(
    store: DocumentStore,
    name: str,
    holder: str,
    seconds: float,
    clock: Callable[[], int],
    wait_seconds: float = 0.0,
    pause: Callable[[float], None] = time.sleep,
) -> Iterator[Lease]:
    """Hold a lease for the length of a block.

    Parameters
    ----------
    store
        Where all who compete for it keep their documents.
    name
        What is held, as in `promote forecast-1h`.
    holder
        Who holds it: told to those who come too late, and not asked for, so the same holder waits for itself.
    seconds
        How long it lasts unless renewed: longer than the work, and much longer than clocks of machines differ.
    clock
        Gives the present, epoch milliseconds UTC.
    wait_seconds
        How long to wait for another holder before giving up; longer than `seconds` outlives one that was killed.
    pause
        Waits that many seconds before the next try.

    Raises
    ------
    StoreUnavailable
        Another holds it still; at the end of the block, when it ran out and another took it meanwhile; or the store
        cannot be used.
    """
    give_up_ms = clock() + round(wait_seconds * 1000)
    while (granted := _take(store, name, holder, round(seconds * 1000), clock)) is None:
        if clock() >= give_up_ms:
            raise _held(store, name)
        pause(TRY_AGAIN_SECONDS)
    try:
        yield granted
    except BaseException:
        with contextlib.suppress(StoreUnavailable):  # what went wrong in the block is the news
            granted.release()
        raise
    granted.release()


def _take(
    store: DocumentStore, name: str, holder: str, length_ms: int, clock: Callable[[], int]
) -> Lease | None:
    if length_ms <= 0:
        raise ValueError(f"a lease lasts more than 0 s, {length_ms / 1000:g} s were given")
    known = store.get(LEASES, name)
    now_ms = clock()
    if known is not None and known["until_ms"] > now_ms:
        return None
    before = None if known is None else int(known[VERSION])
    version = (before or 0) + 1
    document = {ID: name, "holder": holder, "until_ms": now_ms + length_ms, VERSION: version}
    if not store.compare_and_set(LEASES, document, before):
        return None
    return Lease(store, name, holder, version, length_ms, clock)


def _held(store: DocumentStore, name: str) -> StoreUnavailable:
    known = store.get(LEASES, name) or {"holder": "another that was faster", "until_ms": 0}
    return StoreUnavailable(
        f"the lease {name!r} is held by {known['holder']} until {utc_iso(known['until_ms'])} at the latest: "
        f"try again when it has ended"
    )
