"""Searches on made-up rows: in noise, with something to find, and with rows that nobody may touch."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from forecasting.dataset import Dataset
from forecasting.errors import NotEnoughHistory
from forecasting.forecaster.members import new_member
from forecasting.member import Member
from forecasting.search import NO_SEARCH, Search, Settings, search
from forecasting.search.rows import SearchRows
from forecasting.search.searching import best_of
from forecasting.types import HOUR_MS
from tests.forecasting.rows import hourly_horizon, hourly_spec, made_up_rows

SPEC = hourly_spec()


def made(name: str, settings: Settings) -> Member:
    horizon = hourly_horizon()
    given = {**horizon.member_settings, name: settings} if settings else {}
    return new_member(name, horizon.model_copy(update={"member_settings": given}), SPEC, 7)


def searched(rows: Dataset, *names: str, trials: int = 6, seed: int = 7, decided=None, told=None) -> Search:
    return search(
        names or ("naive", "ridge"),
        made,
        rows,
        trials=trials,
        random_state=seed,
        decided=decided or {},
        on_progress=(told if told is not None else []).append,
    )


def cut_of(rows: Dataset) -> SearchRows:
    return SearchRows.cut(rows, made("naive", {}))


def almost_without_noise(seed: int = 1) -> Dataset:
    """Returns that a penalty near zero forecasts far better than the default one does."""
    rows = made_up_rows(500, seed=seed)
    column = np.nan_to_num(rows.X[:, SPEC.names.index("return_1h")])
    noise = np.random.default_rng(seed).normal(scale=1e-4, size=len(rows))
    return replace(rows, y=column + noise)


def test_pure_noise_keeps_the_defaults_in_nearly_all_seeds() -> None:
    """60 searches of 6 trials, level 0.05: 4 or more changes have a chance of 1 in 5 at that level, 7 of 1 in 30."""
    changed = [seed for seed in range(60) if searched(made_up_rows(240, seed=seed), seed=seed).settings]
    assert len(changed) <= 6, changed


def test_a_better_setting_is_found_and_taken() -> None:
    found = searched(almost_without_noise(), trials=12)
    assert found.settings["ridge"]["penalty"] < 0.02
    sentence = found.choices[0].sentence
    assert sentence.startswith("ridge: penalty 0.0")
    assert "the best of 11 other settings changed the squared error on later training rows by -" in sentence
    assert "independent labels) where p = 0.05 is needed" in sentence


def test_what_is_only_better_where_it_was_chosen_is_not_taken() -> None:
    rows = almost_without_noise()
    cut = cut_of(rows)
    turned = rows.as_of_ms >= cut.confirm.as_of_ms[0]
    found = searched(replace(rows, y=np.where(turned, -rows.y, rows.y)), trials=12)
    assert best_of(found.trials).number > 0
    assert found.settings == {}
    assert "the defaults stay, the best of 11 other settings changed" in found.choices[0].sentence


def test_the_first_trial_is_the_defaults_so_none_is_worse() -> None:
    found = searched(almost_without_noise())
    assert (found.trials[0].number, found.trials[0].settings) == (0, {})
    best = best_of(found.trials)
    assert best.loss is not None
    assert best.loss <= (found.trials[0].loss or 0)


def test_defaults_that_nothing_beats_stay_without_a_test() -> None:
    found = searched(made_up_rows(240, seed=1), trials=1)
    assert len(found.trials) == 1
    assert (
        found.choices[0].sentence == "ridge: the defaults stay, none of 0 other settings had a smaller loss"
    )


def test_same_rows_and_seed_give_the_same_trials_to_the_bit() -> None:
    rows = made_up_rows(300, seed=2)
    assert searched(rows, "rf", "ridge", trials=4) == searched(rows, "rf", "ridge", trials=4)


def test_another_seed_tries_other_settings() -> None:
    rows = made_up_rows(300, seed=2)
    assert searched(rows, seed=1).trials[1:] != searched(rows, seed=2).trials[1:]


def test_labels_that_confirm_change_no_trial() -> None:
    rows = made_up_rows(300, seed=3)
    late = rows.as_of_ms >= cut_of(rows).confirm.as_of_ms[0]
    poisoned = replace(rows, y=np.where(late, 1e6, rows.y))
    assert searched(poisoned).trials == searched(rows).trials


def test_parts_are_in_order_and_purged_by_label_time() -> None:
    rows = made_up_rows(300, seed=3)
    cut = cut_of(replace(rows, label_end_ms=rows.as_of_ms + 5 * HOUR_MS))
    for earlier, later in ((cut.fit, cut.choose), (cut.choose, cut.confirm)):
        assert earlier.label_end_ms.max() + 5 * HOUR_MS <= later.as_of_ms.min()


def test_members_without_a_search_space_are_passed_over() -> None:
    assert searched(made_up_rows(240, seed=1), "naive", "persistence", "ewma") == NO_SEARCH


def test_what_the_horizons_file_decides_is_not_searched() -> None:
    found = searched(made_up_rows(240, seed=1), "ridge", decided={"ridge": {"penalty": 0.3}}, trials=6)
    assert {name for trial in found.trials for name in trial.settings} == {"volatility_scaled"}


def test_settings_that_were_tried_are_no_new_trial() -> None:
    found = searched(made_up_rows(240, seed=1), "ridge", decided={"ridge": {"penalty": 0.3}}, trials=20)
    assert [trial.number for trial in found.trials] == [0, 1, 2]


def test_every_trial_is_told_before_it_begins() -> None:
    told: list[str] = []
    searched(made_up_rows(240, seed=1), trials=3, told=told)
    assert told == [f"search ridge, trial {number} of 3" for number in (1, 2, 3)]


def test_a_trial_that_fails_is_recorded_and_the_search_goes_on() -> None:
    def brittle(name: str, settings: Settings) -> Member:
        if float(settings.get("penalty") or 0) > 0.1:
            raise ValueError("no penalty\nabove 0.1 today")
        return made(name, settings)

    rows = made_up_rows(240, seed=1)
    found = search(
        ("ridge",), brittle, rows, trials=8, random_state=7, decided={}, on_progress=lambda _: None
    )
    failed = [trial for trial in found.trials if trial.state == "failed"]
    assert len(found.trials) == 8
    assert 0 < len(failed) < 8
    assert {trial.reason for trial in failed} == {"no penalty above 0.1 today"}
    assert all(trial.loss is None and trial.block_losses == () for trial in failed)


def test_defaults_that_fail_end_the_search() -> None:
    rows = made_up_rows(240, seed=1)
    with pytest.raises(ValueError, match="infinite"):
        searched(replace(rows, X=np.full_like(rows.X, np.inf)))


def test_block_losses_average_to_the_loss() -> None:
    found = searched(made_up_rows(800, seed=1), trials=2)
    for trial in found.trials:
        assert len(trial.block_losses) == 16
        assert np.mean(trial.block_losses) == pytest.approx(trial.loss, rel=1e-3)


def test_long_labels_leave_fewer_blocks() -> None:
    rows = made_up_rows(300, seed=1)
    long = cut_of(replace(rows, label_end_ms=rows.as_of_ms + 5 * HOUR_MS))
    assert (cut_of(rows).blocks, long.blocks) == (16, 4)
    longer = cut_of(replace(rows, label_end_ms=rows.as_of_ms + 10 * HOUR_MS))
    assert longer.blocks == 0


def test_too_few_rows_are_refused() -> None:
    with pytest.raises(NotEnoughHistory, match="use more history"):
        searched(made_up_rows(50, seed=1))
