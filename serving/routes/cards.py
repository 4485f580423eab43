"""Model cards as the registry's routes tell them: with what serves now, and what the gate said last."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, cast

from forecasting.adapters.promotion.moves import newest_moves
from forecasting.adapters.promotion.pointer import Move, Pointer, read_pointer
from forecasting.adapters.store.decision_log import DecisionLog
from forecasting.adapters.store.licence_book import LicenceBook
from forecasting.adapters.store.port import DocumentStore
from forecasting.types import utc_iso
from serving.schemas.registered_model import FeatureShare, MemberWeight, RegisteredModel, TrainingWindow
from serving.schemas.registry import LastDecision, Links, Status, Validation, VersionSummary

Card = Mapping[str, Any]
ENSEMBLE = "ensemble"


class CardReader:
    """Completes the cards of one request; each pointer, and its moves, are read once for it.

    Parameters
    ----------
    store
        Where cards, pointers, moves, licences and decisions are.
    pages
        Address of MLflow's pages, where links lead.
    """

    def __init__(self, store: DocumentStore, pages: str) -> None:
        self._store = store
        self._pages = pages
        self._pointers: dict[str, Pointer | None] = {}
        self._moves: dict[str, list[Move]] = {}

    def pointer(self, model_name: str) -> Pointer | None:
        """Return the pointer of a model."""
        if model_name not in self._pointers:
            self._pointers[model_name] = read_pointer(self._store, model_name)
        return self._pointers[model_name]

    def status(self, card: Card) -> Status:
        """Say what the pointer calls a version."""
        pointer = self.pointer(card["model_name"])
        return "candidate" if pointer is None else cast("Status", pointer.status(str(card["version"])))

    def since(self, model_name: str, version: str) -> str | None:
        """Say when the newest move that names a version gave it its status; None where none of the last ones does."""
        if model_name not in self._moves:
            self._moves[model_name] = [each.move for each in newest_moves(self._store, model_name)]
        pointer = self.pointer(model_name)
        # Whoever moved it last may not have come to the ledger yet.
        moves = self._moves[model_name] if pointer is None else [pointer.move, *self._moves[model_name]]
        moved = next((each for each in moves if version in {each.origin, each.target}), None)
        return None if moved is None else utc_iso(moved.at_ms)

    def summary(self, card: Card) -> VersionSummary:
        """Tell a card in short."""
        scores = card["scores"].get(ENSEMBLE)
        return VersionSummary(
            model_id=card["model_id"],
            model_name=card["model_name"],
            model_version=card["version"],
            horizon=card["horizon"],
            status=self.status(card),
            since=self.since(card["model_name"], str(card["version"])),
            evidence=self.evidence(card["recipe"]),
            symbols=card["symbols"],
            algorithms=card["algorithms"],
            registered_at=utc_iso(card["registered_ms"]),
            trained_until=utc_iso(card["training"]["trained_label_end_ms"]),
            leak_certificate=card["leak_certificate"],
            validation=None if scores is None else Validation(**scores),
            decision=self.decision(card["model_id"]),
            links=self.links(card["model_name"], str(card["version"]), _run(card)),
        )

    def evidence(self, recipe: str) -> str:
        """Say how far a recipe is proven; the empty one is not."""
        return "proven" if recipe and LicenceBook(self._store).holds(recipe) else "unproven"

    def decision(self, model_id: str) -> LastDecision | None:
        """Tell what the gate said of a version last."""
        newest = DecisionLog(self._store).latest_on(model_id)
        return None if newest is None else _last(newest)

    def links(self, model_name: str, version: str, run: str | None) -> Links:
        """Lead to MLflow's page of a version, and to those of its run where that is known."""
        page = None if run is None else f"{self._pages}/#/{run}"
        return Links(
            run=page,
            version=f"{self._pages}/#/models/{model_name}/versions/{version}",
            artifacts=None if page is None else f"{page}/artifacts",
        )


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


def _run(card: Card) -> str:
    return f"experiments/{card['experiment_id']}/runs/{card['run_id']}"


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
