import pytest

from forecasting.adapters.model_settings.consequences import consequences_of
from forecasting.adapters.model_settings.overriding import overridden
from forecasting.horizons import load_horizons


@pytest.fixture
def told(horizons_file):
    """Consequences of changes of 1h, by kind."""

    def tell(default_policy="strict", was=None, **fields):
        own = overridden(load_horizons(horizons_file)["1h"], was or {})
        after = overridden(load_horizons(horizons_file)["1h"], {**(was or {}), **fields})
        found = consequences_of({"1h": own}, {"1h": after}, default_policy)
        return {each.kind: each.text for each in found}

    return tell


def test_no_change_has_no_consequence(told):
    assert told() == {}


def test_a_threshold_is_another_question_and_another_recipe(told):
    found = told(threshold=0.001)
    assert list(found) == ["question", "recipe"]
    assert "return above 0.001, not 0" in found["question"]
    assert "what serves serves on" not in found["recipe"]


@pytest.mark.parametrize("fields", [{"train_window_days": 90}, {"members": ["naive", "rf"]}])
def test_a_window_and_members_are_another_recipe_with_its_own_licence(told, fields):
    found = told(**fields)
    assert list(found) == ["recipe"]
    assert "a licence of its own, which is charged" in found["recipe"]
    assert "what serves serves on" in found["recipe"]


def test_under_a_classic_policy_another_recipe_is_asked_for_no_licence(told):
    assert "one backtest" in told("classic", train_window_days=90)["recipe"]


def test_a_cadence_is_a_schedule_and_another_recipe(told):
    found = told(retrain_cron="0 5 * * *")
    assert list(found) == ["schedule", "recipe"]
    assert '"0 5 * * *" UTC from its next run on, no longer at "30 3 * * *"' in found["schedule"]


def test_a_classic_policy_promotes_what_is_unproven(told):
    found = told(gate_policy="classic")
    assert list(found) == ["unproven"]
    assert "marked unproven" in found["unproven"]


def test_a_strict_policy_asks_for_a_licence(told):
    assert list(told(was={"gate_policy": "classic"}, gate_policy="strict")) == ["licence"]


def test_a_policy_that_was_in_force_already_has_no_consequence(told):
    assert told("classic", gate_policy="classic") == {}
