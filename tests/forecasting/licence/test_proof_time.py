import json
import math

import numpy as np
import pytest

from forecasting.licence import kernel
from forecasting.licence.process import EProcess
from forecasting.licence.proof_time import growth_of, sufficient_skill, time_to_proof
from forecasting.licence.stakes import HOURLY
from tests.forecasting.licence.rows_of_noise import drift_rows, judged


def process_of(bars: int, skill: float, log_wealth: float = 0.0) -> EProcess:
    process = EProcess(1, 1)
    process.pooled[[kernel.BETS, kernel.SUM, kernel.SUM_OF_SQUARES]] = bars, skill * bars, bars
    process.wealth[:] = log_wealth
    return process


def test_it_says_how_many_more_bars() -> None:
    found = time_to_proof(process_of(1_000, 0.045), alpha=0.005)
    assert found.more_bars == math.ceil(math.log(200) / (0.045**2 / 2))


def test_evidence_that_is_there_shortens_the_wait() -> None:
    bare, some = (time_to_proof(process_of(1_000, 0.045, wealth), 0.005).more_bars for wealth in (0.0, 2.0))
    assert bare is not None
    assert some == pytest.approx(bare - 2.0 / (0.045**2 / 2), abs=1)


def test_the_law_counts_bars_from_the_first() -> None:
    assert time_to_proof(process_of(1, 0.045), 0.01).bars_of_law == pytest.approx(16 / 0.045**2, rel=0.02)


@pytest.mark.parametrize("skill", [0.0, -0.05])
def test_without_skill_it_is_never_proven(skill: float) -> None:
    found = time_to_proof(process_of(1_000, skill), 0.01)
    assert (found.more_bars, found.bars_of_law) == (None, None)
    assert "no number of bars would prove it" in found.sentence


def test_it_says_at_which_skill_it_would_have_passed() -> None:
    bars, needed = 5_000, math.log(200)
    skill = sufficient_skill(bars, needed, HOURLY.fractions)
    assert skill is not None
    gained = bars * growth_of(skill, HOURLY.fractions)
    assert gained == pytest.approx(needed + math.log(3))
    found = time_to_proof(process_of(bars, 0.01), 0.005)
    assert f"at {skill:.3f} it would have passed by now" in found.sentence


def test_before_the_first_bar_no_skill_is_named() -> None:
    found = time_to_proof(EProcess(1, 1), 0.01)
    assert found.sufficient_skill is None
    assert "would have passed" not in found.sentence


def test_a_proven_recipe_is_called_proven() -> None:
    assert time_to_proof(process_of(900, 0.1, 9.0), 0.01).sentence == "proven on 900 bars at a skill of 0.100"


def test_the_forecast_of_the_wait_is_about_right() -> None:
    waits = []
    for seed in range(20):
        _, told = judged(drift_rows(seed, bars=9_000, skill=0.1))
        waits.append(int(np.argmax(told.log_evidence >= math.log(200))))
    expected = (math.log(200) + math.log(3)) / growth_of(0.1, HOURLY.fractions)
    assert np.mean(waits) == pytest.approx(expected, rel=0.35)


def test_its_document_is_json() -> None:
    document = time_to_proof(process_of(1_000, 0.05), 0.01).to_document()
    assert json.loads(json.dumps(document, allow_nan=False)) == document
