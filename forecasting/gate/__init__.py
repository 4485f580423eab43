"""The promotion gate: from evidence in plain numbers to a decision with reasons. Missing means refuse.

It loads no array library and sees no model, so a decision can be repeated anywhere from its document.
"""

from forecasting.gate.decision import Criterion, Decision
from forecasting.gate.evidence import Evidence, Policy
from forecasting.gate.facts import CandidateFacts, Demands, NoProduction, ProductionFacts, Trading
from forecasting.gate.licence_facts import Budget, ChallengerFacts, LicenceFacts, NotAsked, Release
from forecasting.gate.policies import POLICIES, decide

__all__ = [
    "POLICIES",
    "Budget",
    "CandidateFacts",
    "ChallengerFacts",
    "Criterion",
    "Decision",
    "Demands",
    "Evidence",
    "LicenceFacts",
    "NoProduction",
    "NotAsked",
    "Policy",
    "ProductionFacts",
    "Release",
    "Trading",
    "decide",
]
