import math

import numpy as np
import pytest

from forecasting.errors import InvalidEvidence, NotEnoughHistory
from forecasting.licence.asking import BASELINES, Question, ask, proof_beside
from forecasting.licence.passing import first_pass
from forecasting.licence.process import EProcess
from forecasting.licence.rows import against_echo
from forecasting.licence.stakes import DAILY
from forecasting.types import DAY_MS, HOUR_MS

ALPHA = 0.005
BARS, DEVELOPED = 4_000, 500


def question(skill: float, seed: int = 5, bar_ms: int = HOUR_MS, developed: int = DEVELOPED) -> Question:
    """Returns of two symbols, and forecasts of the next bar that know so much of it."""
    rng = np.random.default_rng(seed)
    returns = 0.01 * rng.standard_normal((BARS, 2))
    known = np.vstack([returns[1:], np.zeros((1, 2))]) / 0.01
    forecasts = 0.001 * (skill * known + math.sqrt(1 - skill**2) * rng.standard_normal((BARS, 2)))
    return Question(returns, forecasts, developed, 1, bar_ms)


def test_skill_is_proven_at_the_first_bar_that_suffices() -> None:
    standing = ask(question(0.2), ALPHA)
    assert standing.passed
    assert DEVELOPED < standing.bar < BARS - 1
    assert min(standing.log_evidence.values()) >= -math.log(ALPHA)
    assert set(standing.log_evidence) == set(BASELINES)


def test_without_skill_the_standing_is_that_after_the_last_bar() -> None:
    standing = ask(question(0.0), ALPHA)
    assert not standing.passed
    assert standing.bar == BARS - 1
    assert standing.proof.log_evidence == min(standing.log_evidence.values())


def test_evidence_against_each_baseline_is_that_of_its_own_process() -> None:
    asked = question(0.05)
    rows = against_echo(asked.returns, asked.forecasts, 1)
    process = EProcess(2, 1, DAILY)
    process.develop(rows.between(0, DEVELOPED))
    process.begin()
    told = process.advance(rows.between(DEVELOPED, None))
    daily = Question(asked.returns, asked.forecasts, DEVELOPED, 1, DAY_MS)
    standing = ask(daily, 1e-30)
    assert first_pass(told, alpha=1e-30) is None
    assert standing.log_evidence["echo"] == process.log_evidence


def test_bars_that_were_answered_before_grant_nothing_again() -> None:
    first = ask(question(0.2), ALPHA).bar
    later = ask(question(0.2), ALPHA, not_before=first + 100)
    assert later.passed
    assert later.bar >= first + 100


def test_bars_to_bet_on_are_demanded() -> None:
    with pytest.raises(InvalidEvidence, match="bars to bet on are needed"):
        question(0.1, developed=BARS)


def test_development_bars_that_tell_nothing_are_named() -> None:
    with pytest.raises(NotEnoughHistory, match="are needed"):
        ask(question(0.1, developed=40), ALPHA)


def test_time_to_proof_is_told_from_development_rows_alone() -> None:
    asked = question(0.2)
    spoiled = Question(asked.returns.copy(), asked.forecasts.copy(), DEVELOPED, 1, HOUR_MS)
    spoiled.forecasts[DEVELOPED:] *= -1.0
    seen_on, proof = proof_beside(asked, BARS, ALPHA)
    assert (seen_on, proof.log_evidence) == ("development", 0.0)
    assert proof == proof_beside(spoiled, BARS, ALPHA)[1]
    assert DEVELOPED // 2 - 5 < proof.bars <= DEVELOPED // 2
    assert proof.skill == pytest.approx(0.2, abs=0.1)


def test_later_rows_tell_it_where_there_are_enough() -> None:
    seen_on, proof = proof_beside(question(0.2), BARS - 1_000, ALPHA)
    assert (seen_on, proof.bars) == ("shadow", 1_000)
    assert proof_beside(question(0.2), BARS - 20, ALPHA)[0] == "development"


def test_where_no_rows_tell_a_skill_there_is_no_time_to_proof() -> None:
    assert proof_beside(question(0.2, developed=80), BARS, ALPHA) is None


def test_the_sufficient_skill_is_that_of_the_bars_that_were_asked() -> None:
    few, many = (proof_beside(question(0.2), answered, ALPHA)[1] for answered in (1_000, BARS))
    assert few.sufficient_skill > many.sufficient_skill
