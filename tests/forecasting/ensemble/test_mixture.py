from __future__ import annotations

import numpy as np
import pytest

from forecasting.ensemble import HeldOut, Mixture, Weighing, learn_mixture
from forecasting.inference import LabelSpans

ALL = Weighing({"naive": 0.5, "model": 0.5}, {"naive": 0.0, "model": 0.5})
UPWARD = Weighing({"naive": 0.25, "model": 0.75}, {"naive": 0.0, "model": 1.0})
RETURNS = {"naive": np.zeros(3), "model": np.array([0.01, 0.02, 0.04])}
REGIMES = np.array(["uptrend", "chop", "unknown"])


def held_out(regimes: list[str], look_ahead: int = 1) -> HeldOut:
    rows = len(regimes)
    generator = np.random.default_rng(5)
    moments = np.arange(rows, dtype=np.int64)
    signal = 0.01 * generator.normal(size=rows)
    returns = {"naive": np.zeros(rows), "model": signal}
    y = np.where(np.array(regimes) == "uptrend", signal, 0) + 0.01 * generator.normal(size=rows)
    return HeldOut(returns, y, LabelSpans(moments, moments + look_ahead), np.array(regimes))


def test_a_regime_with_weights_of_its_own_uses_them_and_every_other_the_common_ones() -> None:
    contributed = Mixture(ALL, {"uptrend": UPWARD}).contributions(RETURNS, REGIMES)
    assert contributed[:, 1].tolist() == pytest.approx([0.75 * 0.01, 0.25 * 0.02, 0.25 * 0.04])


def test_each_row_tells_the_weights_that_count_for_it() -> None:
    weights = Mixture(ALL, {"uptrend": UPWARD}).weights(REGIMES)
    assert weights.tolist() == [[0.25, 0.75], [0.5, 0.5], [0.5, 0.5]]


def test_without_regimes_the_bits_are_those_of_the_common_weights() -> None:
    assert Mixture(ALL).contributions(RETURNS, REGIMES).tobytes() == ALL.contributions(RETURNS).tobytes()


def test_a_member_that_is_right_in_one_regime_is_kept_in_that_one_alone() -> None:
    mixture = learn_mixture("inverse_rmse", held_out(["uptrend", "chop"] * 300), by_regime=True)
    assert list(mixture.by_regime) == ["uptrend", "chop"]
    assert mixture.by_regime["uptrend"].shrinkages["model"] > 0.8
    assert mixture.by_regime["chop"].shrinkages["model"] < 0.2


def test_a_regime_with_few_independent_labels_is_weighed_as_all_are() -> None:
    few = held_out(["chop"] * 300 + ["uptrend"] * 29)
    assert list(learn_mixture("inverse_rmse", few, by_regime=True).by_regime) == ["chop"]
    overlapping = held_out(["chop"] * 300, look_ahead=11)
    assert not learn_mixture("inverse_rmse", overlapping, by_regime=True).by_regime


def test_an_unknown_regime_never_has_weights_of_its_own() -> None:
    assert not learn_mixture("equal", held_out(["unknown"] * 300), by_regime=True).by_regime
