"""What the gate and people are told of a question: of a refusal no figure of the rows that refused, not even a rough one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import fields

from forecasting.adapters.licensing.asking import Answered
from forecasting.adapters.store.alpha_ledger import ALPHA_HORIZON
from forecasting.gate import Budget, LicenceFacts
from forecasting.licence.proof_time import ProofTime
from forecasting.licence.spending import Entry, spent


def licence_facts(told: Answered, entries: Sequence[Entry]) -> LicenceFacts:
    """Facts about a question that was answered.

    Parameters
    ----------
    told
        The answer.
    entries
        The ledger of alpha.
    """
    paid, licence = told.paid, told.licence
    figures = {} if licence is None else licence.figures
    seen_on, beside = told.beside or (None, None)
    return LicenceFacts(
        recipe=told.recipe,
        held=licence is not None,
        stage=told.stage,
        budget=Budget(
            paid.year, paid.number, paid.alpha, ALPHA_HORIZON, spent(entries, paid.horizon, paid.year)
        ),
        no_change=figures.get("no_change"),
        drift=figures.get("drift"),
        echo=figures.get("echo"),
        proof=beside if licence is None else proof_of(licence.figures["proof"]),
        seen_on=seen_on,
    )


def proof_of(document: dict[str, float | None]) -> ProofTime:
    """Take up what `ProofTime.to_document` gave."""
    return ProofTime(**{each.name: document[each.name] for each in fields(ProofTime)})  # type: ignore[arg-type]
