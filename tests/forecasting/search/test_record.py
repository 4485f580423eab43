"""The record of a search: to JSON and back, and into the settings of a horizon."""

from __future__ import annotations

import json

from forecasting.documents import canonical_json
from forecasting.search import NO_SEARCH, Choice, Search, Trial

FOUND = Search(
    (
        Trial("rf", 0, {}, 2e-4, (1e-4, 3e-4)),
        Trial("rf", 1, {"max_depth": 3, "volatility_scaled": True}, 1e-4, (1e-4, 1e-4)),
        Trial("ridge", 0, {}, None, (), "it broke"),
    ),
    (
        Choice("rf", {"max_depth": 3, "volatility_scaled": True}, "rf: taken"),
        Choice("ridge", {}, "ridge: stay"),
    ),
)


def test_a_search_survives_json() -> None:
    assert Search.from_document(json.loads(canonical_json(FOUND.to_document()))) == FOUND


def test_a_trial_without_a_loss_has_failed() -> None:
    assert [trial.state for trial in FOUND.trials] == ["finished", "finished", "failed"]


def test_only_members_whose_defaults_go_have_settings() -> None:
    assert FOUND.settings == {"rf": {"max_depth": 3, "volatility_scaled": True}}


def test_what_was_found_stands_beside_what_was_given() -> None:
    given = {"rf": {"trees": 20}, "ridge": {"penalty": 0.1}}
    assert FOUND.with_found(given) == {
        "rf": {"trees": 20, "max_depth": 3, "volatility_scaled": True},
        "ridge": {"penalty": 0.1},
    }


def test_no_search_leaves_the_settings_as_they_are() -> None:
    given = {"rf": {"trees": 20}}
    assert NO_SEARCH.with_found(given) is given


def test_trials_are_found_by_member() -> None:
    assert [trial.number for trial in FOUND.trials_of("rf")] == [0, 1]
