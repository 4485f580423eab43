import pytest

from forecasting.coherence.pairs import find_steps, step_horizons
from forecasting.errors import InvalidSettings
from forecasting.horizons import load_horizons

HORIZONS = load_horizons()


@pytest.mark.parametrize(
    ("coarse", "steps"),
    [("1m", ()), ("1h", ("1m",)), ("1d", ("1m", "1h")), ("7d", ("1h", "1d")), ("30d", ("1h", "1d"))],
)
def test_steps_divide_the_horizon_into_a_number_that_can_be_shown(coarse, steps):
    assert step_horizons(HORIZONS[coarse], HORIZONS) == steps


def test_the_horizon_of_the_steps_is_found():
    assert find_steps(HORIZONS["1d"], "1h", HORIZONS) is HORIZONS["1h"]


@pytest.mark.parametrize("steps", ["1d", "7d", "2h", ""])
def test_a_pair_without_sense_names_those_with_sense(steps):
    with pytest.raises(InvalidSettings, match="do not divide 1d") as refused:
        find_steps(HORIZONS["1d"], steps, HORIZONS)
    assert "1h in 1m, 1d in 1m or 1h, 7d in 1h or 1d, 30d in 1h or 1d" in str(refused.value)


def test_without_any_pair_it_says_so():
    only = {"1d": HORIZONS["1d"]}
    with pytest.raises(InvalidSettings, match="no pair, for no horizon here divides another"):
        find_steps(only["1d"], "1h", only)
