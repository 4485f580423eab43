from __future__ import annotations

import json

import numpy as np
import pytest

from forecasting.ensemble import HeldOut, RegimeWeights, Weighing, try_regimes
from forecasting.inference import LabelSpans

NULL_MARKETS, MARKETS, ROWS = 200, 20, 1600


def market(seed: int, *, in_uptrend: float, elsewhere: float, kind: str = "inverse_rmse"):
    """Try regimes on one simulated market: half its rows learn, half judge; the signal's share is as given."""
    generator = np.random.default_rng(seed)
    # Regimes last: 40 moments on average.
    regimes = np.repeat(generator.choice(["uptrend", "downtrend", "chop"], ROWS // 40), 40)
    signal, noise, own = 0.01 * generator.normal(size=(3, ROWS))
    returns = {"naive": np.zeros(ROWS), "model": signal, "other": own}
    y = np.where(regimes == "uptrend", in_uptrend, elsewhere) * signal + noise
    moments = np.arange(ROWS, dtype=np.int64)
    rows = HeldOut(returns, y, LabelSpans(moments, moments + 1), regimes)
    first = moments < ROWS // 2
    return try_regimes(kind, rows.take(first), rows.take(~first))


@pytest.mark.parametrize("share", [0.0, 0.3])
def test_where_regimes_do_not_matter_they_are_seldom_used(share) -> None:
    """200 markets (6 and 14 use them); one in twenty may, and three standard errors of that more: 5 % + 4.6 %."""
    used = sum(market(seed, in_uptrend=share, elsewhere=share).pays for seed in range(NULL_MARKETS))
    assert used / NULL_MARKETS < 0.05 + 3 * np.sqrt(0.05 * 0.95 / NULL_MARKETS)


@pytest.mark.parametrize("kind", ["inverse_rmse", "equal", "stacking"])
def test_a_member_that_is_right_in_one_regime_only_makes_them_pay(kind) -> None:
    """20 markets of 1,600 rows, in a third of which the model explains a fifth of the variance."""
    used = sum(market(seed, in_uptrend=0.5, elsewhere=0.0, kind=kind).pays for seed in range(MARKETS))
    assert used >= 0.8 * MARKETS


def test_the_reason_tells_the_figures() -> None:
    refused = next(
        verdict
        for verdict in (market(seed, in_uptrend=0.0, elsewhere=0.0) for seed in range(9))
        if not verdict.pays
    )
    assert refused.reason.startswith("not used: squared error 0.")
    assert "(800 independent labels)" in refused.reason
    assert market(1, in_uptrend=0.9, elsewhere=0.0).reason.startswith("used: squared error")


def test_too_few_labels_in_each_regime_are_told() -> None:
    rows = HeldOut(
        {"naive": np.zeros(20)},
        np.zeros(20),
        LabelSpans(np.arange(20), np.arange(20) + 1),
        np.full(20, "chop"),
    )
    verdict = try_regimes("inverse_rmse", rows, rows)
    assert not verdict.pays
    assert verdict.reason == "not used: of 20 independent labels no regime has the 30 that are needed"


def test_what_was_decided_survives_json_with_the_members_in_their_order() -> None:
    own = Weighing({"naive": 0.25, "b": 0.5, "a": 0.25}, {"naive": 0.0, "b": 0.5, "a": 1.0})
    document = json.loads(json.dumps(RegimeWeights({"chop": own}, "used").to_document(), sort_keys=True))
    again = RegimeWeights.from_document(document, ("naive", "b", "a"))
    assert again == RegimeWeights({"chop": own}, "used")
    assert list(again.by_regime["chop"].weights) == ["naive", "b", "a"]
