"""Model cards as the registry's routes tell them: with what serves now, and what the gate said last."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, cast

from forecasting.adapters.promotion.pointer import Pointer, read_pointer
from forecasting.adapters.store.decision_log import DecisionLog
from forecasting.adapters.store.licence_book import LicenceBook
from forecasting.adapters.store.port import DocumentStore
from forecasting.types import utc_iso
from serving.schemas.registry import (
    FeatureShare,
    LastDecision,
    Links,
    MemberWeight,
    RegisteredModel,
    Status,
    TrainingWindow,
    Validation,
    VersionSummary,
)

Card = Mapping[str, Any]
ENSEMBLE = "ensemble"


class CardReader:
    """Completes the cards of one request; each pointer is read once for it.

    Parameters
    ----------
    store
        Where cards, pointers, licences and decisions are.
    pages
        Address of MLflow's pages, where links lead.
    """

    def __init__(self, store: DocumentStore, pages: str) -> None:
        self._store = store
        self._pages = pages
        self._pointers: dict[str, Pointer | None] = {}

    def pointer(self, model_name: str) -> Pointer | None:
        """Return the pointer of a model."""
        if model_name not in self._pointers:
            self._pointers[model_name] = read_pointer(self._store, model_name)
        return self._pointers[model_name]

    def status(self, card: Card) -> Status:
        """Say what the pointer calls a version."""
        pointer = self.pointer(card["model_name"])
        return "candidate" if pointer is None else cast("Status", pointer.status(str(card["version"])))

    def summary(self, card: Card) -> VersionSummary:
        """Tell a card in short."""
        scores = card["scores"].get(ENSEMBLE)
        return VersionSummary(
            model_id=card["model_id"],
            model_name=card["model_name"],
            model_version=card["version"],
            horizon=card["horizon"],
            status=self.status(card),
            evidence=self._evidence(card),
            symbols=card["symbols"],
            algorithms=card["algorithms"],
            registered_at=utc_iso(card["registered_ms"]),
            trained_until=utc_iso(card["training"]["trained_label_end_ms"]),
            leak_certificate=card["leak_certificate"],
            validation=None if scores is None else Validation(**scores),
            decision=self._decision(card),
            links=self._links(card),
        )

    def _evidence(self, card: Card) -> str:
        licensed = card["recipe"] and LicenceBook(self._store).holds(card["recipe"])
        return "proven" if licensed else "unproven"

    def _decision(self, card: Card) -> LastDecision | None:
        newest = DecisionLog(self._store).latest_on(card["model_id"])
        return None if newest is None else _last(newest)

    def _links(self, card: Card) -> Links:
        run = f"{self._pages}/#/experiments/{card['experiment_id']}/runs/{card['run_id']}"
        version = f"{self._pages}/#/models/{card['model_name']}/versions/{card['version']}"
        return Links(run=run, version=version, artifacts=f"{run}/artifacts")


def registered(card: Card, reader: CardReader) -> RegisteredModel:
    """Tell a card whole."""
    return RegisteredModel(
        summary=reader.summary(card),
        members=[MemberWeight(**each) for each in card["members"]],
        importances=[FeatureShare(**each) for each in card["importances"]],
        training=_window(card["training"]),
        scores={name: Validation(**scores) for name, scores in card["scores"].items()},
        parameters=card["parameters"],
        metrics=card["metrics"],
        seed=card["seed"],
        digest=card["digest"],
        recipe=card["recipe"],
        data_fingerprint=card["data_fingerprint"],
        libraries=card["libraries"],
        explanation=card["explanation"],
    )


def _last(document: Mapping[str, Any]) -> LastDecision:
    return LastDecision(
        decision_id=document["_id"],
        outcome=document["outcome"],
        decided_at=utc_iso(document["decided_ms"]),
        reasons=document["reasons"],
    )


def _window(training: Mapping[str, int]) -> TrainingWindow:
    rows = {name: training[name] for name in ("train_rows", "validation_rows", "test_rows", "purged_rows")}
    return TrainingWindow(
        train_from=utc_iso(training["train_start_ms"]),
        validation_from=utc_iso(training["validation_start_ms"]),
        test_from=utc_iso(training["test_start_ms"]),
        test_until=utc_iso(training["test_end_ms"]),
        **rows,
    )
