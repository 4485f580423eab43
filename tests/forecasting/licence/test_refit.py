from dataclasses import replace

import numpy as np
import pytest

from forecasting.errors import InvalidEvidence
from forecasting.licence.refit import RefitFacts, population_stability, refit_checks

CHAMPION = np.random.default_rng(1).normal(size=720)
LOSSES = np.random.default_rng(2).exponential(size=100)
ONE, ALL = np.zeros(720, dtype=np.int64), np.ones(720, dtype=np.bool_)
HEALTHY = RefitFacts(ONE, CHAMPION, CHAMPION, ALL, LOSSES, LOSSES, -5.0, 5.0)


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


def test_a_forecast_far_beyond_training_blocks() -> None:
    width = CHAMPION.max() - CHAMPION.min()
    for share, blocked in ((0.49, []), (0.51, ["range of forecasts"])):
        high, low = CHAMPION.max() - share * width / (1 + share), CHAMPION.min()
        assert failed(replace(HEALTHY, lowest_trained=low, highest_trained=high)) == blocked


@pytest.mark.parametrize("name", ["refit", "champion"])
def test_a_forecast_that_is_missing_blocks(name: str) -> None:
    checks = refit_checks(replace(HEALTHY, **{name: np.append(CHAMPION[:-1], np.nan)}))
    assert any(not each.passed and "not known" in each.found for each in checks)


@pytest.mark.parametrize("name", ["refit_losses", "champion_losses"])
def test_a_loss_that_is_missing_blocks(name: str) -> None:
    losses = replace(HEALTHY, **{name: np.append(LOSSES[:-1], np.nan)})
    assert failed(losses) == ["holdout loss above the champion's"]


def test_without_rows_nothing_passes() -> None:
    none = np.empty(0)
    facts = RefitFacts(ONE[:0], none, none, ALL[:0], none, none, -5.0, 5.0)
    assert [each.found for each in refit_checks(facts)] == ["not known"] * 4


def test_few_labels_are_no_evidence_of_a_like_loss() -> None:
    facts = replace(HEALTHY, refit_losses=LOSSES[:29], champion_losses=LOSSES[:29])
    assert failed(facts) == ["holdout loss above the champion's"]


def test_rows_of_one_and_labels_of_the_other_are_refused() -> None:
    with pytest.raises(InvalidEvidence, match="give the same of both"):
        replace(HEALTHY, refit=CHAMPION[1:])


def test_only_the_last_days_are_correlated() -> None:
    mixed = CHAMPION.copy()
    mixed[:360] *= -1
    assert failed(replace(HEALTHY, refit=mixed, recent=np.arange(720) >= 360)) == []


def test_levels_of_symbols_are_no_likeness() -> None:
    symbol = np.arange(720, dtype=np.int64) % 2
    apart = 5.0 * symbol
    facts = replace(HEALTHY, symbol=symbol, champion=CHAMPION + apart, refit=CHAMPION[::-1] + apart)
    assert "correlation with the champion" in failed(facts)


def test_a_constant_of_each_symbol_is_like_nothing() -> None:
    symbol = np.arange(720, dtype=np.int64) % 2
    assert "correlation with the champion" in failed(replace(HEALTHY, symbol=symbol, refit=0.1 + symbol / 3))


def test_few_rows_are_cut_into_few_bins() -> None:
    blocked = 0
    for seed in range(200):
        first, second = np.random.default_rng(seed).standard_normal((2, 40))
        healthy = 0.9 * first + np.sqrt(1 - 0.9**2) * second
        facts = RefitFacts(ONE[:40], healthy, first, ALL[:40], LOSSES[:40], LOSSES[:40], -9.0, 9.0)
        blocked += "population stability index" in failed(facts)
    assert blocked <= 4


def test_an_unknown_range_blocks() -> None:
    assert failed(replace(HEALTHY, lowest_trained=None)) == ["range of forecasts"]


def test_a_constant_refit_blocks() -> None:
    assert "correlation with the champion" in failed(replace(HEALTHY, refit=np.zeros(720)))


def test_the_index_is_zero_for_the_same_population() -> None:
    assert population_stability(CHAMPION, CHAMPION) == 0.0


def test_the_index_is_the_textbook_sum() -> None:
    expected, found = np.arange(100.0), np.concatenate([np.arange(50.0), np.arange(50.0)])
    by_hand = 5 * (0.2 - 0.1) * np.log(2) + 5 * (0.005 - 0.1) * np.log(0.005 / 0.1)
    assert population_stability(expected, found) == pytest.approx(by_hand)
