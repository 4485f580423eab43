from dataclasses import replace

import numpy as np
import pytest

from forecasting.licence.refit import RefitFacts, population_stability, refit_checks

CHAMPION = np.random.default_rng(1).normal(size=720)
LOSSES = np.random.default_rng(2).exponential(size=100)
HEALTHY = RefitFacts(CHAMPION, CHAMPION, LOSSES, LOSSES, -5.0, 5.0)


def failed(facts: RefitFacts) -> list[str]:
    return [each.name for each in refit_checks(facts) if not each.passed]


def test_the_champion_itself_is_healthy() -> None:
    assert failed(HEALTHY) == []


def test_forecasts_of_their_own_way_block() -> None:
    assert failed(replace(HEALTHY, refit=-CHAMPION)) == ["correlation with the champion"]


def test_half_a_correlation_is_enough() -> None:
    other = np.random.default_rng(3).normal(size=720)
    other = (other - other.mean()) - CHAMPION * np.cov(other, CHAMPION)[0, 1] / CHAMPION.var(ddof=1)
    for share, blocked in ((0.52, []), (0.48, ["correlation with the champion"])):
        mixed = share * CHAMPION + np.sqrt(1 - share**2) * other * CHAMPION.std() / other.std()
        assert failed(replace(HEALTHY, refit=mixed)) == blocked


def test_forecasts_of_another_size_block() -> None:
    assert failed(replace(HEALTHY, refit=0.3 * CHAMPION)) == ["population stability index"]


def test_a_clearly_larger_loss_blocks() -> None:
    noise = np.random.default_rng(4).normal(size=100)
    noise = (noise - noise.mean()) / noise.std(ddof=1)
    for excess, blocked in ((0.16, []), (0.17, ["holdout loss above the champion's"])):
        assert failed(replace(HEALTHY, refit_losses=LOSSES + excess + noise)) == blocked


def test_a_forecast_beyond_training_blocks() -> None:
    assert failed(replace(HEALTHY, highest_trained=1.0)) == ["range of forecasts"]


@pytest.mark.parametrize("name", ["refit", "champion", "refit_losses", "champion_losses"])
@pytest.mark.parametrize("broken", [np.array([]), np.append(CHAMPION[:-1], np.nan)])
def test_what_is_missing_blocks(name: str, broken: np.ndarray) -> None:
    checks = refit_checks(replace(HEALTHY, **{name: broken}))
    assert any(not each.passed and "not known" in each.found for each in checks)


def test_an_unknown_range_blocks() -> None:
    assert failed(replace(HEALTHY, lowest_trained=None)) == ["range of forecasts"]


def test_a_constant_refit_blocks() -> None:
    assert "correlation with the champion" in failed(replace(HEALTHY, refit=np.zeros(720)))


def test_the_index_is_zero_for_the_same_population() -> None:
    assert population_stability(CHAMPION, CHAMPION) == 0.0


def test_the_index_is_the_textbook_sum() -> None:
    expected, found = np.arange(100.0), np.concatenate([np.arange(50.0), np.arange(50.0)])
    by_hand = 5 * (0.2 - 0.1) * np.log(2) + 5 * (1e-4 - 0.1) * np.log(1e-4 / 0.1)
    assert population_stability(expected, found) == pytest.approx(by_hand)
