"""Which rows weights are learned on, and that rows are calibrated by weights that do not know their labels."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from forecasting.ensemble import HeldOut, agreed_distance
from forecasting.forecaster.forecaster import Forecaster
from forecasting.forecaster.weighing import weigh_on_validation
from forecasting.inference import LabelSpans
from tests.forecasting.rows import hourly_horizon, hourly_spec, made_up_rows

HORIZON = hourly_horizon().model_copy(update={"regime_weights": "never"})
ROWS = 1000
FIRST = np.arange(ROWS) < ROWS // 2


@pytest.fixture(scope="module")
def held_out() -> HeldOut:
    generator = np.random.default_rng(3)
    returns = {"naive": np.zeros(ROWS), "a": generator.normal(size=ROWS), "b": generator.normal(size=ROWS)}
    y = 0.3 * returns["a"] + generator.normal(size=ROWS)
    moments = np.arange(ROWS, dtype=np.int64)
    return HeldOut(returns, y, LabelSpans(moments, moments + 1), np.full(ROWS, "chop"))


def test_no_row_is_calibrated_by_weights_that_know_its_label(held_out) -> None:
    other = replace(held_out, y=np.where(FIRST, -held_out.y, held_out.y))
    before, after = (weigh_on_validation(HORIZON, rows).calibrated for rows in (held_out, other))
    assert before[FIRST].tobytes() == after[FIRST].tobytes()
    assert before[~FIRST].tobytes() != after[~FIRST].tobytes()


def test_the_weights_that_serve_are_learned_on_all_rows(held_out) -> None:
    weighed = weigh_on_validation(HORIZON, held_out)
    slope = np.sum(held_out.returns["a"] * held_out.y) / np.sum(held_out.returns["a"] ** 2)
    assert weighed.mixture.weighing.shrinkages["a"] == pytest.approx(slope)


def test_weights_of_each_regime_are_tried_on_rows_after_those_they_were_learned_on(held_out) -> None:
    auto = hourly_horizon()
    regimes = np.where(np.arange(ROWS) % 2 == 0, "chop", "uptrend")
    rows = replace(held_out, regimes=regimes)
    # The member is right in one regime in the earlier half, and in the other one later.
    follows = regimes == np.where(FIRST, "uptrend", "chop")
    y = np.where(follows, rows.returns["a"], 0.0) + 0.5 * rows.returns["b"][::-1]
    decided = weigh_on_validation(auto, replace(rows, y=y)).regime_weights
    assert decided.by_regime == {}
    assert "higher on later rows" in decided.reason


def test_confidence_is_the_calibrated_distance_times_consensus() -> None:
    rows = made_up_rows(900, signal=0.5, seed=95)
    fitted = Forecaster(HORIZON, hourly_spec(), ()).fit(rows)
    forecasts = fitted.predict(rows.X)
    assert ((forecasts.consensus > 0) & (forecasts.consensus < 1)).any()
    rises = fitted.sign_calibrator_.probability(agreed_distance(forecasts.member_contributions))
    expected = np.where(forecasts.pred_return > 0, rises, 1 - rises)
    np.testing.assert_array_equal(forecasts.conf, expected)
