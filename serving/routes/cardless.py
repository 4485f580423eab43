"""Versions that a pointer names and that have no card: told as far as the pointer knows them, never left out silently."""

from __future__ import annotations

from collections.abc import Iterable
from typing import cast

from forecasting.adapters.promotion.pointer import Placed, Pointer
from forecasting.adapters.store.card_book import CardBook
from forecasting.adapters.store.port import DocumentStore
from serving.routes.cards import CardReader
from serving.schemas.registered_model import RegisteredModel
from serving.schemas.registry import RegistryRequest, Status, UnlistedVersion, VersionSummary

NO_CARD = (
    "its card is absent, so only what the production pointer knows is told: foretick models list writes it, and foretick up "
    "within a minute, unless the version was deleted in MLflow"
)
ONLY_NUMBER = (
    "of a version that it deprecated the pointer keeps the number alone, and its card is absent: foretick models list writes "
    "it, and foretick up within a minute, unless the version was deleted in MLflow"
)
MARKETS_UNKNOWN = (
    "whether it knows the market is told by its card, which is absent: foretick models list writes it, and foretick up within "
    "a minute, unless the version was deleted in MLflow"
)


class CardlessReader:
    """Tells versions without a card for one request.

    Parameters
    ----------
    store
        Where cards and pointers are.
    reader
        Tells what a card is not needed for.
    """

    def __init__(self, store: DocumentStore, reader: CardReader) -> None:
        self._store = store
        self._reader = reader

    def listed(self, model_names: Iterable[str], asked: RegistryRequest) -> list[VersionSummary]:
        """Tell those that belong into a list: none where a market is asked for, for which they know is not known."""
        if asked.symbol is not None:
            return []
        return [
            self._summary(pointer, placed)
            for pointer in self._pointers(model_names)
            for placed in self._placed(pointer)
            if asked.status in {None, pointer.status(placed.version)}
        ]

    def unlisted(self, model_names: Iterable[str], asked: RegistryRequest) -> list[UnlistedVersion]:
        """Tell those of which it is not known whether they belong into the list, or which they are."""
        return [
            each
            for pointer in self._pointers(model_names)
            for each in self._not_known(pointer, asked.symbol is not None)
            if asked.status in {None, each.status}
        ]

    def whole(self, model_name: str, model_id: str) -> RegisteredModel | None:
        """Tell one version whole; None where the pointer does not name it."""
        for pointer in self._pointers([model_name]):
            for placed in _named(pointer):
                if placed.model_id == model_id:
                    return RegisteredModel(
                        summary=self._summary(pointer, placed), digest=placed.digest, recipe=placed.recipe
                    )
        return None

    def _pointers(self, model_names: Iterable[str]) -> Iterable[Pointer]:
        return filter(None, map(self._reader.pointer, model_names))

    def _placed(self, pointer: Pointer) -> list[Placed]:
        return [each for each in _named(pointer) if CardBook(self._store).head(each.model_id) is None]

    def _not_known(self, pointer: Pointer, market_asked: bool) -> Iterable[UnlistedVersion]:
        if market_asked:
            for placed in self._placed(pointer):
                yield self._unlisted(pointer, placed.version, MARKETS_UNKNOWN, placed.model_id)
        carded = {str(each["version"]) for each in CardBook(self._store).of_model(pointer.model_name)}
        known = carded | {each.version for each in _named(pointer)}
        for version in pointer.deprecated:
            if version not in known:
                yield self._unlisted(pointer, version, ONLY_NUMBER, None)

    def _unlisted(self, pointer: Pointer, version: str, reason: str, model_id: str | None) -> UnlistedVersion:
        return UnlistedVersion(
            model_name=pointer.model_name,
            model_version=int(version),
            model_id=model_id,
            status=cast("Status", pointer.status(version)),
            since=self._reader.since(pointer.model_name, version),
            reason=reason,
        )

    def _summary(self, pointer: Pointer, placed: Placed) -> VersionSummary:
        return VersionSummary(
            model_id=placed.model_id,
            model_name=pointer.model_name,
            model_version=int(placed.version),
            horizon=pointer.model_name.removeprefix("forecast-"),
            status=cast("Status", pointer.status(placed.version)),
            since=self._reader.since(pointer.model_name, placed.version),
            evidence=self._reader.evidence(placed.recipe),
            no_card=NO_CARD,
            decision=self._reader.decision(placed.model_id),
            links=self._reader.links(pointer.model_name, placed.version, None),
        )


def _named(pointer: Pointer) -> list[Placed]:
    """Name what serves, and what one step back leads to."""
    return [each for each in (pointer.production, pointer.previous) if each is not None]
