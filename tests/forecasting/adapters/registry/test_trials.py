"""Trials in a real MLflow: shown once, and counted over all versions of a model."""

from __future__ import annotations

from dataclasses import replace
from io import StringIO

import pandas as pd
import pytest
from mlflow.artifacts import load_text

from forecasting.adapters.model_version import SEARCH_TRIALS
from forecasting.adapters.trials import count_trials, log_search, search_parameters, search_tags, trials_csv
from forecasting.errors import InvalidSettings
from forecasting.search import NO_SEARCH, Choice, Search, Trial

MODEL = "forecast-1h"
FOUND = Search(
    (
        Trial("ridge", 0, {}, 2e-4),
        Trial("ridge", 1, {"penalty": 0.003}, 1e-4),
        Trial("ridge", 2, {"penalty": 2.0}, None, (), "it broke, twice"),
    ),
    (Choice("ridge", {"penalty": 0.003}, "ridge: taken"),),
)


def register(registry, fitted, search=NO_SEARCH):
    return registry.register(
        fitted.folder,
        parameters=search_parameters(search),
        metrics={},
        tags=search_tags(search),
        run_name="training",
    )


def test_every_version_and_every_trial_counts(registry, bundles):
    assert count_trials(registry, MODEL) == 0
    register(registry, bundles[0])
    assert count_trials(registry, MODEL) == 1
    register(registry, bundles[1], FOUND)
    register(registry, bundles[2], FOUND)
    assert count_trials(registry, MODEL) == 1 + (1 + 3) + (1 + 3)


def test_a_version_that_is_registered_again_counts_once(registry, bundles):
    for _ in range(2):
        register(registry, bundles[0], FOUND)
    assert count_trials(registry, MODEL) == 4


def test_a_version_that_was_deleted_counts_on(registry, bundles):
    register(registry, bundles[0], FOUND)
    registry.delete(register(registry, bundles[1], FOUND))
    assert count_trials(registry, MODEL) == (1 + 3) + (1 + 3)


def test_versions_of_other_models_do_not_count(registry, bundles):
    register(registry, bundles[0])
    assert count_trials(registry, "forecast-1d") == 0


def test_a_tag_that_is_no_number_is_told(registry, bundles):
    version = register(registry, bundles[0])
    spoilt = replace(version, tags={SEARCH_TRIALS: "many"})
    with pytest.raises(
        InvalidSettings,
        match="forecast-1h version 1: its tag search_trials is 'many', a whole number is needed",
    ):
        _ = spoilt.search_trials


def test_the_run_shows_every_trial_once(registry, bundles):
    version = register(registry, bundles[0], FOUND)
    for _ in range(2):
        log_search(registry, version, FOUND)
    client = registry._client
    run = client.get_run(version.run_id)
    history = client.get_metric_history(version.run_id, "search_ridge_loss")
    assert [(each.step, each.value) for each in history] == [(0, 2e-4), (1, 1e-4)]
    assert run.data.params == {"found_ridge_penalty": "0.003"}
    assert load_text(f"{run.info.artifact_uri}/trials.csv") == trials_csv(FOUND)


def test_without_a_search_a_run_shows_nothing_of_one(registry, bundles):
    version = register(registry, bundles[0])
    log_search(registry, version, NO_SEARCH)
    client = registry._client
    assert client.list_artifacts(version.run_id) == []
    assert SEARCH_TRIALS not in version.tags


def test_the_table_says_what_became_of_each_trial():
    table = pd.read_csv(StringIO(trials_csv(FOUND)))
    assert list(table.columns) == ["member", "number", "state", "loss", "taken", "penalty", "reason"]
    assert table["state"].tolist() == ["finished", "finished", "failed"]
    assert table["taken"].tolist() == [False, True, False]
    assert table["reason"].iloc[2] == "it broke, twice"
