import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from forecasting.adapters.model_settings.changing import carry_out, propose, propose_fields, propose_undo
from forecasting.adapters.model_settings.overriding import horizons_in_force
from forecasting.adapters.store.settings_book import SettingsBook
from forecasting.errors import InvalidSettings, NewMeaning, SettingsMoved, UnknownHorizon

FIELDS = st.fixed_dictionaries(
    {},
    optional={
        "train_window_days": st.none() | st.integers(1, 99),
        "threshold": st.none() | st.sampled_from([0.0, 0.1]),
        "members": st.none() | st.sampled_from([["naive", "lgbm"], ["naive"]]),
    },
)
STEPS = st.lists(st.tuples(st.sampled_from(["1h", "1d"]), FIELDS) | st.integers(0, 3), max_size=6)


def test_a_proposal_writes_nothing(store, rules):
    propose(store, rules, {"1h": {"threshold": 0.1}})
    assert SettingsBook(store).current().version == 0


def test_settings_of_other_horizons_stay(store, rules, change):
    change("1h", train_window_days=5)
    change("1d", train_window_days=6)
    assert SettingsBook(store).current().overrides == {
        "1d": {"train_window_days": 6},
        "1h": {"train_window_days": 5},
    }


def test_none_gives_a_setting_back_to_the_file(store, rules, change):
    change("1h", train_window_days=5, threshold=0.1)
    change("1h", train_window_days=None, threshold=None)
    assert SettingsBook(store).current().overrides == {}


def test_a_change_that_changes_nothing_is_no_version(store, change):
    change("1h", train_window_days=5)
    assert change("1h", train_window_days="5").version == 1


def test_undo_is_a_version_of_its_own_and_twice_leads_back(store, rules, change):
    change("1h", train_window_days=5)
    change("1h", train_window_days=6)
    states = []
    for _ in range(2):
        carry_out(store, propose_undo(store, rules), "ada", "worse", 1_000)
        states.append(SettingsBook(store).current())
    assert [(each.version, each.overrides["1h"]["train_window_days"]) for each in states] == [(3, 5), (4, 6)]


def test_undo_to_version_0_gives_all_back_to_the_file(store, rules, change):
    change("1h", train_window_days=5)
    change("1d", threshold=0.1)
    carry_out(store, propose_undo(store, rules, 0), "ada", "start anew", 1_000, accept_new_meaning=True)
    assert SettingsBook(store).current().overrides == {}


def test_where_nothing_was_changed_there_is_nothing_to_undo(store, rules):
    with pytest.raises(InvalidSettings, match="nothing to undo"):
        propose_undo(store, rules)


def test_a_proposal_on_a_version_that_is_not_the_newest_is_refused(store, rules, change):
    change("1h", train_window_days=5)
    with pytest.raises(SettingsMoved, match="at version 1, the change was made on version 0"):
        propose(store, rules, {}, expected_version=0)


def test_a_proposal_that_another_overtook_is_refused(store, rules, change):
    proposal = propose_fields(store, rules, "1h", {"train_window_days": 9})
    change("1h", train_window_days=5)
    with pytest.raises(SettingsMoved):
        carry_out(store, proposal, "bob", "late", 1_001)


def test_a_new_meaning_must_be_accepted(store, rules):
    proposal = propose_fields(store, rules, "1h", {"threshold": 0.1})
    with pytest.raises(NewMeaning, match="naive answers until"):
        carry_out(store, proposal, "ada", "moves only", 1_000)
    assert SettingsBook(store).current().version == 0
    assert carry_out(store, proposal, "ada", "moves only", 1_000, accept_new_meaning=True).version == 1


@pytest.mark.parametrize("why", ["", "  \n"])
def test_a_change_without_a_reason_is_refused(store, rules, why):
    with pytest.raises(InvalidSettings, match="no reason"):
        carry_out(store, propose(store, rules, {"1h": {"train_window_days": 9}}), "ada", why, 1_000)


def test_a_horizon_that_the_file_does_not_name_is_refused(store, rules):
    with pytest.raises(UnknownHorizon, match="one of 1h, 1d"):
        propose_fields(store, rules, "9d", {"threshold": 0.1})
    with pytest.raises(UnknownHorizon):
        propose(store, rules, {"9d": {"threshold": 0.1}})


def test_what_the_file_left_behind_does_not_keep_others_from_a_change(store, rules, change, horizons_file):
    change("1h", members=["naive", "rf"])
    change("1d", train_window_days=9)
    text = horizons_file.read_text()
    horizons_file.write_text(text[: text.index("  1d:")])
    change("1h", train_window_days=7)
    assert SettingsBook(store).current().overrides["1d"] == {"train_window_days": 9}
    assert horizons_in_force(store, horizons_file)["1h"].train_window_days == 7


def test_undo_brings_back_what_was_stored_of_a_horizon_that_the_file_lost_since(
    store, rules, change, horizons_file
):
    change("1d", train_window_days=9)
    carry_out(store, propose_undo(store, rules), "ada", "x", 1_000)
    text = horizons_file.read_text()
    horizons_file.write_text(text[: text.index("  1d:")])
    found = carry_out(store, propose_undo(store, rules), "ada", "x", 1_000)
    assert found.overrides == {"1d": {"train_window_days": 9}}


def test_a_broken_setting_can_be_given_back_to_the_file(store, rules, change, horizons_file):
    change("1h", threshold=0.1)
    SettingsBook(store).write({"1h": {"members": ["naive", "gone"]}}, 1, "an older version", "x", 1_000)
    with pytest.raises(InvalidSettings):
        horizons_in_force(store, horizons_file)
    change("1h", members=None)
    assert horizons_in_force(store, horizons_file)["1h"].members == ("naive", "lgbm", "rf")


@given(steps=STEPS)
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_sequence_of_changes_and_undos_replays_to_what_is_in_force(store, rules, steps):
    book = SettingsBook(store)
    expected = {book.current().version: book.current().overrides}
    for step in steps:
        before = book.current()
        if isinstance(step, int):
            target = max(0, before.version - step)
            if before.version == 0:
                continue
            proposal, wanted = propose_undo(store, rules, target), book.version(target).overrides
        else:
            proposal = propose_fields(store, rules, *step)
            wanted = _merged(before.overrides, *step)
        found = carry_out(store, proposal, "ada", "x", 1_000, accept_new_meaning=True)
        assert found.overrides == wanted == book.current().overrides
        expected[found.version] = wanted
    assert {number: book.version(number).overrides for number in expected} == expected


def _merged(overrides, horizon, fields):
    merged = {
        key: value for key, value in {**overrides.get(horizon, {}), **fields}.items() if value is not None
    }
    return {
        **{key: each for key, each in overrides.items() if key != horizon},
        **({horizon: merged} if merged else {}),
    }
