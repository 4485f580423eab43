import json
import math

import numpy as np
import pytest

from forecasting.licence.demotion import THRESHOLD, Losses, follow, loss_of_following
from tests.forecasting.licence.rows_of_noise import drift_rows, judged


def bets_of(skill: float, seed: int, bars: int = 3_000) -> np.ndarray:
    return judged(drift_rows(seed, bars=bars, skill=skill))[1].bets


def test_a_model_that_turned_harmful_is_found() -> None:
    losses, told = follow(Losses(), bets_of(-0.2, 1))
    assert told.max() > math.log(THRESHOLD)
    assert not loss_of_following(losses).passed


def test_a_healthy_model_stays() -> None:
    losses, told = follow(Losses(), bets_of(0.05, 2))
    assert told.max() < math.log(THRESHOLD)
    assert loss_of_following(losses).passed


def test_good_years_do_not_hide_a_bad_month() -> None:
    after_good = follow(Losses(), np.concatenate([bets_of(0.1, 3, 6_000), bets_of(-0.2, 4)]))[0]
    assert not loss_of_following(after_good).passed


def test_saved_and_continued_it_gives_the_same_bits() -> None:
    bets = bets_of(-0.05, 5)
    whole, told = follow(Losses(), bets)
    half, first = follow(Losses(), bets[:1_000])
    end, second = follow(Losses.from_document(json.loads(json.dumps(half.to_document()))), bets[1_000:])
    assert end == whole
    assert np.concatenate([first, second]).tobytes() == told.tobytes()


def test_a_bar_without_a_bet_changes_nothing() -> None:
    assert follow(Losses(), np.array([np.nan]))[0] == Losses()


@pytest.mark.parametrize("bet", [-1e9, 1e9])
def test_one_bar_never_decides(bet: float) -> None:
    losses, _ = follow(Losses(), np.array([bet]))
    assert losses.log_evidence == pytest.approx(math.log(1 - math.copysign(0.9, bet)))
