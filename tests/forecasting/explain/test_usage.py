"""What a member is said to look at is all that moves its forecast."""

from dataclasses import replace

import numpy as np
import pytest

from forecasting.explain.usage import MemberUse
from forecasting.features.definition import span_name
from forecasting.forecaster.members import new_member
from forecasting.horizons import BASE_PERIODS
from forecasting.models.ridge import Ridge
from forecasting.models.volatility_scaled import VolatilityScaled
from tests.forecasting.rows import SYMBOLS, hourly_horizon, hourly_spec, made_up_rows

SUMS = tuple(f"return_{span_name('1h', bars)}" for bars in BASE_PERIODS)
LOOKED_AT = {
    "naive": (),
    "drift": (),
    "persistence": ("return_1h",),
    "ewma": ("ewma_return_30h",),
    "ar1": ("return_1h",),
    "arima": SUMS,
}


@pytest.fixture(scope="module")
def rows():
    return made_up_rows(300, signal=0.5, drift=(0.003, -0.003))


@pytest.mark.parametrize(("name", "features"), LOOKED_AT.items())
def test_no_other_feature_moves_the_forecast(rows, name, features):
    member = new_member(name, hourly_horizon(), hourly_spec(), 7).fit(rows)
    use = MemberUse.of(name, 0.2, member, rows.feature_names)
    assert (use.features, use.symbol, use.learner, use.reach) == (features, True, False, 0.2)
    symbols = tuple(f"symbol_{symbol}" for symbol in SYMBOLS)
    others = [place for place, each in enumerate(rows.feature_names) if each not in (*features, *symbols)]
    moved = rows.X.copy()
    moved[:, others] = 99.0
    np.testing.assert_array_equal(member.predict(moved), member.predict(rows.X))


@pytest.mark.parametrize("name", LOOKED_AT)
def test_the_symbol_moves_the_forecast_of_every_baseline(rows, name):
    member = new_member(name, hourly_horizon(), hourly_spec(), 7).fit(rows)
    moved = rows.X.copy()
    moved[:, : -len(SYMBOLS)] = np.nan
    swapped = moved.copy()
    swapped[:, -len(SYMBOLS) :] = moved[:, [-1, -2]]
    assert (member.predict(swapped) != member.predict(moved)).all()


def test_a_learner_that_found_nothing_is_told_from_a_baseline(rows):
    flat = replace(rows, y=np.zeros(len(rows)))
    ridge = MemberUse.of("ridge", 0.2, Ridge().fit(flat), rows.feature_names)
    assert (ridge.learner, ridge.features, ridge.symbol) == (True, (), False)


def test_a_scaled_learner_that_found_nothing_still_looks_at_the_volatility(rows):
    flat = replace(rows, y=np.zeros(len(rows)))
    scaled = VolatilityScaled(Ridge(), "volatility_30h").fit(flat)
    use = MemberUse.of("ridge", 0.2, scaled, rows.feature_names)
    assert (use.learner, use.features) == (True, ("volatility_30h",))
