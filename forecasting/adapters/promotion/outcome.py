"""A decision of the gate carried out: recorded first, then the step that it asks for."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from forecasting.adapters.decision_document import decision_document, decision_markdown, decision_metrics
from forecasting.adapters.model_cards import try_card
from forecasting.adapters.model_version import DECISION, REASONS, RegisteredVersion
from forecasting.adapters.promotion.installation import Installation
from forecasting.adapters.promotion.mirror import settle_aliases
from forecasting.adapters.promotion.pointer import Mover, read_pointer
from forecasting.adapters.promotion.step import promote
from forecasting.adapters.releasing import call_person
from forecasting.adapters.store.decision_log import DecisionLog

if TYPE_CHECKING:
    from forecasting.adapters.judging import Judgement
    from forecasting.gate import Decision

THE_GATE = Mover("the gate", "gate")


def settled_epoch(installation: Installation, model_name: str) -> int:
    """End what was left and hear what people asked for in MLflow; the epoch that a judgement is then made at.

    Raises
    ------
    StoreUnavailable, RegistryUnavailable, PointerMoved
        As in `settle_aliases`.
    """
    settle_aliases(installation, model_name, thorough=True)
    pointer = read_pointer(installation.store, model_name)
    return 0 if pointer is None else pointer.epoch


def carry_out(
    installation: Installation,
    version: RegisteredVersion,
    judgement: Judgement,
    decision: Decision,
    judged_epoch: int,
    now_ms: int,
) -> dict[str, Any]:
    """Record what the gate decided, promote where it says so, and tag a refused candidate; the recorded document.

    Parameters
    ----------
    installation, version
        The stores, and the candidate.
    judgement, decision
        What the gate was given, and what it made of it.
    judged_epoch
        As `settled_epoch` gave it before the candidate was judged.
    now_ms
        Moment of the decision, epoch milliseconds UTC.

    Raises
    ------
    DamagedBundle
        What was decided on cannot be loaded any more, so what served serves on.
    PointerMoved
        What served was moved since: the comparison was with another, so it is made again.
    StoreUnavailable, RegistryUnavailable
        They cannot be used.
    """
    document = decision_document(version, judgement, decision, now_ms)
    DecisionLog(installation.store).write(document)
    call_person(installation.store, document)
    installation.registry.log_decision(
        version, document, decision_markdown(document), decision_metrics(document)
    )
    try_card(installation, version)
    name, number, reasons = version.model_name, version.version, "; ".join(decision.reasons)
    if decision.promote:
        promote(
            installation,
            name,
            number,
            THE_GATE,
            reasons,
            decision=document["_id"],
            evidence=decision.evidence_grade,
            judged_epoch=judged_epoch,
        )
    elif decision.outcome == "refuse":
        installation.registry.tag(version, {DECISION: "refused", REASONS: reasons})
    return document
