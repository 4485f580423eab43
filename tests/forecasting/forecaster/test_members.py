from __future__ import annotations

import pytest

from forecasting.errors import InvalidSettings
from forecasting.forecaster.members import ALGORITHMS, new_members
from forecasting.horizons import MEMBERS
from tests.forecasting.rows import hourly_horizon, hourly_spec

SPEC = hourly_spec()


def names(members: tuple[str, ...], algorithms: tuple[str, ...]) -> list[str]:
    horizon = hourly_horizon().model_copy(update={"members": members})
    return [member.name for member in new_members(horizon, SPEC, algorithms, 7)]


def test_members_without_settings_of_their_own_are_those_of_old() -> None:
    made = [member.name for member in new_members(hourly_horizon(), SPEC, ("lgbm", "rf"), 7)]
    assert made == ["naive", "persistence", "ewma", "lgbm", "rf"]


def test_every_member_that_settings_may_name_is_made_under_its_name() -> None:
    assert names(MEMBERS, tuple(ALGORITHMS)) == [
        *(name for name in MEMBERS if name not in ALGORITHMS),
        *ALGORITHMS,
    ]


def test_members_stand_in_the_order_of_the_settings_before_the_algorithms() -> None:
    assert names(("naive", "ar1", "rf", "drift"), ("rf",)) == ["naive", "ar1", "drift", "rf"]


def test_algorithm_that_is_no_member_is_refused() -> None:
    with pytest.raises(InvalidSettings, match="1h: lgbm is not among its members naive, rf"):
        names(("naive", "rf"), ("lgbm",))


def test_settings_reach_the_member() -> None:
    horizon = hourly_horizon().model_copy(
        update={"member_settings": {"rf": {"trees": 3, "random_state": 42}}}
    )
    forest = new_members(horizon, SPEC, ("rf",), 7)[-1]
    assert (vars(forest)["trees"], vars(forest)["random_state"]) == (3, 42)


@pytest.mark.parametrize(
    ("name", "setting", "message"),
    [
        (
            "rf",
            "depth",
            "1h, member_settings of rf: depth cannot be set, only feature_share, least_leaf_rows, left_out",
        ),
        ("ewma", "column", "column cannot be set, only nothing"),
    ],
)
def test_setting_that_a_member_does_not_have_is_refused(name: str, setting: str, message: str) -> None:
    horizon = hourly_horizon().model_copy(update={"member_settings": {name: {setting: 3}}})
    with pytest.raises(InvalidSettings, match=message):
        new_members(horizon, SPEC, ("lgbm", "rf"), 7)
