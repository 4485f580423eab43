"""Weights of each regime in a fitted forecaster: tried, used where they pay, kept in the bundle."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from forecasting.dataset import Dataset
from forecasting.forecaster.bundle import read_bundle, write_bundle
from forecasting.forecaster.forecaster import Forecaster
from tests.forecasting.rows import hourly_horizon, hourly_spec, made_up_rows

SPEC = hourly_spec()
VOLATILITY = SPEC.names.index("volatility_30h")


def with_regimes(seed: int, moments: int = 4000) -> Dataset:
    """Rows whose last return is repeated in trends alone; a third of the rows are trends each way."""
    rows = made_up_rows(moments, seed=seed)
    X = rows.X.copy()
    X[:, VOLATILITY] = 0.01
    X[:, SPEC.names.index("return_30h")] = np.random.default_rng(seed).choice([-0.2, 0.0, 0.2], len(rows))
    trending = X[:, SPEC.names.index("return_30h")] != 0
    last = np.nan_to_num(X[:, SPEC.names.index("return_1h")])
    return replace(rows, X=X, y=rows.y + np.where(trending, 0.8, -0.4) * last)


ROWS, LATER = with_regimes(91), with_regimes(92, moments=100)


@pytest.fixture(scope="module")
def fitted() -> Forecaster:
    return Forecaster(hourly_horizon(), SPEC, ()).fit(ROWS)


def test_they_are_used_where_the_market_differs_by_regime(fitted) -> None:
    decided = fitted.regime_weights_
    assert decided.reason.startswith("used: squared error")
    assert set(decided.by_regime) == {"uptrend", "downtrend", "chop"}
    assert decided.by_regime["uptrend"].shrinkages["persistence"] > 0.5
    assert decided.by_regime["chop"].shrinkages["persistence"] == 0


def test_naive_and_the_contributions_are_the_forecast_to_the_last_bit(fitted) -> None:
    forecasts = fitted.predict(LATER.X)
    total = forecasts.member_returns[:, 0].copy()
    for column in forecasts.member_contributions.T:
        total += column
    assert total.tobytes() == forecasts.pred_return.tobytes()
    assert forecasts.member_weights.sum(axis=1) == pytest.approx(1)
    assert len(np.unique(forecasts.member_weights, axis=0)) == 3


def test_a_row_alone_has_the_same_bits_as_in_a_batch(fitted) -> None:
    batch = fitted.predict(LATER.X)
    for field in ("pred_return", "p_up", "conf", "member_weights", "member_contributions"):
        alone = [getattr(fitted.predict(LATER.X[[row]]), field) for row in range(50)]
        assert np.concatenate(alone).tobytes() == getattr(batch, field)[:50].tobytes()


def test_a_bundle_keeps_them(fitted, tmp_path: Path) -> None:
    write_bundle(fitted, ROWS, tmp_path / "bundle")
    again = read_bundle(tmp_path / "bundle").forecaster
    assert again.regime_weights_ == fitted.regime_weights_
    assert again.predict(LATER.X).pred_return.tobytes() == fitted.predict(LATER.X).pred_return.tobytes()


def test_a_bundle_tells_why_they_are_not_used(tmp_path: Path) -> None:
    plain = made_up_rows(1000, signal=0.5, seed=93)
    forecaster = Forecaster(hourly_horizon(), SPEC, ()).fit(plain)
    write_bundle(forecaster, plain, tmp_path / "bundle")
    manifest = json.loads((tmp_path / "bundle" / "manifest.json").read_bytes())
    assert manifest["regime_weights"]["by_regime"] == {}
    assert manifest["regime_weights"]["reason"].startswith("not used: ")


@pytest.mark.parametrize("ensemble", ["inverse_rmse", "stacking"])
def test_nobody_asks_where_the_horizon_says_never(ensemble) -> None:
    horizon = hourly_horizon().model_copy(update={"regime_weights": "never", "ensemble": ensemble})
    assert Forecaster(horizon, SPEC, ()).fit(ROWS).regime_weights_ is None


def test_stacked_members_have_weights_of_each_regime_too() -> None:
    horizon = hourly_horizon().model_copy(update={"ensemble": "stacking"})
    decided = Forecaster(horizon, SPEC, ()).fit(ROWS).regime_weights_
    assert decided.by_regime["uptrend"].weights["persistence"] > 0.5
    assert decided.by_regime["chop"].weights["persistence"] == 0


def test_rows_too_few_to_try_them_on_are_told() -> None:
    forecaster = Forecaster(hourly_horizon(), SPEC, ()).fit(made_up_rows(400, seed=94).take(slice(0, 520)))
    assert "too few" in forecaster.regime_weights_.reason


def test_rows_that_judge_do_not_decide(fitted) -> None:
    y = ROWS.y.copy()
    y[fitted.split_.test] *= -1000
    again = Forecaster(hourly_horizon(), SPEC, ()).fit(replace(ROWS, y=y))
    assert again.regime_weights_ == fitted.regime_weights_
