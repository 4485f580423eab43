"""Many contenders: the wrapped tests are arch's, and they are seldom wrong about the best of many."""

from __future__ import annotations

import numpy as np
import pytest
from arch.bootstrap import MCS, SPA

from forecasting.inference import LabelSpans, confidence_set, superior_ability

NAMES = tuple("abcdefgh")


def spans_of(days: int, span: int = 7) -> LabelSpans:
    as_of = np.arange(days, dtype=np.int64)
    return LabelSpans(as_of, as_of + span)


def losses_of(seed: int, days: int = 300, better: float = 0.0) -> tuple[np.ndarray, dict[str, np.ndarray]]:
    """Losses that neighbouring days share; `h` is better by so much."""
    generator = np.random.default_rng([seed, 3])
    smooth = [
        np.convolve(generator.standard_normal(days + 6), np.ones(7), "valid") / 7**0.5 for _ in range(9)
    ]
    losses = dict(zip(NAMES, smooth[1:], strict=True))
    return smooth[0], {**losses, "h": losses["h"] - better}


def test_superior_ability_is_archs_on_losses_by_moment() -> None:
    baseline, losses = losses_of(1)
    found = superior_ability(spans_of(300), baseline, losses)
    oracle = SPA(baseline, np.column_stack(list(losses.values())), block_size=14, reps=1_000, seed=7)
    oracle.compute()
    assert found.p_value == oracle.pvalues["consistent"]
    assert (found.contenders, found.block, found.labels) == (8, 14, 43)


def test_the_confidence_set_is_archs() -> None:
    _, losses = losses_of(2, better=1.0)
    found = confidence_set(spans_of(300), losses)
    oracle = MCS(np.column_stack(list(losses.values())), size=0.1, reps=1_000, block_size=14, seed=7)
    oracle.compute()
    assert found.included == tuple(NAMES[number] for number in sorted(oracle.included))
    assert found.p_values["h"] == 1.0


def test_the_best_of_eight_equal_contenders_is_seldom_called_better() -> None:
    """150 samples at 10 %: four standard errors are 10 points."""
    wrong = [
        superior_ability(spans_of(300), *losses_of(seed), repetitions=200).p_value < 0.1
        for seed in range(150)
    ]
    assert np.mean(wrong) < 0.2


def test_a_contender_that_is_better_is_found() -> None:
    found = [
        superior_ability(spans_of(300), *losses_of(seed, better=1.0), repetitions=200) for seed in range(30)
    ]
    assert np.mean([each.p_value < 0.1 for each in found]) > 0.8
    assert {each.best for each in found} == {"h"}


def test_the_best_one_stays_in_the_set_and_the_worst_leaves() -> None:
    kept = [
        confidence_set(spans_of(300), losses_of(seed, better=1.0)[1], repetitions=200) for seed in range(30)
    ]
    assert np.mean(["h" in each.included for each in kept]) > 0.85
    assert np.mean([len(each.included) for each in kept]) < 4


def test_the_p_value_is_printed_with_its_labels_and_the_number_tried() -> None:
    found = superior_ability(spans_of(300), *losses_of(1))
    assert str(found).startswith(f"superior predictive ability: {found.best}, best of 8, p ")
    assert str(found).endswith("(43 independent labels)")


def test_symbols_that_repeat_each_other_prove_nothing_more() -> None:
    baseline, losses = losses_of(4)
    twice = LabelSpans(np.repeat(np.arange(300), 2), np.repeat(np.arange(300) + 7, 2))
    doubled = {name: np.repeat(loss, 2) for name, loss in losses.items()}
    assert superior_ability(twice, np.repeat(baseline, 2), doubled) == superior_ability(
        spans_of(300), baseline, losses
    )


def test_no_contender_is_refused() -> None:
    with pytest.raises(ValueError, match="one or more are needed"):
        superior_ability(spans_of(30), np.ones(30), {})


def test_a_missing_loss_is_named() -> None:
    with pytest.raises(ValueError, match="loss of a is missing or infinite in 1 rows"):
        confidence_set(spans_of(2), {"a": np.array([1.0, np.nan]), "b": np.ones(2)})


def test_a_contender_that_is_the_baseline_itself_does_not_beat_it() -> None:
    baseline, _ = losses_of(1)
    assert superior_ability(spans_of(300), baseline, {"twin": baseline.copy()}).p_value == 1.0
    both = superior_ability(spans_of(300), baseline, {"twin": baseline.copy(), "worse": baseline + 1})
    assert (both.best, both.contenders) == ("twin", 2)
    assert both.p_value == 1.0


def test_contenders_of_the_same_losses_stay_or_leave_together() -> None:
    _, losses = losses_of(2, better=1.0)
    alone = confidence_set(spans_of(300), losses)
    twins = confidence_set(spans_of(300), losses | {"i": losses["h"].copy(), "j": losses["a"].copy()})
    assert set(alone.included) | {"i"} == set(twins.included) - ({"j"} if "a" in alone.included else set())
    assert (twins.p_values["i"], twins.p_values["j"]) == (twins.p_values["h"], twins.p_values["a"])


def test_contenders_that_are_all_the_same_all_stay() -> None:
    baseline, _ = losses_of(1)
    assert confidence_set(spans_of(300), {"a": baseline, "b": baseline.copy()}).included == ("a", "b")
