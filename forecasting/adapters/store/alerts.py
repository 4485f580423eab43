"""Alerts in the document store: what a person should look at, newest first."""

from __future__ import annotations

import logging
import time
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from forecasting.adapters.store.collections import ALERTS
from forecasting.adapters.store.newest import Asked, newest_page
from forecasting.adapters.store.port import ID, DocumentStore

MOST_SHOWN = 50

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Alert:
    """Something that a person should look at.

    Attributes
    ----------
    id
        Names the alert in the store.
    kind
        What happened, as in `revision`.
    raised_ms
        When it was noticed, epoch milliseconds UTC.
    facts
        What is known of it, JSON-like; what there is depends on the kind.
    """

    id: str
    kind: str
    raised_ms: int
    facts: Mapping[str, Any]

    @property
    def line(self) -> str:
        """The facts in one line, as `name=value`."""
        return ", ".join(f"{name}={value}" for name, value in self.facts.items())


def new_alert(kind: str, facts: Mapping[str, Any]) -> Alert:
    """Make an alert of this moment, not kept anywhere yet."""
    return Alert(uuid.uuid4().hex, kind, time.time_ns() // 1_000_000, facts)


class AlertBook:
    """Alerts over a `DocumentStore`."""

    def __init__(self, store: DocumentStore) -> None:
        self._store = store

    def raise_alert(self, kind: str, facts: Mapping[str, Any]) -> Alert:
        """Keep an alert of this moment and log it as a warning."""
        alert = new_alert(kind, facts)
        self.keep(alert)
        self.announce(alert)
        return alert

    def raise_once(self, alert_id: str, kind: str, facts: Mapping[str, Any]) -> bool:
        """Keep an alert and log it, unless one of that id was raised before, by whomever; whether it was new."""
        alert = replace(new_alert(kind, facts), id=alert_id)
        new = self._store.put_new(ALERTS, [_document(alert)]) == 1
        if new:
            self.announce(alert)
        return new

    def keep(self, alert: Alert) -> None:
        """Write an alert, replacing the one of the same id."""
        self._store.put(ALERTS, _document(alert))

    def withdraw(self, alert: Alert) -> None:
        """Remove an alert of what then did not happen."""
        self._store.delete(ALERTS, alert.id)

    def announce(self, alert: Alert) -> None:
        """Log an alert as a warning."""
        _log.warning("alert: %s: %s", alert.kind, alert.line)

    def newest(self, limit: int = MOST_SHOWN, kind: str | None = None) -> list[Alert]:
        """Alerts of all kinds or of one, the newest first."""
        equal = {} if kind is None else {"kind": kind}
        found = self._store.find(ALERTS, equal, sort="raised_ms", descending=True, limit=limit)
        return [_alert(each) for each in found]

    def page(
        self, kind: str | None, before_ms: int | None, limit: int = MOST_SHOWN
    ) -> tuple[list[Alert], int | None]:
        """Alerts raised before a moment (epoch milliseconds UTC), and what asks for those that follow; None where none do."""
        equal = {} if kind is None else {"kind": kind}
        page = newest_page(self._store, Asked(ALERTS, "raised_ms", equal), before_ms, limit)
        return [_alert(each) for each in page.documents], page.next_before_ms


def _alert(document: Mapping[str, Any]) -> Alert:
    return Alert(document[ID], document["kind"], document["raised_ms"], document["facts"])


def _document(alert: Alert) -> dict[str, Any]:
    return {ID: alert.id, "kind": alert.kind, "raised_ms": alert.raised_ms, "facts": dict(alert.facts)}
