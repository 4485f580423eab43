"""What is known of models that serve or served, in the document store: one document a bundle, replaced by compare-and-set.

State and position are one document, so a bar is counted once whoever was killed meanwhile, and of two who count it
at once the second is told and counts nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from forecasting.adapters.store.collections import MONITORS
from forecasting.adapters.store.port import ID, VERSION, DocumentStore
from forecasting.monitoring.following import Following


@dataclass(frozen=True, slots=True)
class Demand:
    """That a version must go, as it was found first.

    Attributes
    ----------
    epoch
        Of the pointer that named it then: once that moved on, the demand is fulfilled or void.
    reason
        In words, with the figure.
    at_ms
        When it was found, epoch milliseconds UTC.
    """

    epoch: int
    reason: str
    at_ms: int


@dataclass(frozen=True, slots=True)
class Monitored:
    """What is kept of one bundle.

    Attributes
    ----------
    model_name, bundle
        As in `forecast-1h`, and its digest.
    version
        Of this document; 0 before it was written.
    following
        The evidence against it.
    demand
        That it must go; None where nothing speaks for it.
    """

    model_name: str
    bundle: str
    version: int
    following: Following
    demand: Demand | None = None


class MonitorBook:
    """Monitored bundles over a `DocumentStore`."""

    def __init__(self, store: DocumentStore) -> None:
        self._store = store

    def get(self, model_name: str, bundle: str) -> Monitored | None:
        """Return what is kept of a bundle; None before anything was."""
        document = self._store.get(MONITORS, f"{model_name}|{bundle}")
        return None if document is None else _monitored(document)

    def replace(self, after: Monitored) -> bool:
        """Write the state that follows the one of `version`; False when another wrote one first."""
        demand = after.demand
        document = {
            ID: f"{after.model_name}|{after.bundle}",
            VERSION: after.version + 1,
            "model_name": after.model_name,
            "bundle": after.bundle,
            "following": after.following.to_document(),
            "demand": demand and {"epoch": demand.epoch, "reason": demand.reason, "at_ms": demand.at_ms},
        }
        return self._store.compare_and_set(MONITORS, document, after.version or None)


def _monitored(document: Mapping[str, Any]) -> Monitored:
    demand = document["demand"]
    return Monitored(
        document["model_name"],
        document["bundle"],
        document[VERSION],
        Following.from_document(document["following"]),
        None if demand is None else Demand(**demand),
    )
