import pytest
from pydantic import ValidationError

from forecasting.errors import InvalidSettings, UnknownHorizon
from forecasting.horizons import DEFAULT_MEMBERS, Horizon, find_horizon, load_horizons
from forecasting.types import DAY_MS, HOUR_MS, MINUTE_MS

HOURLY = """
horizons:
  4h:
    look_ahead_minutes: 240
    base_interval: 4h
    train_window_days: 100
    retrain_cron: "0 4 * * 1"
    accuracy_margin: 0.01
    too_good_ic: 0.1
  1h:
    look_ahead_minutes: 60
    base_interval: 15m
    train_window_days: 30
    retrain_cron: "0 3 * * *"
    accuracy_margin: 0.01
    too_good_ic: 0.1
    longer_periods: [96, 48, 4]
"""


@pytest.fixture
def file_of(tmp_path):
    def write(text):
        path = tmp_path / "horizons.yaml"
        path.write_text(text)
        return path

    return write


def fields(**changes):
    base = {
        "name": "1d",
        "look_ahead_minutes": 1440,
        "base_interval": "1d",
        "train_window_days": 10,
        "retrain_cron": "0 4 * * 1",
        "accuracy_margin": 0.02,
        "too_good_ic": 0.25,
    }
    return base | changes


def test_the_default_horizons_come_with_the_package_shortest_first():
    assert list(load_horizons()) == ["1m", "1h", "1d", "7d", "30d"]


@pytest.mark.parametrize(
    ("name", "ahead_ms", "bars"),
    [
        ("1m", MINUTE_MS, 1),
        ("1h", HOUR_MS, 1),
        ("1d", DAY_MS, 1),
        ("7d", 7 * DAY_MS, 7),
        ("30d", 30 * DAY_MS, 30),
    ],
)
def test_a_default_horizon_looks_as_far_ahead_as_its_name_says(name, ahead_ms, bars):
    horizon = load_horizons()[name]
    assert (horizon.look_ahead_ms, horizon.look_ahead_bars) == (ahead_ms, bars)


def test_derived_lengths_are_in_milliseconds():
    horizon = Horizon(**fields())
    assert horizon.base_interval_ms == DAY_MS
    assert horizon.train_window_ms == 10 * DAY_MS


def test_the_registered_model_carries_the_horizon_in_its_name():
    assert Horizon(**fields()).model_name == "forecast-1d"


def test_longer_look_backs_follow_the_base_ones_in_order():
    assert Horizon(**fields(longer_periods=[90, 60])).periods == (1, 3, 7, 14, 30, 60, 90)


def test_naive_alone_looks_ahead_over_any_number_of_candles():
    assert Horizon(**fields(look_ahead_minutes=2880, members=["naive"])).look_ahead_bars == 2


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"look_ahead_minutes": 100}, "look_ahead_minutes 100 is not a whole number of 1d candles"),
        ({"look_ahead_minutes": 2880}, "look-ahead is 2 candles of 1d, but persistence needs it among"),
        ({"base_interval": "9h"}, "interval '9h' is unknown"),
        ({"longer_periods": [30]}, "greater than 30"),
        ({"look_ahead_minutes": 0}, "greater than 0"),
        ({"accuracy_margin": 0.5}, "less than 0.5"),
        ({"threshold": 1}, "less than 1"),
        ({"too_good_ic": 0}, "greater than 0"),
        ({"retrain_cron": "each night"}, "no schedule: five plain cron fields"),
        ({"train_window_days": 36_501}, "less than or equal to 36500"),
        ({"name": "one day"}, "should match pattern"),
        ({"colour": "red"}, "Extra inputs are not permitted"),
    ],
)
def test_settings_that_cannot_work_are_refused(changes, message):
    with pytest.raises(ValidationError, match=message):
        Horizon(**fields(**changes))


def test_a_horizon_cannot_be_changed():
    with pytest.raises(ValidationError, match="frozen"):
        Horizon(**fields()).threshold = 0.1


def test_a_file_gives_its_horizons_shortest_first(file_of):
    text = HOURLY.replace("[96, 48, 4]", "[96, 48]").replace("15m", "1h")
    assert list(load_horizons(file_of(text))) == ["1h", "4h"]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("horizons: [", "is not YAML: while parsing"),
        ("", "has no 'horizons:' mapping"),
        ("horizons: {}", "has no 'horizons:' mapping"),
        ("horizons: 3", "has no 'horizons:' mapping"),
        ("- 1d", "has no 'horizons:' mapping"),
        ("horizons: {1d: }", "horizon 1d has no settings"),
        ("horizons: {1d: {}}", "horizon 1d, look_ahead_minutes: Field required"),
        (HOURLY, r"horizon 1h, longer_periods\.2: Input should be greater than 30"),
        (
            HOURLY.replace("base_interval: 4h", "base_interval: 1m"),
            "horizon 4h, settings: .*persistence needs it",
        ),
    ],
)
def test_a_file_that_cannot_be_used_is_refused_in_one_line(file_of, text, message):
    path = file_of(text)
    with pytest.raises(InvalidSettings, match=message) as failure:
        load_horizons(path)
    assert str(path) in str(failure.value)
    assert "\n" not in str(failure.value)


def test_a_missing_file_is_named_with_what_to_do(tmp_path):
    with pytest.raises(InvalidSettings, match=r"cannot be read \(No such file.*\): name a horizons file"):
        load_horizons(tmp_path / "none.yaml")


def test_a_horizon_is_found_by_name():
    horizons = load_horizons()
    assert find_horizon(horizons, "7d") is horizons["7d"]


def test_an_unknown_horizon_is_refused_with_those_that_exist():
    with pytest.raises(UnknownHorizon, match="horizon '2d' is unknown: one of 1m, 1h, 1d, 7d, 30d is needed"):
        find_horizon(load_horizons(), "2d")


def test_the_default_horizons_are_made_of_the_base_set():
    assert {horizon.feature_sets for horizon in load_horizons().values()} == {("base",)}


def test_a_document_says_nothing_of_sets_that_are_as_ever():
    horizon = Horizon(**fields())
    assert not {"feature_sets", "own_features"} & set(horizon.model_dump(mode="json"))
    wide = Horizon(**fields(feature_sets=["base", "higher"]))
    assert Horizon.model_validate(wide.model_dump(mode="json")).feature_sets == ("base", "higher")


@pytest.mark.parametrize("sets", [[], ["higher"], ["higher", "base"], ["base", "base"], ["base", "all"]])
def test_sets_that_are_unknown_or_out_of_order_are_refused(sets):
    with pytest.raises(ValidationError, match="base is needed, then any of extended, higher"):
        Horizon(**fields(feature_sets=sets))


def test_own_features_lie_beside_the_file_and_in_no_document(file_of):
    text = HOURLY.replace("[96, 48, 4]", "[96, 48]").replace("15m", "1h")
    text = text.replace("interval: 4h", "interval: 4h\n    own_features: mine.py")
    path = file_of(text)
    horizons = load_horizons(path)
    assert horizons["4h"].own_features == path.parent / "mine.py"
    assert horizons["4h"].with_window(3).own_features == path.parent / "mine.py"
    assert horizons["1h"].own_features is None
    assert "own_features" not in horizons["4h"].model_dump(mode="json")


def test_each_horizon_has_the_members_that_development_rows_chose() -> None:
    chosen = {name: horizon.members for name, horizon in load_horizons().items()}
    directions = ("naive", "lgbm_up", "rf_up")
    assert chosen == {
        "1m": directions,
        "1h": (*directions, "lgbm_huber"),
        "1d": directions,
        "7d": directions,
        "30d": DEFAULT_MEMBERS,
    }


def test_a_horizon_that_names_no_members_has_the_five_of_old() -> None:
    assert Horizon(**fields()).members == DEFAULT_MEMBERS == ("naive", "persistence", "ewma", "lgbm", "rf")


def test_a_document_says_nothing_of_members_that_are_as_ever():
    assert not {"members", "member_settings"} & set(Horizon(**fields()).model_dump(mode="json"))
    changed = Horizon(**fields(members=["naive", "rf"], member_settings={"rf": {"trees": 300}}))
    assert Horizon.model_validate(changed.model_dump(mode="json")) == changed


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"members": ["naive", "lstm"]}, "member 'lstm' is unknown: any of naive, persistence"),
        ({"members": ["rf", "naive"]}, "members rf, naive: naive is needed first"),
        ({"members": []}, "naive is needed first"),
        ({"members": ["naive", "rf", "rf"]}, "each once"),
        ({"member_settings": {"lstm": {}}}, "member 'lstm' is unknown"),
        (
            {"members": ["naive"], "member_settings": {"rf": {}}},
            "given for rf, but members has no such entry",
        ),
    ],
)
def test_members_that_cannot_be_used_are_refused(changes, message):
    with pytest.raises(ValidationError, match=message):
        Horizon(**fields(**changes))


def test_calibration_is_platts_unless_another_is_named():
    assert Horizon(**fields()).calibration == "platt"
    assert "calibration" not in Horizon(**fields()).model_dump(mode="json")
    assert Horizon(**fields(calibration="isotonic")).model_dump(mode="json")["calibration"] == "isotonic"
    with pytest.raises(ValidationError, match="'platt', 'isotonic' or 'venn_abers'"):
        Horizon(**fields(calibration="guess"))


def test_nothing_is_searched_unless_trials_are_asked_for():
    assert Horizon(**fields()).search_trials == 0
    assert "search_trials" not in Horizon(**fields()).model_dump(mode="json")
    asked = Horizon(**fields()).with_search(20)
    assert Horizon.model_validate(asked.model_dump(mode="json")).search_trials == 20
    assert asked.with_search(None) is asked
    assert asked.with_search(0).search_trials == 0


@pytest.mark.parametrize("trials", [-1, 1_001])
def test_a_number_of_trials_that_makes_no_sense_is_refused(trials):
    with pytest.raises(InvalidSettings, match="0 to 1000 are possible"):
        Horizon(**fields()).with_search(trials)
    with pytest.raises(ValidationError, match="search_trials"):
        Horizon(**fields(search_trials=trials))


def test_members_are_weighed_by_their_errors_where_nothing_is_said() -> None:
    horizon = load_horizons()["1h"]
    assert horizon.ensemble == "inverse_rmse"
    assert "ensemble" not in horizon.model_dump(mode="json")
    stacked = Horizon.model_validate({**horizon.model_dump(), "ensemble": "stacking"})
    assert stacked.model_dump(mode="json")["ensemble"] == "stacking"
    with pytest.raises(ValidationError, match="inverse_rmse"):
        Horizon.model_validate({**horizon.model_dump(), "ensemble": "median"})


def test_weights_of_each_regime_are_tried_where_nothing_is_said() -> None:
    horizon = load_horizons()["1h"]
    assert horizon.regime_weights == "auto"
    assert "regime_weights" not in horizon.model_dump(mode="json")


def test_a_policy_of_its_own_is_read_and_is_no_part_of_the_horizons_document():
    own, classic = Horizon(**fields()), Horizon(**fields(gate_policy="classic"))
    assert (own.gate_policy, classic.gate_policy) == (None, "classic")
    assert classic.model_dump_json() == own.model_dump_json()
