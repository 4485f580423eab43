"""The card of a registered version, for those who cannot ask MLflow: where it is absent, a process of its own writes it."""

from __future__ import annotations

import json
import os
from dataclasses import asdict
from typing import Any

from forecasting.adapters.place import WorkspacePlace
from forecasting.adapters.promotion.child import ask_child
from forecasting.adapters.store.card_book import CardBook
from forecasting.adapters.store.port import DocumentStore
from forecasting.errors import RegistryUnavailable

CHILD = "forecasting.adapters.promotion.card_finding_process"
SECONDS = 120.0


def find_card(
    store: DocumentStore, place: WorkspacePlace, model_name: str, model_id: str
) -> dict[str, Any] | None:
    """Return the head of a version's card; None where no such version is registered.

    Parameters
    ----------
    store
        The open store of the place.
    place
        Where MLflow is.
    model_name, model_id
        The registered model, as in `forecast-1h`, and its version, as in `1h-3f1c0a9b7d2e`.

    Raises
    ------
    RegistryUnavailable
        The card is absent, and MLflow cannot be asked.
    StoreUnavailable, MachineError
        The store cannot be read, or no process can be started.
    """
    book = CardBook(store)
    card = book.head(model_id)
    if card is None:
        write_absent_cards(place, model_name)
        card = book.head(model_id)
    return card


def write_absent_cards(place: WorkspacePlace, model_name: str) -> None:
    """Write the cards of a model's versions that have none, in a process that asks MLflow.

    Raises
    ------
    RegistryUnavailable, MachineError
        As `find_card`.
    """
    answer = ask_child(
        CHILD,
        (),
        environment={name: text for name, text in os.environ.items() if name != "FORETICK_API_KEY"},
        seconds=SECONDS,
        purpose="to read MLflow with",
        told=json.dumps({"place": asdict(place), "model_name": model_name}),
    )
    if "written" not in answer.said:
        told = " ".join(str(answer.said.get("reason", "")).split())[:1000]
        raise RegistryUnavailable(told or f"the process that reads MLflow {answer.failure}: ask again")
