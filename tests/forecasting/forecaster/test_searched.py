"""A forecaster that searches: what it tries, on which rows, and what becomes of it."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from forecasting.dataset import Dataset
from forecasting.forecaster.bundle import TRIALS_FILE, read_bundle, write_bundle
from forecasting.forecaster.forecaster import Forecaster
from forecasting.forecaster.searched import search_settings, with_found
from forecasting.horizons import Horizon
from forecasting.leakage.training_run import check_run
from forecasting.search import NO_SEARCH, Choice, Search
from tests.forecasting.rows import hourly_horizon, hourly_spec, made_up_rows

SPEC = hourly_spec()
HORIZON = hourly_horizon().model_copy(update={"members": ("naive", "ridge"), "search_trials": 8})


def almost_without_noise() -> Dataset:
    """Returns that a penalty near zero forecasts far better than the default one does."""
    rows = made_up_rows(700, seed=1)
    column = np.nan_to_num(rows.X[:, SPEC.names.index("return_1h")])
    return replace(rows, y=column + np.random.default_rng(1).normal(scale=1e-4, size=len(rows)))


ROWS = almost_without_noise()


def fit(rows: Dataset = ROWS, horizon: Horizon = HORIZON) -> Forecaster:
    return Forecaster(horizon, SPEC, ()).fit(rows)


@pytest.fixture(scope="module")
def fitted() -> Forecaster:
    return fit()


def test_without_trials_nothing_is_searched() -> None:
    plain = fit(horizon=HORIZON.with_search(0))
    assert plain.search_ is NO_SEARCH
    assert plain.trials_ == ()
    assert plain.horizon.member_settings == {}


def test_what_was_found_is_what_the_member_is_fitted_with(fitted: Forecaster) -> None:
    found = fitted.search_.settings["ridge"]
    assert fitted.members_["ridge"].penalty == found["penalty"] < 0.05
    assert len(fitted.trials_) == 8


def test_the_horizon_that_was_asked_for_stays_as_it_was(fitted: Forecaster) -> None:
    assert fitted.horizon is HORIZON


def test_what_was_found_stands_beside_what_the_horizon_gives() -> None:
    horizon = HORIZON.model_copy(update={"member_settings": {"ridge": {"uniqueness": True}}})
    found = with_found(horizon, Search((), (Choice("ridge", {"penalty": 0.3}, "taken"),)))
    assert found.member_settings == {"ridge": {"uniqueness": True, "penalty": 0.3}}


def test_labels_of_rows_that_weigh_or_judge_change_no_trial(fitted: Forecaster) -> None:
    """They are NaN while the search runs, which no fit and no loss survives."""
    split = fitted.split_
    y = np.full(len(ROWS), np.nan)
    y[split.train] = ROWS.y[split.train]
    train = replace(ROWS, y=y).take(split.train)
    found = search_settings(HORIZON, SPEC, (), 7, train, [].append)
    assert found == fitted.search_
    y[split.validation], y[split.test] = -5.0, 9.0
    assert fit(replace(ROWS, y=y)).search_ == fitted.search_


def test_same_rows_and_seed_search_and_write_the_same_bytes(fitted: Forecaster, tmp_path) -> None:
    assert write_bundle(fitted, ROWS, tmp_path / "one") == write_bundle(fit(), ROWS, tmp_path / "two")


def test_the_leak_certificate_knows_the_rows_that_were_searched(fitted: Forecaster) -> None:
    searched = set(fitted.run_.search.as_of_ms.tolist())
    assert set(fitted.run_.fit.as_of_ms.tolist()) <= searched
    assert [result.name for result in check_run(fitted.run_) if not result.passed] == []


def test_a_bundle_brings_every_trial_back(fitted: Forecaster, tmp_path) -> None:
    write_bundle(fitted, ROWS, tmp_path / "bundle")
    bundle = read_bundle(tmp_path / "bundle")
    assert bundle.forecaster.search_ == fitted.search_
    assert bundle.forecaster.trials_ == fitted.trials_
    assert TRIALS_FILE in bundle.manifest.files


def test_the_manifest_tells_what_the_members_were_fitted_with(fitted: Forecaster, tmp_path) -> None:
    write_bundle(fitted, ROWS, tmp_path / "bundle")
    horizon = read_bundle(tmp_path / "bundle").manifest.horizon
    assert horizon["member_settings"]["ridge"] == dict(fitted.search_.settings["ridge"])
    assert horizon["search_trials"] == 8


def test_a_bundle_without_a_search_has_no_file_of_trials(tmp_path) -> None:
    write_bundle(fit(horizon=HORIZON.with_search(0)), ROWS, tmp_path / "bundle")
    bundle = read_bundle(tmp_path / "bundle")
    assert TRIALS_FILE not in bundle.manifest.files
    assert bundle.forecaster.search_ == NO_SEARCH


def test_a_fit_that_ends_early_leaves_nothing_behind(tmp_path, monkeypatch) -> None:
    monkeypatch.chdir(tmp_path)

    class Interrupted(Exception):
        pass

    def interrupt(step: str) -> None:
        if step == "search ridge, trial 5 of 8":
            raise Interrupted

    forecaster = Forecaster(HORIZON, SPEC, ())
    with pytest.raises(Interrupted):
        forecaster.fit(ROWS, interrupt)
    assert list(tmp_path.iterdir()) == []
    assert forecaster.fit(ROWS).search_ == fit().search_
