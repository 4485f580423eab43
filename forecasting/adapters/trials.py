"""Trials in MLflow: what a run shows of its search, and how many trials a model has seen."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping

import pandas as pd

from forecasting.adapters.model_version import DIGEST, SEARCH_TRIALS, RegisteredVersion
from forecasting.adapters.registry import ModelRegistry
from forecasting.adapters.tracking import open_client, translated_errors
from forecasting.search import Search

TRIALS_FILE = "trials.csv"


def count_trials(registry: ModelRegistry, model_name: str) -> int:
    """Every bundle of a model that was ever registered, and every trial of their searches.

    A version that was deleted since still counts by its run, for that it was tried does not become untrue.
    """
    versions = registry.versions(model_name)
    trials = {each.digest or each.title: 1 + each.search_trials for each in versions}
    for tags in _tags_of_runs(registry, model_name):
        said = tags.get(SEARCH_TRIALS, "0")
        if DIGEST in tags:
            trials.setdefault(tags[DIGEST], 1 + (int(said) if said.isdecimal() else 0))
    return sum(trials.values())


def _tags_of_runs(registry: ModelRegistry, model_name: str) -> Iterator[Mapping[str, str]]:
    client = open_client(registry.tracking_uri)
    with translated_errors(f"count the runs of {model_name}", registry.tracking_uri):
        experiment = client.get_experiment_by_name(model_name)
        token: str | None = None
        while experiment is not None:
            found = client.search_runs([experiment.experiment_id], page_token=token)
            yield from (run.data.tags for run in found)
            token = found.token
            if not token:
                return


def search_tags(search: Search) -> dict[str, str]:
    """Tag by which a version says how many settings were tried for it; none without a search."""
    return {SEARCH_TRIALS: str(len(search.trials))} if search.trials else {}


def search_parameters(search: Search) -> dict[str, object]:
    """Name the settings that were found, by member and argument, as a run lists them."""
    return {
        f"found_{member}_{name}": value
        for member, settings in search.settings.items()
        for name, value in settings.items()
    }


def log_search(registry: ModelRegistry, version: RegisteredVersion, search: Search) -> None:
    """Show every trial on a version's run: its loss as a metric by number, and all in `trials.csv`.

    A second call changes nothing; without a search nothing is written.

    Raises
    ------
    RegistryUnavailable
        MLflow cannot be reached or written.
    """
    if not search.trials:
        return
    client = open_client(registry.tracking_uri)
    from mlflow.entities import Metric

    now_ms = int(time.time() * 1000)
    metrics = [
        Metric(f"search_{trial.member}_loss", trial.loss, now_ms, trial.number)
        for trial in search.trials
        if trial.loss is not None
    ]
    with translated_errors(f"log the trials of {version.title}", registry.tracking_uri):
        shown = client.get_run(version.run_id).data.metrics
        client.log_text(version.run_id, trials_csv(search), TRIALS_FILE)
        client.log_batch(version.run_id, metrics=[each for each in metrics if each.key not in shown])


def trials_csv(search: Search) -> str:
    """One line a trial: member, number, state, loss, whether it was taken, each setting, and why it failed."""
    records = [
        {
            "member": trial.member,
            "number": trial.number,
            "state": trial.state,
            "loss": trial.loss,
            "taken": bool(trial.settings) and trial.settings == search.settings.get(trial.member),
            **trial.settings,
            "reason": trial.reason,
        }
        for trial in search.trials
    ]
    table = pd.DataFrame.from_records(records)
    last = table.pop("reason")
    return table.assign(reason=last).to_csv(index=False, lineterminator="\n")
