"""What came of checking a table: one line a check, as a document for the store and as text for people."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from forecasting.adapters.expectations.suites import Scope, Severity
from forecasting.types import utc_iso


@dataclass(frozen=True, slots=True)
class Check:
    """One expectation and what was found.

    Attributes
    ----------
    name
        As the suite calls it, `high_not_below_body`.
    severity
        `stop`: the table may not be used while it fails. `warn`: it may, and a person should know.
    scope
        `row`: the failing rows alone are at fault. `table`: the table as a whole is.
    passed
        Whether the table keeps the expectation.
    unexpected_count
        Rows that break it; 0 for a check of the whole table.
    failing_rows
        The first five of them, each named by UTC time, row number and value.
    found
        What was seen instead, for a check of the whole table or one that could not be made; else empty.
    """

    name: str
    severity: Severity
    scope: Scope
    passed: bool
    unexpected_count: int
    failing_rows: tuple[str, ...]
    found: str

    @property
    def outcome(self) -> str:
        """`passed`, `stop` or `warn`."""
        return "passed" if self.passed else self.severity

    @property
    def explanation(self) -> str:
        """What is wrong, on one line; empty when nothing is."""
        if self.passed:
            return ""
        more = self.unexpected_count - len(self.failing_rows)
        rows = "; ".join(self.failing_rows) + (f"; and {more} more rows" if more > 0 else "")
        return rows or self.found

    @property
    def briefly(self) -> str:
        """The first failing row and how many there are; empty when nothing is wrong."""
        if self.passed or not self.failing_rows:
            return self.explanation
        return f"{self.failing_rows[0]}; {self.unexpected_count} such rows"

    def to_document(self) -> dict[str, Any]:
        """Fields for the document store."""
        return {
            "name": self.name,
            "severity": self.severity,
            "scope": self.scope,
            "passed": self.passed,
            "unexpected_count": self.unexpected_count,
            "failing_rows": list(self.failing_rows),
            "found": self.found,
        }


@dataclass(frozen=True, slots=True)
class ValidationReport:
    """Every check of one table.

    Attributes
    ----------
    suite
        Name of the suite, which is also the word for its rows: candles, events, features, forecasts.
    subject
        What was checked, in words: `BTC/USDT 1h`.
    rows
        Number of rows checked.
    fingerprint
        Hex SHA-256 of what was checked; for candles and rows of training their own fingerprint.
    checked_at_ms
        The moment that counted as now, epoch milliseconds UTC.
    checks
        In the order of the suite.
    symbol, interval
        Of a series of candles; else empty.
    absent_share
        Candles absent between the first and the last, as a share of those that should be there, a fraction;
        0 for what is no series.
    """

    suite: str
    subject: str
    rows: int
    fingerprint: str
    checked_at_ms: int
    checks: tuple[Check, ...]
    symbol: str = ""
    interval: str = ""
    absent_share: float = 0.0

    @property
    def success(self) -> bool:
        """Whether the table may be used: no check of severity `stop` failed."""
        return not self.failed("stop")

    @property
    def verdict(self) -> str:
        """Whether the table may be used, in words that follow its name."""
        return "may be used" if self.success else "may not be used"

    def failed(self, severity: Severity) -> tuple[Check, ...]:
        """Return the failed checks of one severity."""
        return tuple(check for check in self.checks if not check.passed and check.severity == severity)

    @property
    def reason(self) -> str:
        """Why the table may not be used, on one line; empty when it may."""
        stops = self.failed("stop")
        if not stops:
            return ""
        faults = ", ".join(f"{check.name} ({check.briefly})" for check in stops)
        checks = "1 failed check stops" if len(stops) == 1 else f"{len(stops)} failed checks stop"
        return f"{self.subject}: {checks} it: {faults}"

    def to_document(self) -> dict[str, Any]:
        """Document of the collection `validations`; the same table checked at the same moment has one id."""
        return {
            "_id": f"{self.suite}|{self.subject}|{self.checked_at_ms}|{self.fingerprint[:12]}",
            "suite": self.suite,
            "subject": self.subject,
            "symbol": self.symbol,
            "interval": self.interval,
            "rows": self.rows,
            "fingerprint": self.fingerprint,
            "checked_at_ms": self.checked_at_ms,
            "absent_share": self.absent_share,
            "success": self.success,
            "checks": [check.to_document() for check in self.checks],
        }

    def to_markdown(self) -> str:
        """Headline and a table of the checks, failed ones first."""
        ordered = sorted(self.checks, key=lambda check: ("stop", "warn", "passed").index(check.outcome))
        lines = [f"| {check.name} | {check.outcome} | {_cell(check.explanation)} |" for check in ordered]
        absent = f", {self.absent_share:.2%} of the candles between the first and the last are absent"
        head = (
            f"**{self.subject}** {self.verdict}: {self.rows} {self.suite} checked at {utc_iso(self.checked_at_ms)}, "
            f"{len(self.failed('stop'))} stops, {len(self.failed('warn'))} warnings"
            f"{absent if self.interval else ''}."
        )
        return "\n".join([head, "", "| check | outcome | found |", "| --- | --- | --- |", *lines])


def _cell(text: str) -> str:
    return text.replace("|", "\\|")
