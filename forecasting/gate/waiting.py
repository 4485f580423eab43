"""Time to proof in words: how many more bars, how long that is, and how good the recipe would have to be."""

from __future__ import annotations

from forecasting.gate.decision import NOT_KNOWN
from forecasting.gate.evidence import Evidence, known, sound
from forecasting.gate.licence_facts import ChallengerFacts, LicenceFacts, NotAsked
from forecasting.licence.proof_time import ProofTime

HOUR_MS = 3_600_000.0
DAY_MS = 24 * HOUR_MS
YEAR_DAYS = 365.0


def time_to_proof_words(evidence: Evidence) -> str:
    """One sentence or two: what separates the recipe from its licence, and the candidate from a licensed champion."""
    return ". ".join(filter(None, (_licence_words(evidence), _challenge_words(evidence))))


def duration(bars: float, bar_ms: float | None) -> str:
    """Bars and what they are in time.

    Examples
    --------
    >>> duration(4_320, 3_600_000), duration(17_520, 3_600_000), duration(30, 60_000), duration(5, None)
    ('4,320 bars (180 days)', '17,520 bars (2.0 years)', '30 bars (0.5 hours)', '5 bars')
    """
    if bar_ms is None:
        return f"{bars:,.0f} bars"
    hours = bars * bar_ms / HOUR_MS
    if hours < 48:
        span = f"{hours:.1f} hours"
    elif hours < 2 * YEAR_DAYS * 24:
        span = f"{hours / 24:.0f} days"
    else:
        span = f"{hours / 24 / YEAR_DAYS:,.1f} years"
    return f"{bars:,.0f} bars ({span})"


def _licence_words(evidence: Evidence) -> str:
    facts = evidence.licence
    if isinstance(facts, NotAsked):
        return _unasked_words(evidence, facts)
    if not isinstance(facts, LicenceFacts):
        unasked = evidence.policy == "classic"
        return (
            "not known, the classic policy asks for no licence"
            if unasked
            else "not known, the licence is missing"
        )
    proof = sound(facts.told().proof)
    if proof is None:
        return "not known, a number of the licence is missing"
    seen = _seen(evidence, proof)
    if facts.held is True:
        return f"none is needed, the recipe holds a licence: {facts.stage} rows of {seen}"
    return f"{facts.seen_on} rows of {seen}; {_needs(evidence, proof)}"


def _unasked_words(evidence: Evidence, facts: NotAsked) -> str:
    proof = sound(facts.proof)
    if proof is None:
        return f"not known, the licence was not asked: {facts.reason}"
    return f"the licence was not asked ({facts.reason}); test rows of {_seen(evidence, proof)}; {_needs(evidence, proof)}"


def _seen(evidence: Evidence, proof: ProofTime) -> str:
    symbols = len(evidence.candidate.symbols or ())
    pooled = f" of {symbols} pooled symbols" if symbols > 1 else ""
    return f"{duration(proof.bars, known(evidence.demands.bar_ms))}{pooled} show a skill of {proof.skill:.4f}"


def _needs(evidence: Evidence, proof: ProofTime) -> str:
    return f"{_wait(proof, known(evidence.demands.bar_ms))}{_would(proof)}"


def _wait(proof: ProofTime, bar_ms: float | None) -> str:
    if proof.more_bars is None or proof.bars_of_law is None:
        return "at this skill no number of bars would prove it"
    return (
        f"at this skill it needs some {duration(proof.more_bars, bar_ms)} more, and {duration(proof.bars_of_law, bar_ms)} "
        "from the first on prove four of five such recipes"
    )


def _would(proof: ProofTime) -> str:
    return (
        ""
        if proof.sufficient_skill is None
        else f"; at a skill of {proof.sufficient_skill:.4f} it would hold a licence by now"
    )


def _challenge_words(evidence: Evidence) -> str:
    """Say what would have sufficed against the champion; empty where it was not asked, or passed."""
    facts = evidence.challenger
    if not isinstance(facts, ChallengerFacts):
        return ""
    bars, found, needed = known(facts.bars), known(facts.log_evidence), known(facts.log_needed)
    if bars is None or needed is None or bars < 1:
        return f"Against the champion: {NOT_KNOWN}"
    if found is not None and found >= needed:
        return ""
    would = f"a log evidence of {needed / bars:.2g} a bar would have been enough"
    seen = duration(bars, known(evidence.demands.bar_ms))
    return f"Against the champion: less than {needed:.2f} in {seen}, how much is not told; {would}"
