"""The promotion gate: from evidence in plain numbers to a decision with reasons. Missing means refuse.

It loads no array library and sees no model, so a decision can be repeated anywhere from its document.
"""

from forecasting.gate.classic import decide
from forecasting.gate.decision import Criterion, Decision
from forecasting.gate.evidence import (
    CandidateFacts,
    Demands,
    Evidence,
    NoProduction,
    ProductionFacts,
    Trading,
)

__all__ = [
    "CandidateFacts",
    "Criterion",
    "Decision",
    "Demands",
    "Evidence",
    "NoProduction",
    "ProductionFacts",
    "Trading",
    "decide",
]
