"""What the horizons file asks of a candidate."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from forecasting.horizons import Horizon, load_horizons


def test_each_horizon_says_what_is_too_good_to_be_true() -> None:
    bounds = {name: horizon.too_good_ic for name, horizon in load_horizons().items()}
    assert bounds == {"1m": 0.10, "1h": 0.10, "1d": 0.25, "7d": 0.45, "30d": 0.60}


@pytest.mark.parametrize("bound", [0.0, -0.1, 1.01, float("nan"), None])
def test_a_bound_that_is_no_correlation_above_zero_is_refused(bound: float | None) -> None:
    fields = load_horizons()["1d"].model_dump()
    with pytest.raises(ValidationError):
        Horizon.model_validate({**fields, "too_good_ic": bound})


def test_a_horizon_without_the_bound_is_refused() -> None:
    fields = load_horizons()["1d"].model_dump(exclude={"too_good_ic"})
    with pytest.raises(ValidationError):
        Horizon.model_validate(fields)
