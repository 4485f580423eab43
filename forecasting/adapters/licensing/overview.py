"""How each recipe that was paid for stands."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any, Literal

from forecasting.adapters.licensing.asking import Licensing
from forecasting.adapters.licensing.facts import licence_facts
from forecasting.adapters.store.alpha_ledger import AlphaLedger
from forecasting.adapters.store.licence_book import LicenceBook
from forecasting.adapters.workspace import Workspace
from forecasting.gate import LicenceFacts
from forecasting.licence.spending import Entry
from forecasting.types import utc_iso

State = Literal["licensed", "not proven", "lockbox closed"]


@dataclass(frozen=True, slots=True)
class RecipeState:
    """One recipe.

    Attributes
    ----------
    paid
        Its charge.
    state
        `licensed`; `not proven`, so that its evidence goes on in shadow; `lockbox closed` while nobody asked.
    facts
        What the gate is told; None while the lockbox is closed.
    granted_ms
        Close of the bar after which it was proven, epoch milliseconds UTC; None without a licence.
    made_of
        What its hash was made of when its lockbox was fixed; empty while it is closed.
    """

    paid: Entry
    state: State
    facts: LicenceFacts | None
    granted_ms: int | None
    made_of: dict[str, Any]

    def to_document(self) -> dict[str, Any]:
        """Plain JSON."""
        paid, facts = self.paid, self.facts
        proof = None if facts is None or facts.proof is None else facts.proof.to_document()
        return {
            "recipe": paid.recipe,
            "horizon": paid.horizon,
            "state": self.state,
            "charged": utc_iso(paid.at_ms),
            "year": paid.year,
            "number": paid.number,
            "alpha": paid.alpha,
            "granted": None if self.granted_ms is None else utc_iso(self.granted_ms),
            "facts": None if facts is None else asdict(facts) | {"proof": proof},
            "made_of": self.made_of,
        }


def recipe_states(workspace: Workspace, horizon: str | None = None) -> list[RecipeState]:
    """Every recipe that was paid for, of one horizon or of all, the newest charge first.

    Raises
    ------
    InvalidEvidence
        The ledger of alpha or of forecasts is not what was written.
    """
    entries = AlphaLedger(workspace.store).entries()
    paid = [each for each in entries if each.kind == "charge" and horizon in {None, each.horizon}]
    return [recipe_state(workspace, each, entries) for each in reversed(paid)]


def recipe_state(workspace: Workspace, paid: Entry, entries: list[Entry]) -> RecipeState:
    """How one recipe stands, given its charge and the ledger of alpha."""
    book = LicenceBook(workspace.store)
    told = Licensing(workspace).standing(paid.recipe)
    made_of = book.made_of(paid.recipe)
    if told is None:
        return RecipeState(paid, "lockbox closed", None, None, made_of)
    licence = told.licence
    return RecipeState(
        paid,
        "not proven" if licence is None else "licensed",
        licence_facts(told, entries),
        None if licence is None else licence.granted_ms,
        made_of,
    )
