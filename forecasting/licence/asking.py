"""The question itself: whether a recipe knows more than no change, drift and AR(1), and since which bar."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np

from forecasting.errors import InvalidEvidence, NotEnoughHistory
from forecasting.licence.passing import first_pass
from forecasting.licence.process import EProcess, Told
from forecasting.licence.proof_time import ProofTime, proof_at_skill, time_to_proof
from forecasting.licence.rows import Rows, against_drift, against_echo, against_no_change
from forecasting.licence.stakes import stakes_of
from forecasting.types import FloatArray

BASELINES = ("no_change", "drift", "echo")
NEVER = 1e-300  # a price that nobody pays back: the last bar is reached
FEWEST_SEEN = 30

SeenOn = Literal["development", "shadow"]


@dataclass(frozen=True, slots=True, eq=False)
class Question:
    """What a recipe is asked on.

    Attributes
    ----------
    returns, forecasts
        (n, m) as in `licence.rows.Rows`: all bars since before the first training; forecasts of this recipe alone.
    developed
        Bars that only tell how large bets usually are; those after are bet on.
    horizon_bars
        Bars that a forecast looks ahead.
    bar_ms
        Length of a bar, milliseconds.
    """

    returns: FloatArray
    forecasts: FloatArray
    developed: int
    horizon_bars: int
    bar_ms: int

    def __post_init__(self) -> None:
        if not 0 < self.developed < len(self.returns):
            raise InvalidEvidence(
                f"{self.developed} development bars of {len(self.returns)} were given: bars to bet on are needed after them"
            )

    def rows(self) -> dict[str, Rows]:
        """Rows against each baseline, by its name."""
        bars = self.horizon_bars
        return {
            "no_change": against_no_change(self.returns, self.forecasts),
            "drift": against_drift(self.returns, self.forecasts, bars),
            "echo": against_echo(self.returns, self.forecasts, bars),
        }


@dataclass(frozen=True, slots=True, eq=False)
class Standing:
    """How the evidence stood after a bar.

    Attributes
    ----------
    bar
        Position of the bar in the question's rows.
    log_evidence
        Natural logarithm of E against each of `BASELINES`.
    proof
        Time to proof of the weakest.
    """

    bar: int
    log_evidence: dict[str, float]
    proof: ProofTime

    @property
    def passed(self) -> bool:
        """Whether it suffices against all of them."""
        return min(self.log_evidence.values()) >= self.proof.log_needed


def ask(question: Question, alpha: float, not_before: int = 0) -> Standing:
    """Bet on a recipe bar by bar until all three baselines are beaten, or to the last bar.

    Parameters
    ----------
    question
        The rows.
    alpha
        What was charged for it, in (0, 1).
    not_before
        Position of the first bar that may grant a licence; an answer that was given on bars before it stays.

    Returns
    -------
    Standing
        After the bar that grants a licence, or after the last one.

    Raises
    ------
    NotEnoughHistory
        The development bars do not tell how large bets are.
    """
    rows = question.rows()
    told = [_told(each, question)[1].log_evidence for each in rows.values()]
    start = max(not_before - question.developed, 0)
    later = [Told(np.empty(0), each[start:]) for each in told]
    found = first_pass(*later, alpha=alpha)
    last = len(question.returns) - 1 if found is None else question.developed + start + found
    processes = {name: _told(each.between(0, last + 1), question)[0] for name, each in rows.items()}
    evidence = {name: each.log_evidence for name, each in processes.items()}
    weakest = min(BASELINES, key=lambda name: evidence[name])
    return Standing(last, evidence, time_to_proof(processes[weakest], alpha))


def proof_beside(question: Question, answered: int, alpha: float) -> tuple[SeenOn, ProofTime] | None:
    """Tell a recipe's time to proof without a word about the rows that answered it.

    Rows that refuse may say no more than that: by their figures, however rough, the next recipe would be tuned. So the
    skill is that of later rows where there are enough of them, else that of the development rows.

    Parameters
    ----------
    question
        The rows, later ones included.
    answered
        Position of the first bar after those that answered.
    alpha
        What was charged for it, in (0, 1).

    Returns
    -------
    tuple or None
        Where the skill was seen, and the time to proof at it; None where neither rows tell one.
    """
    asked = answered - question.developed
    found = ((seen_on, proof_seen(part, alpha, asked)) for seen_on, part in _beside(question, answered))
    return next(((seen_on, proof) for seen_on, proof in found if proof is not None), None)


def proof_seen(rows: Question, alpha: float, asked_bars: int | None = None) -> ProofTime | None:
    """Tell the time to proof at the skill of rows that no question is asked on; None where they are too few.

    Parameters
    ----------
    rows
        Those rows.
    alpha
        What was charged for the question, in (0, 1).
    asked_bars
        Bars that the question was asked on: the skill that would have sufficed is told for them; None tells it for these
        rows.
    """
    try:
        seen = ask(rows, NEVER).proof
    except NotEnoughHistory:
        return None
    if seen.bars < FEWEST_SEEN:
        return None
    fractions = stakes_of(rows.bar_ms).fractions
    return proof_at_skill(
        seen.bars, seen.skill, alpha, fractions, seen.bars if asked_bars is None else asked_bars
    )


def _beside(question: Question, answered: int) -> Iterator[tuple[SeenOn, Question]]:
    """Later rows, with bets sized on all before; and development rows, the first half of which sizes them."""
    if answered < len(question.returns):
        yield "shadow", replace(question, developed=answered)
    rows = slice(0, question.developed)
    returns, forecasts = question.returns[rows], question.forecasts[rows]
    first = int(np.flatnonzero(np.isfinite(forecasts).any(axis=1)).min(initial=question.developed - 2))
    yield (
        "development",
        replace(question, returns=returns, forecasts=forecasts, developed=(first + question.developed) // 2),
    )


def _told(rows: Rows, question: Question) -> tuple[EProcess, Told]:
    process = EProcess(rows.returns.shape[1], question.horizon_bars, stakes_of(question.bar_ms))
    process.develop(rows.between(0, question.developed))
    process.begin()
    return process, process.advance(rows.between(question.developed, None))
