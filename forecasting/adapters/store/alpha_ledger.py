"""The ledger of alpha in the document store: a question is paid before the lockbox is opened, then its bit is written.

Entries are a chain of digests, one document each, named by their position. A head document says how long the chain is,
so that entries cut off its end are missed as well; it is moved by compare-and-set after the entry is there, and whoever
finds it behind, as after a crash between the two, moves it on.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Any

from forecasting.adapters.store.collections import ALPHA_HEAD, ALPHA_LEDGER
from forecasting.adapters.store.port import ID, VERSION, DocumentStore
from forecasting.errors import InvalidEvidence
from forecasting.licence.spending import ALPHA_YEAR, HORIZONS, Entry, charge, first_bad_entry, reveal

ALPHA_HORIZON = ALPHA_YEAR / HORIZONS
HEAD = "head"

Clock = Callable[[], int]


def wall_clock_ms() -> int:
    """Return the moment that this installation's clock shows, epoch milliseconds UTC."""
    return time.time_ns() // 1_000_000


class AlphaLedger:
    """The chain of charges and answers over a `DocumentStore`; several processes may append at once.

    Parameters
    ----------
    store
        Where it is kept.
    now_ms
        Clock of its entries; a budget's year is that of the charge.
    """

    def __init__(self, store: DocumentStore, now_ms: Clock = wall_clock_ms) -> None:
        self._store = store
        self._now_ms = now_ms

    def entries(self) -> list[Entry]:
        """Return the whole chain, oldest first, verified.

        Raises
        ------
        InvalidEvidence
            An entry was changed, put in, taken out or cut off.
        """
        head = self._store.get(ALPHA_HEAD, HEAD)  # before the entries: these only grow meanwhile
        found = [_entry(each) for each in self._store.find(ALPHA_LEDGER, sort=ID)]
        bad = first_bad_entry(found)
        if bad is not None:
            raise _broken(f"entry {bad} is not genuine")
        known = 0 if head is None else int(head[VERSION])
        if known > len(found):
            raise _broken(f"it had {known} entries and has {len(found)}")
        if head is not None and found[known - 1].digest != head["digest"]:
            raise _broken(f"its head names another entry {known - 1}")
        return found

    def charge(self, recipe: str, horizon: str) -> Entry:
        """Pay for a recipe's question once; a charge of an earlier year is its charge still.

        Raises
        ------
        InvalidEvidence
            The chain is broken, or the clock stands before its last entry.
        """

        def add(entries: Sequence[Entry], at_ms: int) -> Entry:
            year = datetime.fromtimestamp(at_ms / 1000, tz=UTC).year
            return charged(entries, recipe) or charge(entries, recipe, horizon, year, at_ms, ALPHA_HORIZON)

        return self._append(add)

    def reveal(self, paid: Entry, passed: bool) -> Entry:
        """Write down the bit that the lockbox gave for a paid question; the same bit again changes nothing.

        Raises
        ------
        InvalidEvidence
            The chain is broken, holds no such charge or another answer, or the clock stands before its last entry.
        """
        return self._append(lambda entries, at_ms: reveal(entries, paid, passed, at_ms))

    def _append(self, add: Callable[[Sequence[Entry], int], Entry]) -> Entry:
        while True:
            entries = self.entries()
            entry = add(entries, self._now_ms())
            if entry.position < len(entries):
                self._move_head(entries)
                return entry
            document = {ID: f"{entry.position:010d}", **entry.to_document()}
            if self._store.put_new(ALPHA_LEDGER, [document]):
                self._move_head([*entries, entry])
                return entry

    def _move_head(self, entries: Sequence[Entry]) -> None:
        """Let the head name the last of these entries, unless another process is further already."""
        while True:
            head = self._store.get(ALPHA_HEAD, HEAD)
            known = None if head is None else int(head[VERSION])
            if known is not None and known >= len(entries):
                return
            document = {ID: HEAD, VERSION: len(entries), "digest": entries[-1].digest}
            if self._store.compare_and_set(ALPHA_HEAD, document, known):
                return


def charged(entries: Sequence[Entry], recipe: str) -> Entry | None:
    """Return the charge of a recipe, whatever its year; None when it was never paid."""
    return next((each for each in entries if each.kind == "charge" and each.recipe == recipe), None)


def answer(entries: Sequence[Entry], recipe: str) -> bool | None:
    """Return the bit that the lockbox gave for a recipe; None while it is closed."""
    return next((each.passed for each in entries if each.kind == "reveal" and each.recipe == recipe), None)


def _entry(document: dict[str, Any]) -> Entry:
    try:
        return Entry.from_document({name: value for name, value in document.items() if name != ID})
    except TypeError as error:
        raise _broken(f"entry {document[ID]} is no entry") from error


def _broken(how: str) -> InvalidEvidence:
    return InvalidEvidence(
        f"the ledger of alpha is broken, {how}: nothing is licensed until it is restored from a copy"
    )
