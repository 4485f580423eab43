"""What is left of a Sharpe ratio, and of a search's choice, once every trial counts."""

from __future__ import annotations

import numpy as np
import pytest

from forecasting.evaluation.multiplicity import judge_multiplicity
from forecasting.inference import deflated_sharpe_by_count
from forecasting.search import NO_SEARCH, Choice, Search, Trial


def returns_of(seed: int = 1, mean: float = 0.001) -> np.ndarray:
    return np.random.default_rng(seed).normal(mean, 0.01, size=400)


def searched(losses: dict[str, np.ndarray]) -> Search:
    trials = tuple(
        Trial(member, number, {}, float(column.mean()), tuple(column.tolist()))
        for member, table in losses.items()
        for number, column in enumerate(table.T)
    )
    return Search(trials, tuple(Choice(member, {}, "") for member in losses))


def test_more_trials_leave_less() -> None:
    found = [judge_multiplicity(returns_of(), trials, NO_SEARCH).deflated_sharpe for trials in (1, 10, 500)]
    assert found == [deflated_sharpe_by_count(returns_of(), trials).probability for trials in (1, 10, 500)]
    assert found == sorted(found, reverse=True)


def test_the_sentence_tells_the_count_and_the_chance() -> None:
    found = judge_multiplicity(returns_of(), 43, NO_SEARCH)
    assert found.sentence == (
        "This is one of 43 trials of this model: its Sharpe ratio after costs over 400 periods is above what the best of "
        f"43 without skill shows with a probability of {found.deflated_sharpe:.2f}."
    )
    assert found.pbo is None


def test_the_first_trial_is_held_against_zero() -> None:
    sentence = judge_multiplicity(returns_of(), 1, NO_SEARCH).sentence
    assert sentence.startswith("This is the first trial of this model: ")
    assert "is above zero with a probability of" in sentence


@pytest.mark.parametrize(
    "returns", [np.zeros(50), np.array([0.01]), np.empty(0), np.array([0.01, np.nan, 0.02])]
)
def test_who_never_traded_has_no_sharpe_ratio(returns) -> None:
    found = judge_multiplicity(returns, 3, NO_SEARCH)
    assert found.deflated_sharpe is None
    assert "for it never traded or a forecast is not finite" in found.sentence


def test_the_most_overfitted_member_is_told() -> None:
    draws = np.random.default_rng(5)
    noise, clear = draws.chisquare(8, size=(10, 6)), draws.chisquare(8, size=(10, 6))
    clear[:, 2] = 0.1
    alone = judge_multiplicity(returns_of(), 13, searched({"rf": noise})).pbo
    both = judge_multiplicity(returns_of(), 13, searched({"ridge": clear, "rf": noise}))
    assert judge_multiplicity(returns_of(), 13, searched({"ridge": clear})).pbo == 0.0
    assert both.pbo == alone
    assert alone is not None
    assert alone > 0.2
    assert f"in the other half {alone:.0%} of the time." in both.sentence


def test_a_trial_that_failed_has_no_losses_and_still_counts() -> None:
    failed = Search(
        (Trial("rf", 0, {}, 1.0, (1.0, 1.0)), Trial("rf", 1, {"max_depth": 3}, None, (), "broke")),
        (Choice("rf", {}, ""),),
    )
    found = judge_multiplicity(returns_of(), 3, failed)
    assert (found.trials, found.pbo) == (3, None)


@pytest.mark.parametrize(("mean", "told"), [(-0.01, "below 0.01"), (0.01, "above 0.99")])
def test_a_chance_is_never_told_as_none_or_certain(mean: float, told: str) -> None:
    sentence = judge_multiplicity(returns_of(mean=mean), 5, NO_SEARCH).sentence
    assert sentence.endswith(f"with a probability {told}.")
