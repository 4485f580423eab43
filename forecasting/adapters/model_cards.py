"""Model cards: what MLflow and the bundle say of a version, copied into the document store when it is registered.

Whoever has no MLflow answers from them. They hold what does not change; what serves, and what the gate decided, is asked
of the pointer and of the decisions. A card that is absent is written by whoever lists versions or follows aliases.
"""

from __future__ import annotations

import json
import logging
import math
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from forecasting.adapters.model_version import LEAK_CERTIFICATE, RegisteredVersion
from forecasting.adapters.promotion.installation import Installation
from forecasting.adapters.report.artifacts import ReportArtifacts
from forecasting.adapters.report.report_files import SHAP_SUMMARY, ReportFiles
from forecasting.adapters.store.card_book import CardBook
from forecasting.adapters.stored_bundle import read_manifest
from forecasting.adapters.tracking import open_client, translated_errors
from forecasting.errors import DamagedBundle, MachineError
from forecasting.forecaster.manifest import BundleManifest

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class RunShown:
    """What MLflow's page of a run shows: its experiment, parameters and metrics."""

    experiment_id: str
    parameters: Mapping[str, str]
    metrics: Mapping[str, float]


def write_card(installation: Installation, version: RegisteredVersion) -> None:
    """Write the card of a version, as MLflow and the bundle tell it now; the same again changes nothing.

    Raises
    ------
    DamagedBundle
        What is registered is not the bundle of its digest.
    RegistryUnavailable, StoreUnavailable
        They cannot be used.
    """
    uri = installation.registry.tracking_uri
    client = open_client(uri)
    with translated_errors(f"read {version.title}", uri):
        manifest = read_manifest(client, version.location, version.digest, installation.bundle_folder)
        run = client.get_run(version.run_id)
    shown = RunShown(run.info.experiment_id, dict(run.data.params), dict(run.data.metrics))
    name = ReportFiles(Path(), version.model_id).name(SHAP_SUMMARY)
    told = ReportArtifacts(uri).read(version, name)
    CardBook(installation.store).keep(
        card_document(version, manifest, shown, None if told is None else json.loads(told))
    )


def try_card(installation: Installation, version: RegisteredVersion) -> bool:
    """Write a card where that is possible; whatever goes wrong, the version is registered all the same."""
    try:
        write_card(installation, version)
    except MachineError as error:
        _log.warning("the card of %s is written later: %s", version.title, error)
        return False
    return True


def sync_cards(installation: Installation, model_name: str) -> int:
    """Write the cards that are absent, and remove those of versions that are deleted; how many changed.

    Raises
    ------
    RegistryUnavailable, StoreUnavailable
        They cannot be used.
    """
    book = CardBook(installation.store)
    there = {each["digest"]: each["version"] for each in book.of_model(model_name)}
    versions = {each.digest: each for each in installation.registry.versions(model_name) if each.digest}
    absent = [each for digest, each in versions.items() if there.get(digest) != int(each.version)]
    written = sum(_written(installation, each) for each in absent)
    return written + sum(book.remove(digest) for digest in there.keys() - versions.keys())


def _written(installation: Installation, version: RegisteredVersion) -> bool:
    try:
        write_card(installation, version)
    except DamagedBundle as error:
        _log.warning("%s has no card: %s", version.title, error)
        return False
    return True


def card_document(
    version: RegisteredVersion,
    manifest: BundleManifest,
    shown: RunShown,
    explanation: Mapping[str, Any] | None,
) -> dict[str, Any]:
    """All that a card says; times are epoch milliseconds UTC, returns fractions.

    Parameters
    ----------
    version, shown
        As MLflow tells them.
    manifest
        What the bundle says of itself.
    explanation
        Content of `{model_id}_shap_summary.json`; None for a version that was not explained yet.
    """
    importances = sorted(
        zip(manifest.feature_names, manifest.importances, strict=True), key=lambda each: (-each[1], each[0])
    )
    return {
        "model_id": version.model_id,
        "model_name": version.model_name,
        "horizon": manifest.horizon["name"],
        "version": int(version.version),
        "digest": version.digest,
        "registered_ms": version.created_ms,
        "run_id": version.run_id,
        "experiment_id": shown.experiment_id,
        "symbols": list(version.symbols),
        "recipe": version.recipe,
        "leak_certificate": version.tags.get(LEAK_CERTIFICATE, ""),
        "algorithms": list(manifest.algorithms),
        "seed": manifest.random_state,
        "members": [
            {"name": name, "weight": manifest.weights[name], "shrinkage": manifest.shrinkages[name]}
            for name in manifest.members
        ],
        "scores": {name: asdict(scores) for name, scores in manifest.validation_scores.items()},
        "importances": [{"feature": name, "share": share} for name, share in importances],
        "training": asdict(manifest.boundaries),
        "data_fingerprint": manifest.data_fingerprint,
        "libraries": dict(manifest.libraries),
        "parameters": dict(_named(shown.parameters)),
        "metrics": {name: _finite(value) for name, value in _named(shown.metrics)},
        "explanation": None if explanation is None else dict(explanation),
    }


def _named(shown: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    # What people add in MLflow may have a name that a store takes for a command.
    return ((name, value) for name, value in shown.items() if not name.startswith("$"))


def _finite(value: float) -> float | None:
    return value if math.isfinite(value) else None
