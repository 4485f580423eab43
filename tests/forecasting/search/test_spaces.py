"""Search spaces hold only what the horizons file may set."""

from __future__ import annotations

import pytest
from optuna import create_study
from optuna.samplers import RandomSampler

from forecasting.forecaster.members import new_member
from forecasting.horizons import MEMBERS
from forecasting.search.spaces import search_space
from tests.forecasting.rows import hourly_horizon, hourly_spec

SEARCHED = [name for name in MEMBERS if search_space(name, overlapping=True, decided=())]


def test_trees_and_ridge_are_searched_and_baselines_are_not() -> None:
    assert set(SEARCHED) == {name for name in MEMBERS if name.startswith(("lgbm", "rf", "ridge"))}


@pytest.mark.parametrize("member", SEARCHED)
def test_all_that_may_be_tried_may_be_written_into_a_horizons_file(member: str) -> None:
    study = create_study(sampler=RandomSampler(seed=1))
    for _ in range(10):
        settings = study.ask(search_space(member, overlapping=True, decided=())).params
        horizon = hourly_horizon().model_copy(update={"member_settings": {member: settings}})
        new_member(member, horizon, hourly_spec(), 7)


def test_uniqueness_is_a_question_only_where_labels_overlap() -> None:
    assert "uniqueness" in search_space("rf", overlapping=True, decided=())
    assert "uniqueness" not in search_space("rf", overlapping=False, decided=())
    assert not search_space("rf_up", overlapping=False, decided=())


def test_what_is_decided_is_left_out() -> None:
    assert "max_depth" not in search_space("rf", overlapping=False, decided=("max_depth",))
