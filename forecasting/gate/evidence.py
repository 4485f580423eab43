"""Everything the gate may know: plain numbers, and None where a number is missing.

Nothing here is a model, an array or a clock, so a decision can be repeated from its stored document.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, fields, is_dataclass, replace
from functools import cache
from typing import Any, Literal

from pydantic import TypeAdapter, ValidationError

from forecasting.errors import InvalidEvidence
from forecasting.evaluation.scores import Comparison
from forecasting.gate.facts import CandidateFacts, Demands, NoProduction, ProductionFacts, Trading
from forecasting.gate.licence_facts import ChallengerFacts, LicenceFacts, NotAsked, Release
from forecasting.licence.check import Check
from forecasting.licence.proof_time import ProofTime

LARGEST = 1e100
ROUNDING = 1e-9  # 57 % is 2 points above 55 %, also in binary

Policy = Literal["strict", "classic"]


@dataclass(frozen=True, slots=True)
class Evidence:
    """All that a decision rests on.

    Attributes
    ----------
    candidate
        The candidate itself.
    production
        The model that serves now, or `NoProduction`; None when that is not known, which refuses.
    comparison
        Scores of candidate, naive and production on the same later rows.
    trading
        What acting on the forecasts would have earned.
    demands
        What the horizon asks for.
    policy
        The rules to decide by.
    licence
        Whether the candidate's recipe is proven; `NotAsked` where an earlier stage refuses anyway.
    refit
        What was asked of a refit of the champion's recipe; `NotAsked` where the champion has another recipe.
    challenger
        The candidate against a licensed champion of another recipe; `NotAsked` where there is none.
    release
        What a person said of a candidate that is too good to be true; None while nobody did.
    """

    candidate: CandidateFacts
    production: ProductionFacts | NoProduction | None
    comparison: Comparison
    trading: Trading
    demands: Demands
    policy: Policy = "strict"
    licence: LicenceFacts | NotAsked | None = None
    refit: tuple[Check, ...] | NotAsked | None = None
    challenger: ChallengerFacts | NotAsked | None = None
    release: Release | None = None

    def to_document(self) -> dict[str, Any]:
        """Plain JSON of all numbers; NaN and infinity become null, no production model becomes false."""
        document: dict[str, Any] = _plain(self)
        return document | ({"production": False} if isinstance(self.production, NoProduction) else {})

    @staticmethod
    def from_document(document: Mapping[str, Any]) -> Evidence:
        """Take up what `to_document` gave, so that the decision on it can be repeated.

        Documents of before there were policies are taken for what they are: evidence for the classic one.

        Raises
        ------
        InvalidEvidence
            Something in it is absent or of another kind.
        """
        nobody = document.get("production") is False
        content = {"policy": "classic", **document} | ({"production": None} if nobody else {})
        try:
            evidence = _reader().validate_python(content)
        except ValidationError as error:
            first = error.errors()[0]
            where = ".".join(map(str, first["loc"]))
            raise InvalidEvidence(f"evidence cannot be read: {where}: {first['msg']}") from error
        return replace(evidence, production=NoProduction()) if nobody else evidence


def sound(proof: ProofTime | None) -> ProofTime | None:
    """Return the time to proof itself, or None where one of its numbers is missing or impossible."""
    if proof is None:
        return None
    told = {each.name: known(getattr(proof, each.name)) for each in fields(proof)}
    absent = {name for name, value in told.items() if value is None and getattr(proof, name) is not None}
    if absent or None in (proof.bars, proof.skill, proof.log_evidence, proof.log_needed):
        return None
    counts = (proof.bars, proof.more_bars or 0, proof.bars_of_law or 0)
    skills = (proof.skill, proof.sufficient_skill or 0.0)
    whole = min(counts) >= 0 and max(map(abs, skills)) <= 1.0 + ROUNDING
    return proof if whole else None


def known(value: float | None) -> float | None:
    """Return the number itself, or None when it is missing, NaN, infinite or absurdly large.

    Examples
    --------
    >>> known(0.5), known(float("nan")), known(None)
    (0.5, None, None)
    """
    return value if value is not None and -LARGEST < value < LARGEST else None


@cache
def _reader() -> TypeAdapter[Evidence]:
    return TypeAdapter(Evidence)


def _plain(value: Any) -> Any:
    if isinstance(value, LicenceFacts | ChallengerFacts):
        value = value.told()
    if isinstance(value, ProofTime):
        value = sound(value)
    if is_dataclass(value):
        return {field.name: _plain(getattr(value, field.name)) for field in fields(value)}
    if isinstance(value, tuple):
        return [_plain(each) for each in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value
