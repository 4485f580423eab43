"""A model that loses goes once, to what nothing speaks against, whoever is killed or runs at the same time."""

import pytest

from forecasting.adapters.demoting import DEMOTED, demote
from forecasting.adapters.promotion import verification
from forecasting.adapters.promotion.moves import newest_moves
from forecasting.adapters.promotion.pointer import read_pointer
from forecasting.adapters.store.alerts import AlertBook
from forecasting.adapters.watching import keep_watch, watch_model
from tests.forecasting.adapters.watching.conftest import HOURS, MODEL, NOW_MS, within_this_process
from tests.forecasting.rows import hourly_horizon


@pytest.fixture(autouse=True)
def sandbox_within(monkeypatch):
    """Load bundles as the sandbox does, in this process."""
    within_this_process(monkeypatch)


def run(workspace):
    """What the flow does for one model."""
    watch = watch_model(workspace, hourly_horizon(), NOW_MS)
    if watch is None or not keep_watch(workspace, watch):
        return None
    return demote(workspace, watch)


def serving(workspace):
    return read_pointer(workspace.store, MODEL).serving


def demotions(workspace):
    return [each for each in newest_moves(workspace.store, MODEL) if each.move.kind == "demote"]


@pytest.fixture
def second_serves(workspace, promote, passes):
    promote(1)
    run(workspace)
    promote(2)
    run(workspace)
    passes(HOURS)
    return workspace


def test_a_healthy_model_serves_on(second_serves):
    assert run(second_serves) is None
    assert serving(second_serves) == "2"


def test_a_flipped_one_gives_way_to_the_version_before_with_the_figures(second_serves, flipped, trained):
    flipped(trained.versions[1])
    assert run(second_serves).serving == "1"
    (entry,) = demotions(second_serves)
    assert (entry.move.via, entry.move.who) == ("monitor", "watch-production")
    assert "evidence of a loss of" in entry.move.reason
    (alert,) = AlertBook(second_serves.store).newest(kind=DEMOTED)
    assert (alert.facts["version"], alert.facts["serves instead"]) == ("2", "previous")


def test_where_the_version_before_loses_too_naive_serves(second_serves, flipped, trained):
    flipped(*trained.versions)
    assert run(second_serves).serving is None


def test_where_the_version_before_cannot_be_loaded_naive_serves(second_serves, flipped, trained, monkeypatch):
    from forecasting.errors import DamagedBundle

    flipped(trained.versions[1])

    def refuse(folder, digest):
        raise DamagedBundle("the golden rows differ")

    monkeypatch.setattr(verification, "try_bundle", refuse)
    moved = run(second_serves)
    assert moved.serving is None
    assert "the version before it cannot serve: the golden rows differ" in moved.move.reason


def test_of_two_runs_at_once_one_demotes(second_serves, flipped, trained):
    flipped(trained.versions[1])
    both = [watch_model(second_serves, hourly_horizon(), NOW_MS) for _ in range(2)]
    assert [keep_watch(second_serves, each) for each in both] == [True, False]
    # Even one that would act on what it saw moves nothing twice.
    assert [demote(second_serves, each) is not None for each in both] == [True, False]
    assert len(demotions(second_serves)) == 1
    assert serving(second_serves) == "1"


def test_a_run_that_was_killed_after_it_kept_the_evidence_is_finished_by_the_next(
    second_serves, flipped, trained
):
    flipped(trained.versions[1])
    assert keep_watch(second_serves, watch_model(second_serves, hourly_horizon(), NOW_MS))
    assert serving(second_serves) == "2"
    assert run(second_serves).serving == "1"
    assert len(AlertBook(second_serves.store).newest(kind=DEMOTED)) == 1


def test_after_the_move_nothing_more_is_demoted(second_serves, flipped, trained):
    flipped(trained.versions[1])
    run(second_serves)
    assert [run(second_serves), run(second_serves)] == [None, None]
    assert len(demotions(second_serves)) == 1


def test_a_version_that_a_person_put_there_meanwhile_is_not_demoted_for_another(
    second_serves, flipped, trained, promote
):
    flipped(trained.versions[1])
    watch = watch_model(second_serves, hourly_horizon(), NOW_MS)
    assert keep_watch(second_serves, watch)
    promote(1)
    assert demote(second_serves, watch) is None
    assert serving(second_serves) == "1"
