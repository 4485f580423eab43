"""What a breaker is called, what it is shown, and why it opened."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any, Self

NOT_FINITE, CONSTANT, STALE, FAILING, UNCOVERED = "not-finite", "constant", "stale", "failing", "uncovered"
BREAKERS = (NOT_FINITE, CONSTANT, STALE, FAILING, UNCOVERED)


@dataclass(frozen=True, slots=True)
class Trip:
    """A breaker opened.

    Attributes
    ----------
    breaker
        Its name, one of `BREAKERS`.
    reason
        What the model did, as in "it gave a forecast that is not finite".
    at_ms
        Moment of what opened it, epoch milliseconds UTC.
    symbol
        Market that it is about; empty where it is about the model.
    """

    breaker: str
    reason: str
    at_ms: int
    symbol: str = ""

    def to_document(self) -> dict[str, Any]:
        """Plain JSON."""
        return asdict(self)

    @classmethod
    def from_document(cls, document: dict[str, Any] | None) -> Self | None:
        """Take up what `to_document` gave; None for None."""
        return None if document is None else cls(**document)


@dataclass(frozen=True, slots=True)
class Answered:
    """What a model said once.

    Attributes
    ----------
    symbol
        Market.
    as_of_ms
        Close of the newest candle of its features, epoch milliseconds UTC.
    asked_ms
        Moment that was asked about, epoch milliseconds UTC.
    interval_ms
        Length of the candles that its features are made of.
    pred_return
        Forecast return, a fraction.
    p_up, conf
        Probabilities.
    """

    symbol: str
    as_of_ms: int
    asked_ms: int
    interval_ms: int
    pred_return: float
    p_up: float
    conf: float
