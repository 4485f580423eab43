from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from forecasting.forecaster import members
from forecasting.forecaster.members import load_member
from forecasting.models.ridge import Ridge
from forecasting.models.volatility_scaled import VolatilityScaled
from tests.forecasting.member_checks import fingerprint, same_bits
from tests.forecasting.rows import hourly_horizon, hourly_spec, made_up_rows

ROWS = made_up_rows(600, signal=0.5, seed=3)
LATER = made_up_rows(300, signal=0.5, seed=4)
COLUMN = ROWS.feature_names.index("volatility_30h")
SCALABLE = ("lgbm", "lgbm_huber", "lgbm_quantile", "rf", "ridge")


def with_volatility(values: np.ndarray | float, rows=ROWS):
    X = rows.X.copy()
    X[:, COLUMN] = values
    return replace(rows, X=X)


def new_member(name: str):
    settings = {name: {"volatility_scaled": True, "uniqueness": True}}
    horizon = hourly_horizon().model_copy(update={"member_settings": settings})
    return members.new_member(name, horizon, hourly_spec(), 7)


@pytest.mark.parametrize("name", SCALABLE)
def test_member_read_back_is_scaled_and_forecasts_the_same_bits(name: str) -> None:
    member = new_member(name).fit(ROWS)
    again = load_member(name, member.dump())
    assert isinstance(again, VolatilityScaled)
    assert again.name == name
    assert same_bits(again.predict(LATER.X), member.predict(LATER.X))
    assert fingerprint(again) == fingerprint(member)


def test_refit_forgets_the_past() -> None:
    twice = new_member("ridge").fit(LATER).fit(ROWS)
    assert fingerprint(twice) == fingerprint(new_member("ridge").fit(ROWS))


def test_row_twice_as_wild_is_forecast_twice_as_far() -> None:
    rows = with_volatility(np.where(np.arange(len(ROWS)) % 2, 0.01, 0.02))
    member = VolatilityScaled(Ridge(1e6), "volatility_30h").fit(replace(rows, y=rows.y + 0.01))
    calm, wild = (member.predict(with_volatility(level, LATER).X) for level in (0.01, 0.02))
    assert wild == pytest.approx(2 * calm, rel=1e-4)


def test_labels_are_learned_in_units_of_volatility() -> None:
    levels = np.where(np.arange(len(ROWS)) % 4 == 0, 0.04, 0.01)
    rows = with_volatility(levels)
    plain = Ridge().fit(replace(rows, y=rows.y / (levels / 0.01)))
    expected = plain.predict(rows.X) * (levels / 0.01)
    scaled = VolatilityScaled(Ridge(), "volatility_30h").fit(rows)
    np.testing.assert_allclose(scaled.predict(rows.X), expected, rtol=1e-12)


@pytest.mark.parametrize("volatility", [np.nan, 0.0])
def test_rows_that_never_move_are_learned_as_they_are(volatility: float) -> None:
    rows = with_volatility(volatility)
    scale = 1.0 if np.isnan(volatility) else 0.1
    plain = Ridge().fit(replace(rows, y=rows.y / scale)).predict(rows.X) * scale
    np.testing.assert_allclose(VolatilityScaled(Ridge(), "volatility_30h").fit(rows).predict(rows.X), plain)


def test_dead_market_cannot_make_a_label_huge() -> None:
    rows = with_volatility(np.where(np.arange(len(ROWS)) % 50 == 0, 1e-12, 0.01))
    forecast = VolatilityScaled(Ridge(), "volatility_30h").fit(rows).predict(LATER.X)
    assert np.abs(forecast).max() < 0.1


def test_forecasts_stay_finite_and_alone_have_the_same_bits() -> None:
    member, X = new_member("lgbm").fit(ROWS), LATER.X[:60].copy()
    X[::2] = np.nan
    alone = np.concatenate([member.predict(X[row : row + 1]) for row in range(len(X))])
    assert same_bits(alone, member.predict(X))
    assert np.isfinite(alone).all()
