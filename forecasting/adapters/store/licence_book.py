"""Licences and lockboxes in the document store; both are written once.

A licence counts only while the ledger of alpha says the same: that the question was paid, and what the lockbox answered.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal, Self

from forecasting.adapters.store.alpha_ledger import AlphaLedger, answer, charged
from forecasting.adapters.store.collections import JUDGED_ROWS, LICENCES, LOCKBOXES
from forecasting.adapters.store.port import ID, Document, DocumentStore
from forecasting.errors import InvalidEvidence, StoreUnavailable
from forecasting.licence.lockbox import Lockbox
from forecasting.licence.spending import Entry

LicenceStage = Literal["lockbox", "shadow"]


@dataclass(frozen=True, slots=True)
class Licence:
    """Proof that a recipe knows more than no change, drift and AR(1).

    Attributes
    ----------
    recipe
        Hash of the recipe.
    horizon
        What it forecasts.
    granted_ms
        Close of the bar after which the evidence sufficed, epoch milliseconds UTC.
    stage
        Whether that bar belongs to the lockbox or came later.
    alpha
        What was charged for the question.
    figures
        Natural logarithms of the evidence against `no_change`, `drift` and `echo` after that bar, and `proof`, the document
        of the time to proof.
    """

    recipe: str
    horizon: str
    granted_ms: int
    stage: LicenceStage
    alpha: float
    figures: Mapping[str, Any]

    def to_document(self) -> dict[str, Any]:
        """Fields for the document store."""
        fields = {name: getattr(self, name) for name in self.__slots__}
        return {ID: self.recipe, **fields, "figures": dict(self.figures)}

    @classmethod
    def from_document(cls, document: Document) -> Self:
        """Inverse of `to_document`.

        Raises
        ------
        StoreUnavailable
            The document is not one that `to_document` gave.
        """
        try:
            return cls(**{name: document[name] for name in cls.__slots__})
        except KeyError as error:
            raise StoreUnavailable(
                f"licence {document[ID]} is damaged ({error!r}): restore the store from a copy"
            ) from error


class LicenceBook:
    """Licences and lockboxes over a `DocumentStore`."""

    def __init__(self, store: DocumentStore) -> None:
        self._store = store

    def grant(self, licence: Licence) -> Licence:
        """Write a licence; of several of one recipe the first stays, and is returned."""
        self._store.put_new(LICENCES, [licence.to_document()])
        return self._known(licence.recipe) or licence

    def licence(self, recipe: str) -> Licence | None:
        """Return the licence of a recipe, or None.

        Raises
        ------
        InvalidEvidence
            The ledger of alpha is broken, or says something else than the licence.
        """
        found = self._known(recipe)
        if found is not None:
            _demand_agreement(found, AlphaLedger(self._store).entries())
        return found

    def holds(self, recipe: str) -> bool:
        """Whether a recipe holds a licence; see `licence`."""
        return self.licence(recipe) is not None

    def _known(self, recipe: str) -> Licence | None:
        document = self._store.get(LICENCES, recipe)
        return None if document is None else Licence.from_document(document)

    def note_judged(self, horizon: str, bundle: str, first_ms: int) -> None:
        """Write down that people will see how a bundle did on rows from a moment on, epoch milliseconds UTC."""
        self._store.put_new(
            JUDGED_ROWS, [{ID: f"{horizon}|{bundle}", "horizon": horizon, "first_ms": first_ms}]
        )

    def first_judged_ms(self, horizon: str) -> int | None:
        """Moment of the earliest row that any candidate of a horizon was judged on; None before the first candidate."""
        found = self._store.find(JUDGED_ROWS, {"horizon": horizon}, sort="first_ms", limit=1)
        return next((int(each["first_ms"]) for each in found), None)

    def fix_lockbox(
        self, recipe: str, horizon: str, document: Mapping[str, Any], lockbox: Lockbox, now_ms: int
    ) -> Lockbox:
        """Write down a recipe's lockbox before it is opened; the first one that was written stays, and is returned.

        Parameters
        ----------
        recipe, horizon
            Whose.
        document
            What the recipe's hash is made of, for people.
        lockbox
            The rows it is asked on.
        now_ms
            Moment that is written down, epoch milliseconds UTC.
        """
        told = {"horizon": horizon, "fixed_ms": now_ms, "made_of": dict(document), **lockbox.to_document()}
        self._store.put_new(LOCKBOXES, [{ID: recipe, **told}])
        return self.lockbox(recipe) or lockbox

    def lockbox(self, recipe: str) -> Lockbox | None:
        """Return the lockbox that was fixed for a recipe, or None."""
        document = self._store.get(LOCKBOXES, recipe)
        if document is None:
            return None
        return Lockbox.from_document({name: document[name] for name in Lockbox.__slots__})

    def made_of(self, recipe: str) -> dict[str, Any]:
        """Return what the recipe's hash was made of when its lockbox was fixed; empty where it was not."""
        document = self._store.get(LOCKBOXES, recipe)
        return {} if document is None else dict(document["made_of"])


def _demand_agreement(licence: Licence, entries: list[Entry]) -> None:
    paid = charged(entries, licence.recipe)
    told = answer(entries, licence.recipe)
    if paid is None or paid.alpha != licence.alpha or told is not (licence.stage == "lockbox"):
        raise InvalidEvidence(
            f"the licence of recipe {licence.recipe[:12]} is not what the ledger of alpha says: "
            "it does not count until the store is restored from a copy"
        )
