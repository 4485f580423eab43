"""The leak certificate: what was tried, on how many rows, and what the first leak looks like."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any, Self

from forecasting.types import utc_iso

WHOLE_ROW = "the row itself"


@dataclass(frozen=True, slots=True)
class Leak:
    """The first row in which a feature, or a part of a training run, was seen to know too much.

    Attributes
    ----------
    check
        Name of the check that found it.
    feature
        Name of the guilty feature; `WHOLE_ROW` when the row exists only with later data; for a training run
        the rows that know too much, as in `fit rows`.
    symbol
        Symbol of the row; empty where rows of all symbols are meant.
    as_of_ms
        Moment of the row, epoch milliseconds UTC.
    with_future, without_future
        Value of the feature with and without what came later; None where it is missing, or in a training run.
    reason
        What happened, for a person.
    """

    check: str
    feature: str
    symbol: str
    as_of_ms: int
    with_future: float | None
    without_future: float | None
    reason: str


@dataclass(frozen=True, slots=True)
class CheckResult:
    """What one check found.

    Attributes
    ----------
    name
        As in `truncation`.
    cuts
        Moments at which the market was cut; 1 for a training run.
    rows
        Rows compared, each as often as it was.
    tolerance
        Largest difference that passes, relative to the feature's own size.
    worst
        Largest difference found; infinite where one value was missing and the other not.
    leaks
        One for each guilty feature, its first wrong row; none when the check is passed.
    notes
        What could not be tried, and why.
    """

    name: str
    cuts: int
    rows: int
    tolerance: float
    worst: float
    leaks: tuple[Leak, ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def passed(self) -> bool:
        """Whether nothing leaked, and anything was compared at all."""
        return not self.leaks and self.rows > 0

    def to_document(self) -> dict[str, Any]:
        """JSON-like form; an infinite difference is null."""
        worst = self.worst if math.isfinite(self.worst) else None
        return {**asdict(self), "worst": worst, "passed": self.passed} | {
            "leaks": [asdict(leak) for leak in self.leaks],
            "notes": list(self.notes),
        }

    @classmethod
    def from_document(cls, document: Mapping[str, Any]) -> Self:
        """Inverse of `to_document`."""
        worst = document["worst"]
        return cls(
            document["name"],
            document["cuts"],
            document["rows"],
            document["tolerance"],
            math.inf if worst is None else worst,
            tuple(Leak(**leak) for leak in document["leaks"]),
            tuple(document["notes"]),
        )


@dataclass(frozen=True, slots=True)
class LeakCertificate:
    """Whether anything that is known later was seen to reach the features or the training run.

    Attributes
    ----------
    feature_set
        What was looked at.
    features, symbols
        Names of the columns, and of the symbols with rows.
    interval
        Interval of the base candles.
    history_ms
        Declared history of a row, in milliseconds.
    first_open_ms, last_close_ms
        Span of the candles, epoch milliseconds UTC.
    seed
        Of the cut points; the same seed and market give the same certificate.
    checks
        In the order they were made.
    """

    feature_set: str
    features: tuple[str, ...]
    symbols: tuple[str, ...]
    interval: str
    history_ms: int
    first_open_ms: int
    last_close_ms: int
    seed: int
    checks: tuple[CheckResult, ...]

    @property
    def passed(self) -> bool:
        """Whether every check was passed; a certificate without checks says nothing and is not."""
        return bool(self.checks) and all(check.passed for check in self.checks)

    @property
    def leaks(self) -> tuple[Leak, ...]:
        """All leaks, features that are named before rows that merely come and go."""
        found = (leak for check in self.checks for leak in check.leaks)
        return tuple(sorted(found, key=lambda leak: (leak.feature == WHOLE_ROW, leak.as_of_ms)))

    @property
    def reasons(self) -> tuple[str, ...]:
        """Why the certificate is not passed, one line for each guilty feature or empty check; none when it is."""
        found_by: dict[str, list[Leak]] = {}
        for leak in self.leaks:
            found_by.setdefault(leak.feature, []).append(leak)
        guilty = (_line(leaks) for leaks in found_by.values())
        empty = (
            f"{check.name}: no row could be compared: use more candles"
            for check in self.checks
            if not check.rows
        )
        return (*guilty, *empty)

    def with_checks(self, checks: Iterable[CheckResult]) -> LeakCertificate:
        """Return the same certificate with further checks, as those of a training run."""
        return replace(self, checks=(*self.checks, *checks))

    def to_document(self) -> dict[str, Any]:
        """JSON-like form, NaN and infinity free."""
        return {
            **asdict(self),
            "features": list(self.features),
            "symbols": list(self.symbols),
            "checks": [check.to_document() for check in self.checks],
            "passed": self.passed,
        }

    @classmethod
    def from_document(cls, document: Mapping[str, Any]) -> Self:
        """Inverse of `to_document`."""
        return cls(
            document["feature_set"],
            tuple(document["features"]),
            tuple(document["symbols"]),
            document["interval"],
            document["history_ms"],
            document["first_open_ms"],
            document["last_close_ms"],
            document["seed"],
            tuple(CheckResult.from_document(check) for check in document["checks"]),
        )


def _line(leaks: list[Leak]) -> str:
    """One line that names the guilty feature, its first wrong row, and all checks that saw it."""
    first = leaks[0]
    where = " ".join(filter(None, (first.symbol, utc_iso(first.as_of_ms))))
    checks = ", ".join(dict.fromkeys(leak.check for leak in leaks))
    return f"{first.feature} leaks, first at {where}: {first.reason} (found by {checks})"
