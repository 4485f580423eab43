from __future__ import annotations

import numpy as np

from forecasting.ensemble import HeldOut, Mixture, agreed_distance, crossed_contributions, learn_mixture
from forecasting.inference import LabelSpans

MARKETS, ROWS = 300, 200


def noise(seed: int, rows: int = ROWS, look_ahead: int = 1) -> HeldOut:
    """Four members that know nothing of the returns."""
    generator = np.random.default_rng(seed)
    names = ("naive", "a", "b", "c")
    returns = dict(zip(names, 0.01 * generator.normal(size=(4, rows)), strict=True))
    returns["naive"] = np.zeros(rows)
    moments = np.arange(rows, dtype=np.int64)
    spans = LabelSpans(moments, moments + look_ahead)
    return HeldOut(returns, 0.01 * generator.normal(size=rows), spans, np.full(rows, "chop"))


def learn(rows: HeldOut) -> Mixture:
    return learn_mixture("inverse_rmse", rows, by_regime=False)


def own_contributions(rows: HeldOut) -> np.ndarray:
    return learn(rows).contributions(rows.returns, rows.regimes)


def seeming_gain(rows: HeldOut, contributed: np.ndarray) -> float:
    """Mean product of score and return, each in units of its spread: 0 for a score that knows nothing."""
    score = agreed_distance(contributed)
    return float(np.mean(score * rows.y) / (0.01 * np.sqrt(np.mean(score**2)) or 1.0))


def test_noise_seems_to_know_something_on_its_own_rows_and_nothing_when_crossed() -> None:
    """300 markets of 200 rows; three standard errors of the mean are allowed."""
    markets = [noise(seed) for seed in range(MARKETS)]
    own = np.array([seeming_gain(each, own_contributions(each)) for each in markets])
    crossed = np.array([seeming_gain(each, crossed_contributions(each, learn)) for each in markets])
    assert own.mean() > 10 * own.std() / np.sqrt(MARKETS)
    assert crossed.mean() < 3 * crossed.std() / np.sqrt(MARKETS)


def test_no_row_is_weighed_by_a_half_that_knows_its_label() -> None:
    rows, learned = noise(1, look_ahead=7), []

    def remember(half: HeldOut) -> Mixture:
        learned.append(half.spans)
        return learn(half)

    crossed_contributions(rows, remember)
    later, earlier = learned
    assert later.as_of_ms.min() >= ROWS // 2 + 6
    assert earlier.label_end_ms.max() <= ROWS // 2


def test_each_half_is_weighed_by_the_other() -> None:
    rows = noise(2)
    contributed = crossed_contributions(rows, learn)
    second = learn(rows.take(np.arange(ROWS // 2, ROWS)))
    first_half = {name: each[: ROWS // 2] for name, each in rows.returns.items()}
    np.testing.assert_array_equal(
        contributed[: ROWS // 2], second.contributions(first_half, rows.regimes[: ROWS // 2])
    )


def test_rows_too_few_to_be_halved_are_used_for_both() -> None:
    rows = noise(3, rows=50)
    assert crossed_contributions(rows, learn).tobytes() == own_contributions(rows).tobytes()
