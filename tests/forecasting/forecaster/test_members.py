from __future__ import annotations

from pathlib import Path

import pytest

from forecasting.errors import InvalidSettings
from forecasting.forecaster.bundle import read_bundle, write_bundle
from forecasting.forecaster.forecaster import Forecaster
from forecasting.forecaster.members import ALGORITHMS, algorithms_of, new_members
from forecasting.horizons import MEMBERS, Horizon
from tests.forecasting.rows import hourly_horizon, hourly_spec, made_up_rows

SPEC = hourly_spec()


def names(members: tuple[str, ...], algorithms: tuple[str, ...]) -> list[str]:
    horizon = hourly_horizon().model_copy(update={"members": members})
    return [member.name for member in new_members(horizon, SPEC, algorithms, 7)]


def test_members_without_settings_of_their_own_are_those_of_old() -> None:
    made = [member.name for member in new_members(hourly_horizon(), SPEC, ("lgbm", "rf"), 7)]
    assert made == ["naive", "persistence", "ewma", "lgbm", "rf"]


def test_every_member_that_settings_may_name_is_made_under_its_name() -> None:
    made = names(MEMBERS, tuple(ALGORITHMS))
    assert sorted(made) == sorted(MEMBERS)


def test_a_choice_of_algorithm_leaves_out_all_trees_of_the_other() -> None:
    members = ("naive", "lgbm_up", "rf_up", "ridge", "lgbm")
    assert names(members, ("lgbm",)) == ["naive", "ridge", "lgbm_up", "lgbm"]
    assert names(members, ("rf",)) == ["naive", "ridge", "rf_up"]
    assert names(members, ()) == ["naive", "ridge"]


def test_algorithms_of_members_are_those_with_a_tree_among_them() -> None:
    assert algorithms_of(("naive", "rf_up")) == ("rf",)
    assert algorithms_of(MEMBERS) == tuple(ALGORITHMS)


def test_members_stand_in_the_order_of_the_settings_before_the_algorithms() -> None:
    assert names(("naive", "ar1", "rf", "drift"), ("rf",)) == ["naive", "ar1", "drift", "rf"]


def test_algorithm_that_is_no_member_is_refused() -> None:
    with pytest.raises(InvalidSettings, match="1h: lgbm is none of its members naive, rf"):
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


@pytest.mark.parametrize(
    ("name", "setting", "value", "message"),
    [
        ("rf", "trees", 0, "1h, member_settings of rf: trees 0 cannot be used: more than 0 is needed"),
        ("rf", "trees", 1.5, "trees 1.5: Input should be a valid integer"),
        ("rf", "trees", True, "trees True: Input should be a valid integer"),
        ("rf", "trees", "many", "trees 'many': Input should be a valid integer"),
        ("rf", "trees", None, "trees None: Input should be a valid integer"),
        ("rf", "row_share", 1.5, "row_share 1.5 cannot be used: more than 0 and at most 1 is needed"),
        ("rf", "left_out", "return_9h", "left_out 'return_9h' is no feature: one of n_points_30h"),
        ("lgbm", "learning_rate", float("inf"), "learning_rate inf cannot be used"),
        ("lgbm", "uniqueness", 1, "uniqueness 1: Input should be a valid boolean"),
        ("lgbm", "volatility_scaled", "yes", "volatility_scaled 'yes': Input should be a valid boolean"),
    ],
)
def test_value_that_a_member_cannot_take_is_refused(name: str, setting: str, value, message: str) -> None:
    horizon = hourly_horizon().model_copy(update={"member_settings": {name: {setting: value}}})
    with pytest.raises(InvalidSettings, match=message):
        new_members(horizon, SPEC, ("lgbm", "rf"), 7)


@pytest.mark.parametrize(
    ("name", "setting", "value"),
    [
        ("lgbm", "patience", None),
        ("rf", "row_share", 1.0),
        ("rf", "random_state", 0),
        ("rf", "left_out", None),
    ],
)
def test_value_at_the_edge_is_taken(name: str, setting: str, value) -> None:
    horizon = hourly_horizon().model_copy(update={"member_settings": {name: {setting: value}}})
    made = {member.name: member for member in new_members(horizon, SPEC, ("lgbm", "rf"), 7)}
    assert vars(made[name])[setting] == value


def test_share_of_one_is_no_count_of_one() -> None:
    horizon = hourly_horizon().model_copy(update={"member_settings": {"rf": {"row_share": 1}}})
    share = vars(new_members(horizon, SPEC, ("rf",), 7)[-1])["row_share"]
    assert isinstance(share, float)


@pytest.mark.parametrize("calibration", ["platt", "isotonic", "venn_abers"])
def test_bundle_of_every_member_reads_back_to_the_same_bits(calibration: str, tmp_path: Path) -> None:
    settings = {name: {"max_rounds": 20} for name in ("lgbm", "lgbm_huber", "lgbm_quantile")}
    settings |= {"rf": {"trees": 5}, "ridge": {"volatility_scaled": True, "uniqueness": True}}
    settings |= {"arima": {"most_terms": 1, "most_bars": 200}}
    horizon = Horizon.model_validate(
        {
            **hourly_horizon().model_dump(),
            "members": MEMBERS,
            "member_settings": settings,
            "calibration": calibration,
        }
    )
    rows = made_up_rows(500, signal=0.5, seed=41)
    forecaster = Forecaster(horizon, SPEC).fit(rows)
    write_bundle(forecaster, rows, tmp_path / "bundle")
    again = read_bundle(tmp_path / "bundle").forecaster
    assert again.horizon == horizon
    for field in ("pred_return", "p_up", "conf", "member_returns"):
        expected = getattr(forecaster.predict(rows.X), field)
        assert getattr(again.predict(rows.X), field).tobytes() == expected.tobytes()
