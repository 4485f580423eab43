"""A person lets a candidate through that is too good to be true: recorded once, for one bundle, with name and reason."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from forecasting.adapters.decision_document import quarantine_sentence
from forecasting.adapters.store.alerts import AlertBook
from forecasting.adapters.store.decision_log import DecisionLog
from forecasting.adapters.store.port import DocumentStore
from forecasting.adapters.store.release_book import ReleaseBook
from forecasting.errors import InvalidSettings, UnknownVersion
from forecasting.gate import Release

QUARANTINED = "quarantined candidate"


def call_person(store: DocumentStore, document: Mapping[str, Any]) -> None:
    """Raise an alert where a decision quarantined its candidate; once for each bundle."""
    if document["quarantined"]:
        digest = document["evidence"]["candidate"]["digest"]
        facts = {"model": document["model_id"], "version": document["version"], "decision": document["_id"]}
        AlertBook(store).raise_once(
            f"quarantine|{digest}", QUARANTINED, {**facts, "todo": quarantine_sentence(document)}
        )


def release_version(
    store: DocumentStore, horizon: str, version: int, who: str, why: str, now_ms: int
) -> Release:
    """Vouch for a version that the gate quarantined; its next decision takes what is too good for believable.

    Parameters
    ----------
    store
        Where decisions and releases are.
    horizon, version
        Which candidate.
    who, why
        Who vouches for it, and the reason.
    now_ms
        Epoch milliseconds UTC.

    Raises
    ------
    UnknownVersion
        The gate never decided on it.
    InvalidSettings
        It is not in quarantine, or no reason was given.
    """
    if not why.strip():
        raise InvalidSettings("no reason was given: say with --reason why it is no leak")
    newest = DecisionLog(store).find(horizon, version, limit=1)
    if not newest:
        raise UnknownVersion(
            f"the gate never decided on version {version} of {horizon}: foretick decisions list names what it decided on"
        )
    (document,) = newest
    if not document.get("quarantined"):
        raise InvalidSettings(
            f"version {version} of {horizon} is not in quarantine (the gate said {document['outcome']}): there is nothing to release"
        )
    digest = document["evidence"]["candidate"]["digest"]
    return ReleaseBook(store).write(digest, document["model_name"], who, why.strip(), now_ms)
