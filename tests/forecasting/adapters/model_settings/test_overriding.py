import pytest

from forecasting.adapters.model_settings.overriding import (
    CHANGEABLE,
    horizons_in_force,
    overridden,
    plain_fields,
    with_overrides,
)
from forecasting.errors import InvalidSettings
from forecasting.features.specification import feature_spec
from forecasting.forecaster.forecaster import Forecaster
from forecasting.forecaster.members import algorithms_of
from forecasting.horizons import Horizon, load_horizons
from forecasting.licence.recipe import recipe_hash

CHANGES = {
    "train_window_days": 90,
    "retrain_cron": "0 5 * * *",
    "threshold": 0.001,
    "members": ["naive", "rf"],
    "gate_policy": "classic",
}


def recipe(horizon):
    return recipe_hash(
        Forecaster(horizon, feature_spec(horizon, ("AAA/USDT",)), algorithms_of(horizon.members), 7)
    )


def test_where_nothing_is_stored_the_horizons_are_those_of_the_file(store):
    assert horizons_in_force(store, None) == load_horizons()


@pytest.mark.parametrize("name", load_horizons())
def test_where_nothing_is_stored_documents_and_recipes_are_the_files_to_the_bit(store, name):
    own, found = load_horizons()[name], horizons_in_force(store, None)[name]
    assert found.model_dump_json() == own.model_dump_json()
    assert recipe(found) == recipe(own)


@pytest.mark.parametrize("field", CHANGEABLE)
def test_a_stored_setting_holds_and_the_others_stay(store, change, horizons_file, field):
    change("1h", **{field: CHANGES[field]})
    own, found = load_horizons(horizons_file)["1h"], horizons_in_force(store, horizons_file)["1h"]
    value = getattr(found, field)
    assert (list(value) if field == "members" else value) == CHANGES[field]
    rest = set(Horizon.model_fields) - {field, "member_settings"}
    assert {each: getattr(found, each) for each in rest} == {each: getattr(own, each) for each in rest}


def test_settings_of_members_that_stay_stay_with_them(store, change, horizons_file):
    change("1h", members=["naive", "rf", "ridge"])
    found = horizons_in_force(store, horizons_file)["1h"]
    assert (found.members, dict(found.member_settings)) == (("naive", "rf", "ridge"), {"rf": {"trees": 60}})


def test_a_policy_of_a_horizon_is_no_part_of_its_document_or_recipe(horizons_file):
    own = load_horizons(horizons_file)["1h"]
    found = overridden(own, {"gate_policy": "classic"})
    assert found.gate_policy == "classic"
    assert found.model_dump() == own.model_dump()
    assert recipe(found.beside(horizons_file.parent).model_copy(update={"own_features": None})) == recipe(
        own.model_copy(update={"own_features": None})
    )


def test_a_horizon_without_stored_settings_is_the_very_same(horizons_file):
    own = load_horizons(horizons_file)["1h"]
    assert overridden(own, {}) is own


def test_the_path_of_own_features_stays(horizons_file):
    own = load_horizons(horizons_file)["1h"]
    assert overridden(own, {"threshold": 0.01}).own_features == horizons_file.parent / "mine.py"


@pytest.mark.parametrize("field", ["look_ahead_minutes", "base_interval", "own_features", "name", "nonsense"])
def test_what_would_make_another_horizon_cannot_be_changed(horizons_file, field):
    own = load_horizons(horizons_file)["1h"]
    with pytest.raises(InvalidSettings, match=f"{field} cannot be changed while all runs"):
        overridden(own, {field: 1})


@pytest.mark.parametrize(
    ("field", "value"),
    [
        *(("train_window_days", each) for each in (0, -1, 36_501, 10**30, "many", None, [])),
        *(("threshold", each) for each in (1, float("nan"), float("inf"), "x")),
        *(("retrain_cron", each) for each in ("daily", 5, "0 3 30 2 *")),
        *(("members", each) for each in (["lgbm"], [], "naive", ["naive", "naive"], ["naive", "gpt"], 5)),
        *(("gate_policy", each) for each in ("loose", 1)),
    ],
)
def test_a_value_that_the_horizons_file_could_not_have_is_refused(horizons_file, field, value):
    with pytest.raises(InvalidSettings, match="horizon 1h"):
        overridden(load_horizons(horizons_file)["1h"], {field: value}, "here")


def test_values_are_kept_as_the_horizon_reads_them(horizons_file):
    own = load_horizons(horizons_file)["1h"]
    given = {"train_window_days": "90", "threshold": 0, "members": ("naive", "rf")}
    assert plain_fields(own, given) == {"train_window_days": 90, "threshold": 0.0, "members": ["naive", "rf"]}


def test_stored_settings_of_a_horizon_that_the_file_lost_are_not_used_and_told(horizons_file, caplog):
    own = load_horizons(horizons_file)
    assert with_overrides(own, {"9d": {"threshold": 0.1}}) == own
    assert "9d are not used" in caplog.text


def test_a_stored_setting_that_the_file_left_behind_says_how_to_undo_it(horizons_file):
    with pytest.raises(InvalidSettings, match="foretick settings undo"):
        with_overrides(load_horizons(horizons_file), {"1h": {"members": ["naive", "gone"]}})
