"""The budget of errors: each question costs, and is paid before it is answered.

A horizon may grant a false licence with a chance of at most `alpha_horizon` in a year. Its j-th recipe of the year gets
alpha_horizon / (j (j + 1)), and all of these together never exceed the budget. The ledger only grows: each entry
holds the digest of the one before, so that an entry that was changed, taken out or put in is found.
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any, Literal, Self

from forecasting.documents import canonical_json
from forecasting.errors import InvalidEvidence

GENESIS = "0" * 64
ALPHA_YEAR = 0.05
HORIZONS = 5

Kind = Literal["charge", "reveal"]


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the ledger of alpha.

    Attributes
    ----------
    position
        Place in the ledger, 0 for the first.
    previous
        Digest of the entry before, 64 zeros for the first.
    kind
        `charge`: the question is paid. `reveal`: its one bit is known.
    horizon, year
        The budget.
    recipe
        Hash of the recipe that is asked for.
    number
        It is the budget's j-th recipe, from 1.
    alpha
        What the question costs.
    passed
        The answer; None in a charge.
    at_ms
        When it was written, epoch milliseconds UTC.
    digest
        SHA-256 of all the above, hex.
    """

    position: int
    previous: str
    kind: Kind
    horizon: str
    year: int
    recipe: str
    number: int
    alpha: float
    passed: bool | None
    at_ms: int
    digest: str = ""

    def sealed(self) -> Self:
        """Return the entry with its digest."""
        return type(self)(**(asdict(self) | {"digest": self.expected_digest()}))

    def expected_digest(self) -> str:
        """SHA-256 of what the entry says, hex."""
        said = {name: value for name, value in asdict(self).items() if name != "digest"}
        return hashlib.sha256(canonical_json(said)).hexdigest()

    def to_document(self) -> dict[str, Any]:
        """Plain JSON."""
        return asdict(self)

    @classmethod
    def from_document(cls, document: dict[str, Any]) -> Self:
        """Take up what `to_document` gave; whether it is genuine says `first_bad_entry`."""
        return cls(**document)


def price(alpha_horizon: float, number: int) -> float:
    """Alpha of a budget's j-th question.

    Examples
    --------
    >>> price(0.01, 1), price(0.01, 4)
    (0.005, 0.0005)
    """
    return alpha_horizon / (number * (number + 1))


def charge(
    ledger: Sequence[Entry], recipe: str, horizon: str, year: int, at_ms: int, alpha_horizon: float
) -> Entry:
    """Pay for a question; the entry must be stored before anybody looks at the lockbox.

    A recipe that was charged already in this year gets its own charge again, so that a run that died between
    paying and looking goes on without paying twice.

    Raises
    ------
    InvalidEvidence
        The ledger is broken, or the budget is not in (0, 1), or not the one that the year began with.
    """
    _refuse_broken(ledger)
    if not 0.0 < alpha_horizon < 1.0:
        raise InvalidEvidence(f"a budget of {alpha_horizon} was given: give a chance between 0 and 1")
    paid = [each for each in ledger if (each.horizon, each.year, each.kind) == (horizon, year, "charge")]
    for each in paid:
        if each.recipe == recipe:
            return each
    if paid and not _same_budget(paid[0], price(alpha_horizon, 1), 1):
        raise InvalidEvidence(
            f"a budget of {alpha_horizon} was given, {year} began with {2.0 * paid[0].alpha:g}: keep it until the year ends"
        )
    number = len(paid) + 1
    cost = price(alpha_horizon, number)
    return _next(ledger, "charge", horizon, year, recipe, number, cost, None, at_ms)


def reveal(ledger: Sequence[Entry], charged: Entry, passed: bool, at_ms: int) -> Entry:
    """Write down the one bit that the lockbox gave for a paid question.

    The same bit again gives the entry that is there already.

    Raises
    ------
    InvalidEvidence
        The ledger is broken, the charge is not in it, or another answer was revealed before.
    """
    _refuse_broken(ledger)
    if charged not in ledger or charged.kind != "charge":
        raise InvalidEvidence(
            f"no charge for recipe {charged.recipe[:12]} is in the ledger: charge before you look"
        )
    for each in ledger[charged.position + 1 :]:
        if each.kind == "reveal" and _question(each) == _question(charged):
            if each.passed != passed:
                raise InvalidEvidence(
                    f"recipe {each.recipe[:12]} was answered {each.passed} before: a lockbox answers once"
                )
            return each
    question = _question(charged)
    return _next(ledger, "reveal", *question, charged.number, charged.alpha, passed, at_ms)


def first_bad_entry(ledger: Sequence[Entry]) -> int | None:
    """Position of the first entry that does not follow from those before, or None when all do."""
    charges: dict[tuple[str, int], list[Entry]] = {}
    open_charges: dict[tuple[str, int, str], Entry] = {}
    previous, at_ms = GENESIS, 0
    for position, entry in enumerate(ledger):
        linked = entry.position == position and entry.previous == previous and entry.at_ms >= at_ms
        if (
            not linked
            or entry.digest != entry.expected_digest()
            or not _follows(entry, charges, open_charges)
        ):
            return position
        previous, at_ms = entry.digest, entry.at_ms
    return None


def spent(ledger: Sequence[Entry], horizon: str, year: int) -> float:
    """Alpha that was charged to a budget so far."""
    return sum(
        each.alpha for each in ledger if (each.horizon, each.year, each.kind) == (horizon, year, "charge")
    )


def _follows(
    entry: Entry, charges: dict[tuple[str, int], list[Entry]], open_charges: dict[tuple[str, int, str], Entry]
) -> bool:
    budget, question = (entry.horizon, entry.year), _question(entry)
    if entry.kind == "charge":
        before = charges.setdefault(budget, [])
        before.append(entry)
        open_charges[question] = entry
        fair = entry.number == len(before) and _same_budget(before[0], entry.alpha, entry.number)
        return entry.passed is None and fair and 0.0 < entry.alpha < 1.0
    charged = open_charges.pop(question, None)
    same = charged is not None and (charged.number, charged.alpha) == (entry.number, entry.alpha)
    return entry.kind == "reveal" and same and entry.passed is not None


def _same_budget(first: Entry, alpha: float, number: int) -> bool:
    return math.isclose(alpha * number * (number + 1), 2.0 * first.alpha, rel_tol=1e-9)


def _question(entry: Entry) -> tuple[str, int, str]:
    return (entry.horizon, entry.year, entry.recipe)


def _refuse_broken(ledger: Sequence[Entry]) -> None:
    bad = first_bad_entry(ledger)
    if bad is not None:
        raise InvalidEvidence(f"entry {bad} of the ledger of alpha is not genuine: restore it from a backup")


def _next(
    ledger: Sequence[Entry],
    kind: Kind,
    horizon: str,
    year: int,
    recipe: str,
    number: int,
    alpha: float,
    passed: bool | None,
    at_ms: int,
) -> Entry:
    previous = ledger[-1].digest if ledger else GENESIS
    if ledger and at_ms < ledger[-1].at_ms:
        raise InvalidEvidence(
            "the clock stands before the ledger's last entry: set the clock, then ask again"
        )
    entry = Entry(len(ledger), previous, kind, horizon, year, recipe, number, alpha, passed, at_ms)
    return entry.sealed()
