"""What the gate and people are told of a question.

The lockbox answers with one bit. Figures of one that refused would say more to whoever tunes the next recipe by them,
so they are told roughly: skill to a hundredth, bars to one digit, log evidence to the whole number below.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import fields, replace

from forecasting.adapters.licensing.asking import Answered
from forecasting.adapters.store.alpha_ledger import ALPHA_HORIZON
from forecasting.adapters.store.licence_book import Licence
from forecasting.gate import Budget, LicenceFacts
from forecasting.licence.asking import BASELINES, Standing
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
    paid = told.paid
    budget = Budget(
        paid.year, paid.number, paid.alpha, ALPHA_HORIZON, spent(entries, paid.horizon, paid.year)
    )
    evidence, proof = _granted(told.licence) if told.licence is not None else _roughly(told.standing)
    return LicenceFacts(
        recipe=told.recipe,
        held=told.licence is not None,
        stage=told.stage,
        budget=budget,
        proof=proof,
        **evidence,
    )


def rough_proof(proof: ProofTime) -> ProofTime:
    """Time to proof of a recipe that was refused, as it may be told."""
    return replace(
        proof,
        skill=round(proof.skill, 2),
        log_evidence=float(math.floor(proof.log_evidence)),
        more_bars=one_digit(proof.more_bars),
        bars_of_law=one_digit(proof.bars_of_law),
    )


def one_digit(bars: int | None) -> int | None:
    """Round a number of bars to one digit.

    Examples
    --------
    >>> one_digit(28_054), one_digit(7), one_digit(None)
    (30000, 7, None)
    """
    if not bars:
        return bars
    return int(round(bars, 1 - len(str(bars))))


def _granted(licence: Licence) -> tuple[dict[str, float | None], ProofTime]:
    proof = {each.name: licence.figures["proof"][each.name] for each in fields(ProofTime)}
    return {name: float(licence.figures[name]) for name in BASELINES}, ProofTime(**proof)


def _roughly(standing: Standing | None) -> tuple[dict[str, float | None], ProofTime | None]:
    if standing is None:
        return dict.fromkeys(BASELINES), None
    evidence = {name: float(math.floor(value)) for name, value in standing.log_evidence.items()}
    return {**evidence}, rough_proof(standing.proof)
